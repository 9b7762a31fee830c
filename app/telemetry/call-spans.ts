import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { CallEvent, CallObserver } from '../conversation/observer.ts';
import type { TurnTimes } from '../conversation/trace.ts';
import type { TurnRecord } from '../conversation/turn-record.ts';
import { errorTable } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { codeOf } from './call-metrics.ts';

interface TracedCall {
  readonly span: Span;
  readonly context: Context;
  /** By the calendar; the times of turns count from there. */
  answeredAtMs: number;
  /** The last turn, of which more may still be told. */
  turn: TurnRecord | undefined;
}

/** The stages of a turn: from one of its moments to another. Some run while others do, as the thinking while silence is judged. */
const stages = [
  ['caller speaks', 'speechStarted', 'speechEnded'],
  ['end of turn', 'speechEnded', 'turnOver'],
  ['hearing', 'speechEnded', 'finalText'],
  ['understanding', 'finalText', 'understood'],
  ['skill', 'understood', 'done'],
  ['synthesis', 'done', 'synthesised'],
  ['first sound', 'synthesised', 'started'],
] as const;

type StageName = (typeof stages)[number][0];

/**
 * One trace of each call: `call`, in it each `turn`, and in that its stages. Nothing of what is said, no number of a
 * caller and no key stands in them.
 */
export function traceCalls(tracer: Tracer, clock: Clock): CallObserver {
  const calls = new Map<string, TracedCall>();

  function tellTurn(call: TracedCall): void {
    const { turn, context, answeredAtMs } = call;
    call.turn = undefined;
    if (turn !== undefined) traceTurn(tracer, context, answeredAtMs, turn);
  }

  return {
    callBegan({ callId, startedAt, dialled, language, resumed }) {
      const span = tracer.startSpan(
        'call',
        {
          kind: SpanKind.SERVER,
          startTime: startedAt,
          attributes: {
            'parley.call.id': callId,
            'parley.call.dialled': dialled,
            'parley.call.language': language,
            'parley.call.resumed': resumed,
          },
        },
        ROOT_CONTEXT,
      );
      const context = trace.setSpan(ROOT_CONTEXT, span);
      calls.set(callId, { span, context, answeredAtMs: startedAt.getTime(), turn: undefined });
    },
    happened(callId, event, atMs) {
      const call = calls.get(callId);
      if (call === undefined) return;
      if (event.kind === 'answered') {
        call.answeredAtMs = clock.now().getTime();
        call.span.setAttribute('parley.call.line', event.lineKind ?? 'unknown');
      }
      if (event.kind === 'taken-back') call.turn = undefined;
      const attributes = attributesOf(event);
      if (attributes !== undefined) call.span.addEvent(event.kind, attributes, call.answeredAtMs + atMs);
    },
    turn(callId, turn) {
      const call = calls.get(callId);
      if (call === undefined) return;
      if (call.turn?.turn !== turn.turn) tellTurn(call);
      call.turn = turn;
    },
    callEnded(callId, { endedAt, endedBy }) {
      const call = calls.get(callId);
      if (call === undefined) return;
      calls.delete(callId);
      tellTurn(call);
      call.span.setAttribute('parley.call.ended_by', endedBy);
      if (endedBy === 'failure') call.span.setStatus({ code: SpanStatusCode.ERROR });
      call.span.end(endedAt);
    },
  };
}

/** Of an event that is told; undefined for those that come all the time, and for keys. */
function attributesOf(event: CallEvent): Attributes | undefined {
  switch (event.kind) {
    case 'answered':
    case 'barge-in':
    case 'false-interruption':
      return {};
    case 'taken-back':
      return { 'parley.turn': event.turn };
    case 'asked-again':
      return { 'parley.times': event.times };
    case 'connected-back':
      return { 'parley.outcome': event.outcome };
    case 'farewell':
      return { 'parley.why': event.why };
    case 'failed':
      return { 'parley.error': codeOf(event.error) };
    default:
      return undefined;
  }
}

function traceTurn(tracer: Tracer, call: Context, answeredAtMs: number, turn: TurnRecord): void {
  const { times } = turn;
  const known = Object.values(times);
  if (known.length === 0) return;
  const at = (ms: number): number => answeredAtMs + ms;
  const span = tracer.startSpan(
    'turn',
    {
      startTime: at(Math.min(...known)),
      attributes: {
        'parley.turn': turn.turn,
        'parley.intent': turn.intent,
        'parley.confidence': turn.confidence,
        'parley.decision': turn.decision,
        'parley.outcome': turn.outcome,
        'parley.keyed': turn.keyed,
      },
    },
    call,
  );
  // The caller was told of an error.
  if (Object.hasOwn(errorTable, turn.outcome))
    span.setStatus({ code: SpanStatusCode.ERROR, message: turn.outcome });
  const inTurn = trace.setSpan(call, span);
  for (const [name, from, to] of stages) {
    const began = beginningOf(name, from, times);
    const ended = times[to];
    if (began === undefined || ended === undefined) continue;
    tracer
      .startSpan(name, { startTime: at(began), attributes: stageAttributes(name, turn) }, inTurn)
      .end(at(Math.max(began, ended)));
  }
  span.end(at(Math.max(...known)));
}

/** An answer that is ready before the turn is over waits for that. */
function beginningOf(name: StageName, from: keyof TurnTimes, times: TurnTimes): number | undefined {
  const began = times[from];
  return name === 'first sound' && began !== undefined ? Math.max(began, times.turnOver ?? began) : began;
}

function stageAttributes(name: StageName, { engines, rungs }: TurnRecord): Attributes {
  const engine = { hearing: engines.heardBy, synthesis: engines.spokenBy }[name as 'hearing' | 'synthesis'];
  if (engine !== undefined) return { 'parley.engine': engine };
  if (name !== 'understanding' || rungs.length === 0) return {};
  return { 'parley.rungs': rungs.map((rung) => `${rung.name}: ${rung.outcome}, ${Math.round(rung.ms)} ms`) };
}
