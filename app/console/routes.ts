import { z } from 'zod';
import { ParleyError } from '../errors.ts';
import { peaksOf } from '../media/peaks.ts';
import type { CallStore, StoredCall, StoredTurn } from '../store/spec.ts';
import {
  type Call,
  callPageSchema,
  callQuerySchema,
  type Content,
  contentSchema,
  figuresQuerySchema,
  figuresSchema,
  liveCallSchema,
  type Peaks,
  peaksQuerySchema,
  peaksSchema,
  type Status,
  statusSchema,
  type Turn,
  wholeCallSchema,
} from './contract.ts';
import type { LiveCalls } from './live.ts';
import { type RecordingFiles, sendRecording } from './recording.ts';
import type { ConsoleApp } from './spec.ts';

export interface RouteParts {
  readonly live: LiveCalls;
  readonly store: CallStore;
  readonly recordings: RecordingFiles;
  readonly content: Content;
  readonly status: () => Status;
  /** Ends a call that runs. @returns whether there is such a call. */
  readonly hangUp: (callId: string) => boolean;
  /** Ends what is still asked when the console closes. */
  readonly signal: AbortSignal;
}

/** How long the store may take for one answer; a month's figures are the slowest. */
const storeDeadlineMs = 15_000;
/** Waveforms that are kept ready. */
const keptPeaks = 64;

const byId = z.strictObject({ id: z.string().min(1).max(100) });

/** What the operator asks: the calls that run, those that are over, figures, the bot's content. */
export function serveCalls(app: ConsoleApp, parts: RouteParts): void {
  const { live, store, recordings, content, status, hangUp } = parts;
  const peaks = new Map<string, Peaks>();
  const within = () => ({ signal: AbortSignal.any([parts.signal, AbortSignal.timeout(storeDeadlineMs)]) });

  /** @throws ParleyError `console-not-found`, `store-unavailable`. */
  const stored = async (id: string): Promise<StoredCall> => {
    const call = await store.call(id, within());
    if (call === undefined) throw new ParleyError('console-not-found', { what: 'call' });
    return call;
  };
  /** @throws ParleyError `console-not-found`. */
  const recordingOf = async (id: string) => {
    const { recording } = await stored(id);
    const file = recording === null ? undefined : recordings.pathOf(recording.file);
    if (recording === null || file === undefined)
      throw new ParleyError('console-not-found', { what: 'recording' });
    return { ...recording, file };
  };

  app.get('/api/status', { schema: { summary: 'How Parley is.', response: { 200: statusSchema } } }, () =>
    status(),
  );
  app.get(
    '/api/calls/live',
    { schema: { summary: 'The calls that run.', response: { 200: z.array(liveCallSchema).readonly() } } },
    () => live.calls,
  );
  app.post(
    '/api/calls/live/:id/hang-up',
    { schema: { summary: 'Ends a call that runs.', params: byId, response: { 200: z.object({}) } } },
    ({ params: { id } }) => {
      if (!hangUp(id)) throw new ParleyError('console-not-found', { what: 'call' });
      return {};
    },
  );
  app.get(
    '/api/calls',
    {
      schema: {
        summary: 'Calls that are kept, newest first, page by page.',
        querystring: callQuerySchema,
        response: { 200: callPageSchema },
      },
    },
    async ({ query }) => {
      const { calls, next } = await store.calls(query, within());
      return { calls: calls.map(shownCall), next };
    },
  );
  app.get(
    '/api/calls/:id',
    { schema: { summary: 'A call with all of it.', params: byId, response: { 200: wholeCallSchema } } },
    async ({ params: { id } }) => {
      const call = await stored(id);
      const [turns, events] = await Promise.all([store.turnsOf(id, within()), store.eventsOf(id, within())]);
      return { call: shownCall(call), turns: turns.map(shownTurn), events };
    },
  );
  app.get(
    '/api/calls/:id/recording',
    {
      schema: {
        summary: 'Both voices, the caller left and the bot right; also in parts (Range).',
        params: byId,
        produces: ['audio/wav'],
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { file } = await recordingOf(id);
      return sendRecording(file, `${id.replace(/[^\w-]/g, '')}.wav`, request, reply);
    },
  );
  app.get(
    '/api/calls/:id/peaks',
    {
      schema: {
        summary: 'The waveform of both voices.',
        params: byId,
        querystring: peaksQuerySchema,
        response: { 200: peaksSchema },
      },
    },
    async ({ params: { id }, query: { count } }) => {
      const { file, startsAtMs, ms } = await recordingOf(id);
      const name = `${file} ${count}`;
      const known = peaks.get(name);
      if (known !== undefined) return known;
      const { left, right } = await peaksOf(file, count, within()).catch((cause: unknown) => {
        throw new ParleyError('console-not-found', { what: 'recording' }, { cause });
      });
      const made = { startsAtMs, ms, caller: left, bot: right };
      peaks.set(name, made);
      const [oldest] = peaks.keys();
      if (peaks.size > keptPeaks && oldest !== undefined) peaks.delete(oldest);
      return made;
    },
  );
  app.get(
    '/api/figures',
    {
      schema: {
        summary: 'What happened in each stretch of time, and in all of it.',
        querystring: figuresQuerySchema,
        response: { 200: figuresSchema },
      },
    },
    ({ query }) => store.figures(query, within()),
  );
  app.get(
    '/api/content',
    { schema: { summary: 'What the bot understands and says.', response: { 200: contentSchema } } },
    () => content,
  );
}

/** Where the file lies is nobody's business. */
function shownCall({ recording, ...call }: StoredCall): Call {
  if (recording === null) return { ...call, recording };
  const { startsAtMs, ms, bytes, sampleRateHz } = recording;
  return { ...call, recording: { startsAtMs, ms, bytes, sampleRateHz } };
}

function shownTurn(turn: StoredTurn): Turn {
  return { ...turn, slots: { ...turn.slots } };
}
