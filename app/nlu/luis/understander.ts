import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { LUISRuntimeClient, type LUISRuntimeModels } from '@azure/cognitiveservices-luis-runtime';
import { messageOf } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import { askService, ServiceFailure, shortened } from '../remote/service.ts';
import type { PredictionReader } from '../remote/understanding.ts';
import type { Language } from '../../speech/spec.ts';
import type { Understander } from '../spec.ts';
import { readPrediction } from './prediction.ts';

export interface LuisOptions {
  /** Such as `https://NAME.cognitiveservices.azure.com`. */
  readonly endpoint: string;
  readonly appId: string;
  /** `production` or `staging`. */
  readonly slot: string;
  readonly key: string;
  readonly languages: readonly Language[];
  readonly reader: PredictionReader;
  readonly clock: Clock;
  /** IANA name of the zone that callers are taken to be in. */
  readonly timeZone: string;
}

// What the client takes for a signal is older than today's: the same, with fewer members.
type ItsSignal = NonNullable<LUISRuntimeModels.PredictionGetSlotPredictionOptionalParams['abortSignal']>;

const name = 'luis';

/** Understanding by LUIS, or whatever speaks its v3.0 prediction interface, through Microsoft's own runtime client. */
export function createLuisUnderstander(options: LuisOptions): Understander {
  const { endpoint, appId, slot, key, languages, reader, clock, timeZone } = options;
  // Without agents of our own, each request would be a connection of its own.
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const credentials = {
    signRequest: <T extends { headers: { set(name: string, value: string): void } }>(request: T) => {
      request.headers.set('Ocp-Apim-Subscription-Key', key);
      return Promise.resolve(request);
    },
  };
  const clientOver = (agentSettings: typeof agents): LUISRuntimeClient =>
    new LUISRuntimeClient(credentials, endpoint.replace(/\/+$/, ''), {
      agentSettings,
      // What is tried again, and how long it may take, is decided here.
      noRetryPolicy: true,
      redirectOptions: { handleRedirects: false },
    });
  const client = clientOver(agents);
  // A kept connection that broke may not be the only one: the second try takes a new one.
  const afresh = clientOver({ http: new HttpAgent(), https: new HttpsAgent() });

  return {
    name,
    can: { languages },
    async understand(text, understandOptions) {
      const { signal, now } = understandOptions;
      signal.throwIfAborted();
      const known = reader.alone(text, understandOptions);
      if (known !== undefined) return known;
      const query = shortened(text);
      const prediction = await askService(
        async (within, again) => {
          const answer = await ask(again ? afresh : client, query, now, within);
          try {
            return readPrediction(answer.prediction, now, timeZone);
          } catch (cause) {
            throw new ServiceFailure('it answered something that is not its format', { status: 200, cause });
          }
        },
        { provider: name, clock, signal },
      );
      return reader.read(text, prediction, understandOptions);
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
      return Promise.resolve();
    },
  };

  async function ask(
    from: LUISRuntimeClient,
    query: string,
    now: Date,
    signal: AbortSignal,
  ): Promise<{ readonly prediction: unknown }> {
    const work = from.prediction.getSlotPrediction(
      appId,
      slot,
      { query, options: { datetimeReference: now } },
      { verbose: true, showAllIntents: true, log: false, abortSignal: signal as unknown as ItsSignal },
    );
    const settled = new AbortController();
    // At once, however long the client takes to notice.
    const aborted = new Promise<never>((_, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true, signal: settled.signal });
    });
    try {
      return await Promise.race([work, aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error);
    } finally {
      settled.abort();
    }
  }
}

interface RestError {
  readonly statusCode?: number;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
}

function failureOf(cause: unknown): ServiceFailure {
  const { statusCode, response } = cause as RestError;
  const reason = statusCode === undefined ? messageOf(cause) : `it answered with status ${statusCode}`;
  return new ServiceFailure(reason, {
    ...(statusCode !== undefined && { status: statusCode }),
    retryAfter: response?.headers?.get('retry-after'),
    cause,
  });
}
