import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.ts';
import { eventData } from './sse.ts';
import type { Tool } from './tools.ts';

/** Of the OpenAI chat completions interface, what is used here: https://platform.openai.com/docs/api-reference/chat */

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What a model says: words as they come, or one function that it calls, when it is told completely. */
export type ChatEvent =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: string };

export interface ServerOptions {
  readonly baseUrl: string;
  readonly key?: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

export interface ChatOptions extends ServerOptions {
  readonly model: string;
  readonly temperature?: number;
}

const text = z.string().nullish();
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: text,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().min(0).default(0),
                  function: z.object({ name: text, arguments: text }).optional(),
                }),
              )
              .nullish(),
          })
          .default({}),
        finish_reason: text,
      }),
    )
    .default([]),
  error: z.unknown().optional(),
});

/** Those of a function that nobody has; more is a server gone wild. */
const longestArguments = 20_000;

/** Its name in the configuration and in errors. */
export const provider = 'model';

/**
 * One question to the server, its answer as it comes.
 * @throws ParleyError `nlu-unavailable`, `nlu-key-refused`, `nlu-rejected`, `nlu-garbled`; the signal's reason.
 */
export async function* chat(
  messages: readonly Message[],
  tools: readonly Tool[],
  options: ChatOptions,
): AsyncGenerator<ChatEvent> {
  const { model, temperature, signal } = options;
  try {
    const { body } = await ask('/chat/completions', options, {
      model,
      stream: true,
      messages,
      ...(tools.length > 0 && { tools: tools.map(({ definition }) => definition) }),
      ...(temperature !== undefined && { temperature }),
    });
    if (body !== null) yield* eventsIn(body);
  } catch (error) {
    throw coded(error, signal);
  }
}

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The names of all models that the server has. @throws as {@link chat}. */
export async function modelsOf(options: ServerOptions): Promise<readonly string[]> {
  try {
    const response = await ask('/models', options);
    return modelsSchema.parse(await response.json()).data.map(({ id }) => id);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      throw garbled('its list of models is none', error);
    throw coded(error, options.signal);
  }
}

/** A POST of the body, or a GET without one. */
async function ask(
  path: string,
  { baseUrl, key, fetch, signal }: ServerOptions,
  body?: object,
): Promise<Response> {
  const request: RequestInit = {
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    signal,
  };
  const url = `${baseUrl.replace(/\/+$/, '')}${path}`;
  // A server that closes a kept connection resets the next request on it: that one is sent again.
  const response = await fetch(url, request).catch((error: unknown) => {
    if (signal.aborted || !wasReset(error)) throw error;
    return fetch(url, request);
  });
  if (response.ok) return response;
  const { status } = response;
  await response.body?.cancel();
  if (status === 401 || status === 403) throw new ParleyError('nlu-key-refused', { provider, status });
  const reason = `it answered with status ${status}`;
  const passing = status === 408 || status === 429 || status >= 500;
  throw new ParleyError(passing ? 'nlu-unavailable' : 'nlu-rejected', { provider, reason });
}

function coded(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof ParleyError) return error;
  if (error instanceof RangeError) return garbled(error.message, error);
  return new ParleyError('nlu-unavailable', { provider, reason: reasonOf(error) }, { cause: error });
}

async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<ChatEvent> {
  let finished = false;
  let name = '';
  let given = '';
  for await (const data of eventData(body)) {
    if (data === '[DONE]') {
      finished = true;
      break;
    }
    const { choices, error } = readChunk(data);
    if (error !== undefined && error !== null)
      throw new ParleyError('nlu-unavailable', { provider, reason: 'it broke off with an error of its own' });
    for (const { delta, finish_reason } of choices.slice(0, 1)) {
      if (delta.content) yield { kind: 'words', text: delta.content };
      // Of several functions, the first: a caller asks for one thing at a time.
      for (const { index, function: called } of delta.tool_calls ?? []) {
        if (index !== 0) continue;
        name += called?.name ?? '';
        given += called?.arguments ?? '';
        if (given.length > longestArguments) throw garbled('the arguments of a function have no end');
      }
      if (finish_reason) finished = true;
    }
  }
  if (!finished) throw new ParleyError('nlu-unavailable', { provider, reason: 'its answer broke off' });
  if (name !== '') yield { kind: 'call', name, arguments: given };
}

function readChunk(data: string): z.output<typeof chunkSchema> {
  try {
    return chunkSchema.parse(JSON.parse(data));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw garbled(reason, error);
  }
}

/** An answer that is not what the interface promises. */
export function garbled(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('nlu-garbled', { provider, reason }, cause === undefined ? {} : { cause });
}

/** fetch hides why it failed in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? `${messageOf(error)}: ${cause.message}` : messageOf(error);
}

function wasReset(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}
