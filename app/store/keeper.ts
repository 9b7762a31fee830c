import type { CallBeginning, CallEnding, CallEvent, CallObserver } from '../conversation/observer.ts';
import type { TurnRecord } from '../conversation/turn-record.ts';
import { ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { createMasking, type Masking } from './masking.ts';
import type { Incident, StoredEvent, StoredRecording, StoreRecord } from './spec.ts';
import { WriteQueue, type WriteQueueOptions } from './write-queue.ts';

export interface CallKeeperOptions extends WriteQueueOptions {
  /** Digits in a row from which they are masked; 0 masks none. */
  readonly maskDigits: number;
}

/** What is known of a call while it runs. */
interface Running {
  answeredAtMs: number | undefined;
  events: number;
}

/** Keeps what happens in calls: takes a note and returns; nothing that befalls the database reaches a call. */
export class CallKeeper implements CallObserver {
  readonly #queue: WriteQueue;
  readonly #masking: Masking;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  #notes = 0;

  constructor(options: CallKeeperOptions) {
    this.#queue = new WriteQueue(options);
    this.#masking = createMasking(options.maskDigits);
    this.#clock = options.clock;
  }

  callBegan({ callId: id, startedAt, caller, dialled, language, resumed }: CallBeginning): void {
    this.#running.set(id, { answeredAtMs: undefined, events: 0 });
    const { number, name } = caller;
    this.#put(`began ${id}`, {
      kind: 'call-began',
      call: {
        id,
        startedAtMs: startedAt.getTime(),
        caller: { number, name },
        dialled,
        language,
        resumed,
      },
    });
  }

  happened(id: string, event: CallEvent, atMs: number): void {
    const call = this.#running.get(id);
    if (call === undefined) return;
    switch (event.kind) {
      case 'answered': {
        call.answeredAtMs = this.#clock.now().getTime();
        const { answeredAtMs } = call;
        const lineKind = event.lineKind ?? null;
        this.#put(`answered ${id}`, { kind: 'call-answered', id, answeredAtMs, lineKind });
        return;
      }
      // Seen live; afterwards the turns tell it.
      case 'hearing':
      case 'floor':
        return;
      case 'taken-back': {
        const { turn: number } = event;
        this.#queue.remove(turnName(id, number));
        this.#queue.remove(`back ${id} ${number}`);
        this.#put(`back ${id} ${number}`, { kind: 'turn-taken-back', id, number });
        break;
      }
      default:
    }
    const seq = ++call.events;
    const kept = this.#masking.event(storedEvent(event, atMs));
    this.#put(`event ${id} ${seq}`, { kind: 'event', id, seq, event: kept });
  }

  turn(id: string, turn: TurnRecord): void {
    const { turn: number, heard, intent, confidence, slots, rungs, decision, outcome, keyed } = turn;
    const kept = this.#masking.turn({
      number,
      heard,
      intent,
      confidence,
      slots,
      rungs,
      decision,
      outcome,
      keyed,
      // These still grow.
      said: [...turn.said],
      times: { ...turn.times },
      engines: { ...turn.engines },
    });
    this.#put(turnName(id, number), { kind: 'turn', id, turn: kept });
  }

  callEnded(id: string, { endedAt, endedBy, recording }: CallEnding): void {
    const answeredAtMs = this.#running.get(id)?.answeredAtMs;
    this.#running.delete(id);
    this.#put(`ended ${id}`, {
      kind: 'call-ended',
      id,
      endedAtMs: endedAt.getTime(),
      endedBy,
      recording:
        recording === undefined
          ? null
          : {
              file: recording.file,
              startsAtMs: Math.round(recording.startedAtMs - (answeredAtMs ?? recording.startedAtMs)),
              ms: Math.round(recording.ms),
              bytes: recording.bytes,
              sampleRateHz: recording.sampleRateHz,
            },
    });
  }

  /** Keeps what befell an engine. */
  incident(incident: Omit<Incident, 'atMs'>): void {
    const atMs = this.#clock.now().getTime();
    this.#put(`incident ${++this.#notes}`, { kind: 'incident', incident: { atMs, ...incident } });
  }

  recordingFound(id: string, recording: Omit<StoredRecording, 'startsAtMs'>): void {
    this.#put(`recording ${id}`, { kind: 'recording-found', id, recording });
  }

  /** Records that wait. */
  get waiting(): number {
    return this.#queue.depth;
  }

  /** Resolves when all is written, or `deadlineMs` is over. */
  flush(deadlineMs: number): Promise<void> {
    return this.#queue.flush(deadlineMs);
  }

  /** Writes what waits, for no longer than `deadlineMs`. Idempotent. */
  close(deadlineMs: number): Promise<void> {
    return this.#queue.close(deadlineMs);
  }

  #put(name: string, record: StoreRecord): void {
    this.#queue.put(name, record);
  }
}

function turnName(id: string, number: number): string {
  return `turn ${id} ${number}`;
}

/** An event of a call as plain data. */
export function storedEvent(event: CallEvent, atMs: number): StoredEvent {
  if (event.kind !== 'failed') {
    const { kind, ...details } = event;
    return { atMs, kind, details };
  }
  const { error } = event;
  // The message may hold what was said.
  const code = error instanceof ParleyError ? error.code : error instanceof Error ? error.name : 'unknown';
  return { atMs, kind: event.kind, details: { code } };
}
