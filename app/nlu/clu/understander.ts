import { messageOf } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Language } from '../../speech/spec.ts';
import { askService, ServiceFailure, shortened } from '../remote/service.ts';
import type { PredictionReader } from '../remote/understanding.ts';
import type { Understander } from '../spec.ts';
import { answerSchema, readPrediction } from './prediction.ts';

export interface CluOptions {
  /** Such as `https://NAME.cognitiveservices.azure.com`. */
  readonly endpoint: string;
  readonly project: string;
  readonly deployment: string;
  readonly key: string;
  readonly languages: readonly Language[];
  readonly reader: PredictionReader;
  readonly clock: Clock;
  /** IANA name of the zone that callers are taken to be in. */
  readonly timeZone: string;
}

const name = 'clu';
const apiVersion = '2023-04-01';
const mostBytes = 1_000_000;

/**
 * Understanding by Azure's conversational language understanding, over its REST interface
 * (https://learn.microsoft.com/rest/api/language/conversation-analysis-runtime/analyze-conversation).
 */
export function createCluUnderstander(options: CluOptions): Understander {
  const { endpoint, project, deployment, key, languages, reader, clock, timeZone } = options;
  const url = new URL(
    `${endpoint.replace(/\/+$/, '')}/language/:analyze-conversations?api-version=${apiVersion}`,
  );

  return {
    name,
    can: { languages },
    async understand(text, understandOptions) {
      const { signal, now, language } = understandOptions;
      signal.throwIfAborted();
      const known = reader.alone(text, understandOptions);
      if (known !== undefined) return known;
      const query = shortened(text);
      const answer = await askService((within) => ask(query, language, within), {
        provider: name,
        clock,
        signal,
      });
      return reader.read(text, readPrediction(answer, now, timeZone), understandOptions);
    },
    close: () => Promise.resolve(),
  };

  async function ask(text: string, language: Language, signal: AbortSignal) {
    let response: Response;
    let body: string;
    try {
      response = await fetch(url, {
        method: 'POST',
        // fetch lets go of a signal only when garbage is collected; the call's would gather listeners.
        signal: AbortSignal.any([signal]),
        redirect: 'error',
        headers: { 'content-type': 'application/json', 'Ocp-Apim-Subscription-Key': key },
        body: JSON.stringify({
          kind: 'Conversation',
          analysisInput: {
            conversationItem: { id: '1', participantId: 'caller', modality: 'text', language, text },
          },
          parameters: {
            projectName: project,
            deploymentName: deployment,
            stringIndexType: 'Utf16CodeUnit',
            isLoggingEnabled: false,
          },
        }),
      });
      body = await bodyOf(response);
    } catch (cause) {
      if (cause instanceof ServiceFailure) throw cause;
      throw new ServiceFailure(reasonOf(cause), { cause });
    }
    const { status } = response;
    if (!response.ok)
      throw new ServiceFailure(`it answered with status ${status}`, {
        status,
        retryAfter: response.headers.get('retry-after'),
      });
    return parse(body);
  }
}

function parse(body: string) {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch (cause) {
    throw new ServiceFailure('it answered something that is not its format', { status: 200, cause });
  }
}

async function bodyOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > mostBytes) throw new ServiceFailure('its answer is far too long', { status: 200 });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** fetch throws `TypeError: fetch failed` with what happened as its cause. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}
