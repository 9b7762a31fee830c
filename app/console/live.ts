import type { CallBeginning, CallEnding, CallEvent, CallObserver } from '../conversation/observer.ts';
import type { TurnRecord } from '../conversation/turn-record.ts';
import type { Clock } from '../ops/clock.ts';
import { storedEvent } from '../store/keeper.ts';
import type { ConsoleEvent, LiveCall, Turn } from './contract.ts';

/** Of a call's turns and sentences the latest are shown live; all of them are in what is kept. */
const shown = 200;

/** The calls that run, and what happens in them, told on as it happens. */
export class LiveCalls implements CallObserver {
  readonly #calls = new Map<string, LiveCall>();
  readonly #clock: Clock;
  #tell: (event: ConsoleEvent) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** One listener. */
  onEvent(listener: (event: ConsoleEvent) => void): void {
    this.#tell = listener;
  }

  /** In the order in which they began. */
  get calls(): readonly LiveCall[] {
    return [...this.#calls.values()];
  }

  callBegan({ callId, startedAt, caller, dialled, language, resumed }: CallBeginning): void {
    const call: LiveCall = {
      id: callId,
      caller: { number: caller.number, name: caller.name },
      dialled,
      language,
      resumed,
      startedAtMs: startedAt.getTime(),
      answeredAtMs: null,
      lineKind: null,
      floor: 'arriving',
      hearing: '',
      saying: '',
      turns: [],
      sentences: [],
    };
    this.#calls.set(callId, call);
    this.#tell({ name: 'call-began', data: call });
  }

  happened(callId: string, event: CallEvent, atMs: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.set(callId, afterEvent(call, event, atMs, this.#clock.now().getTime()));
    this.#tell({ name: 'call-event', data: { callId, event: storedEvent(event, atMs) } });
  }

  turn(callId: string, record: TurnRecord): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    // The record keeps growing.
    const { turn: number, ...rest } = structuredClone(record);
    const turn: Turn = { number, ...rest, slots: { ...rest.slots } };
    const others = call.turns.filter((one) => one.number !== number);
    this.#calls.set(callId, { ...call, hearing: '', turns: [...others, turn].slice(-shown) });
    this.#tell({ name: 'turn', data: { callId, turn } });
  }

  callEnded(callId: string, { endedAt, endedBy, recording }: CallEnding): void {
    if (!this.#calls.delete(callId)) return;
    const data = { callId, endedAtMs: endedAt.getTime(), endedBy, recorded: recording !== undefined };
    this.#tell({ name: 'call-ended', data });
  }
}

function afterEvent(call: LiveCall, event: CallEvent, atMs: number, nowMs: number): LiveCall {
  switch (event.kind) {
    case 'answered':
      return { ...call, answeredAtMs: nowMs, lineKind: event.lineKind ?? null };
    case 'floor':
      return {
        ...call,
        floor: event.floor,
        saying: event.floor === 'bot' ? call.saying : '',
        hearing: event.floor === 'caller' || event.floor === 'thinking' ? call.hearing : '',
      };
    case 'hearing':
      return { ...call, hearing: event.text };
    case 'saying': {
      const sentence = { atMs, text: event.text, turn: event.turn ?? null };
      return { ...call, saying: event.text, sentences: [...call.sentences, sentence].slice(-shown) };
    }
    case 'stopped':
      return { ...call, saying: '' };
    case 'taken-back':
      return { ...call, turns: call.turns.filter(({ number }) => number !== event.turn) };
    default:
      return call;
  }
}
