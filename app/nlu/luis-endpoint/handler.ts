import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { Language } from '../../speech/spec.ts';
import type { Understander, Understanding } from '../spec.ts';
import { luisEntities, luisIntents, type LuisEntity, type LuisTerms } from './prediction.ts';

export interface LuisHandlerOptions {
  readonly understander: Understander;
  readonly terms: LuisTerms;
  readonly language: Language;
  /** The only app there is. */
  readonly appId: string;
  /** What clients must send; no key is asked for when absent. */
  readonly key?: string;
  /** How long understanding may take. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a client asked, whichever way. */
interface Question {
  readonly query: string;
  readonly verbose: boolean;
  readonly allIntents: boolean;
  readonly now: Date;
}

/** An error as LUIS tells it. */
class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// LUIS's own limit.
const longestQuery = 500;
const mostBytes = 65_536;
const v3 =
  /^\/luis\/(?:prediction\/)?v3\.0\/apps\/([^/]+)\/(?:slots\/(?:production|staging)|versions\/[^/]+)\/predict\/?$/;
const v2 = /^\/luis\/v2\.0\/apps\/([^/]+)\/?$/;

const bodySchema = z.object({
  query: z.string(),
  options: z.object({ datetimeReference: z.coerce.date().optional() }).optional(),
});

/**
 * Answers requests of LUIS's prediction interface, v3.0 and v2.0, with Parley's own understanding: clients of LUIS work
 * again with a changed address. Belongs to any HTTP server of node:http.
 */
export function createLuisHandler(
  options: LuisHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { understander, terms, language, appId, key, deadlineMs, clock, log } = options;

  return async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      send(response, 200, await answer(request, gone.signal));
    } catch (error) {
      if (gone.signal.aborted) return;
      const known = error instanceof Refusal;
      if (!known) log.warn('a client of LUIS could not be answered', { error });
      const { status, code } = known ? error : { status: 500, code: 'InternalServerError' };
      const message = known ? messageOf(error) : 'The utterance could not be understood.';
      // What is left of a body that is too long is not read.
      if (status === 413) response.setHeader('connection', 'close');
      if (status === 405) response.setHeader('allow', 'GET, POST');
      send(response, status, { error: { code, message } });
    }
  };

  async function answer(request: IncomingMessage, gone: AbortSignal): Promise<object> {
    const url = new URL(request.url ?? '/', 'http://parley');
    const [third, second] = [v3.exec(url.pathname), v2.exec(url.pathname)];
    const app = third?.[1] ?? second?.[1];
    if (app === undefined) throw new Refusal(404, 'NotFound', 'There is no such resource.');
    if (!isKey(request.headers['ocp-apim-subscription-key'] ?? url.searchParams.get('subscription-key')))
      throw new Refusal(
        401,
        '401',
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key and the right address.',
      );
    if (app.toLowerCase() !== appId.toLowerCase())
      throw new Refusal(404, 'NotFound', `The requested application '${app}' was not found.`);
    const question = third === null ? await v2Question(request, url) : await v3Question(request, url);
    const { query, now } = question;
    if (query.trim() === '') throw new Refusal(400, 'BadArgument', 'The query must not be empty.');
    if (query.length > longestQuery)
      throw new Refusal(400, 'BadArgument', `The query is longer than ${longestQuery} characters.`);
    const signal = AbortSignal.any([gone, AbortSignal.timeout(deadlineMs)]);
    const understanding = await understander.understand(query, { language, signal, now });
    return third === null ? asV2(understanding, question) : asV3(understanding, question);
  }

  function isKey(given: string | readonly string[] | null): boolean {
    if (key === undefined) return true;
    return typeof given === 'string' && timingSafeEqual(digest(given), digest(key));
  }

  async function v3Question(request: IncomingMessage, { searchParams }: URL): Promise<Question> {
    const flags = {
      verbose: isOn(searchParams.get('verbose')),
      allIntents: isOn(searchParams.get('show-all-intents')),
    };
    if (request.method === 'GET')
      return { query: searchParams.get('query') ?? '', ...flags, now: clock.now() };
    const body = bodySchema.safeParse(await jsonOf(request));
    if (!body.success) throw new Refusal(400, 'BadArgument', 'The body must be {"query": "..."}.');
    const { query, options: more } = body.data;
    return { query, ...flags, now: more?.datetimeReference ?? clock.now() };
  }

  async function v2Question(request: IncomingMessage, { searchParams }: URL): Promise<Question> {
    const verbose = isOn(searchParams.get('verbose'));
    const query = request.method === 'GET' ? searchParams.get('q') : await jsonOf(request);
    if (typeof query !== 'string') throw new Refusal(400, 'BadArgument', 'The query (q) is missing.');
    return { query, verbose, allIntents: verbose, now: clock.now() };
  }

  function asV3(understanding: Understanding, { query, verbose, allIntents, now }: Question): object {
    const intents = luisIntents(understanding, terms);
    const shown = allIntents ? intents : intents.slice(0, 1);
    const values: Record<string, unknown[]> = {};
    const instances: Record<string, object[]> = {};
    for (const entity of luisEntities(understanding, now, terms)) {
      (values[entity.name] ??= []).push(entity.value);
      (instances[entity.name] ??= []).push(instanceOf(entity));
    }
    return {
      query,
      prediction: {
        topIntent: intents[0]?.name ?? 'None',
        intents: Object.fromEntries(shown.map(({ name, score }) => [name, { score }])),
        entities: verbose && Object.keys(values).length > 0 ? { ...values, $instance: instances } : values,
      },
    };
  }

  function asV2(understanding: Understanding, { query, verbose, now }: Question): object {
    const intents = luisIntents(understanding, terms).map(({ name, score }) => ({ intent: name, score }));
    return {
      query,
      topScoringIntent: intents[0],
      ...(verbose && { intents }),
      entities: luisEntities(understanding, now, terms).map(({ type, text, start, end, value }) => ({
        entity: text.toLowerCase(),
        type,
        startIndex: start,
        endIndex: end - 1,
        resolution: Array.isArray(value)
          ? { values: value as unknown[] }
          : isRecord(value)
            ? value
            : { value },
      })),
    };
  }
}

function instanceOf({ type, modelTypeId, modelType, text, start, end }: LuisEntity): object {
  return {
    type,
    text,
    startIndex: start,
    length: end - start,
    modelTypeId,
    modelType,
    recognitionSources: ['model'],
  };
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  if (request.method !== 'POST') throw new Refusal(405, 'MethodNotAllowed', 'Use GET or POST.');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > mostBytes) throw new Refusal(413, 'RequestEntityTooLarge', 'The body is too long.');
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new Refusal(400, 'BadArgument', 'The body is no JSON.');
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

function isOn(flag: string | null): boolean {
  return flag?.toLowerCase() === 'true';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
