/** What happens in all calls, as it happens: one stream of events for the whole page. */
import type { CallEvent, Events, LiveCall, Sentence, Status, Turn } from '../contract.ts';
import { session } from './api.ts';
import { useEffect, useState } from './html.ts';
import { detail, takenBack } from './talk.ts';

export interface FeedState {
  /** `connecting`: for the first time. `lost`: it was there, and is tried again. */
  readonly connection: 'connecting' | 'open' | 'lost';
  readonly calls: readonly LiveCall[];
  readonly status: Status | undefined;
  /** How many calls have ended since the page was opened: what is kept of calls has changed. */
  readonly ended: number;
}

type Change = { [Name in keyof Events]: readonly [name: Name, data: Events[Name]] }[keyof Events];

const before: FeedState = { connection: 'connecting', calls: [], status: undefined, ended: 0 };
const mostKept = 200;

let state = before;
let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<(state: FeedState) => void>();

function become(next: FeedState): void {
  state = next;
  for (const listener of listeners) listener(state);
}

const names = ['snapshot', 'call-began', 'call-event', 'turn', 'call-ended', 'status'] as const;

/** Opens the stream, and again whenever it is lost, until it is stopped. */
export function startFeed(): void {
  stopFeed();
  become(before);
  open();
}

function open(): void {
  const stream = new EventSource('/api/events');
  source = stream;
  for (const name of names) {
    stream.addEventListener(name, ({ data }: MessageEvent<string>) => {
      become(changed(state, [name, JSON.parse(data)] as Change));
    });
  }
  stream.onerror = () => {
    become({ ...state, connection: state.connection === 'connecting' ? 'connecting' : 'lost' });
    if (stream.readyState !== EventSource.CLOSED) return;
    // It was refused, not lost, and the browser does not try that again: perhaps nobody is signed in any more.
    timer = setTimeout(() => {
      session().then(({ authenticated }) => {
        if (authenticated) open();
      }, open);
    }, 2_000);
  };
}

export function stopFeed(): void {
  source?.close();
  source = undefined;
  clearTimeout(timer);
}

export function useFeed(): FeedState {
  const [now, set] = useState(state);
  useEffect(() => {
    listeners.add(set);
    set(state);
    return () => listeners.delete(set);
  }, []);
  return now;
}

/** What is known after an event. */
function changed(known: FeedState, [name, data]: Change): FeedState {
  const change = (id: string, how: (call: LiveCall) => LiveCall): FeedState => ({
    ...known,
    calls: known.calls.map((call) => (call.id === id ? how(call) : call)),
  });
  switch (name) {
    case 'snapshot':
      return { ...known, connection: 'open', calls: data.calls, status: data.status };
    case 'status':
      return { ...known, status: data };
    case 'call-began':
      return { ...known, calls: [...known.calls.filter(({ id }) => id !== data.id), data] };
    case 'call-ended':
      return { ...known, calls: known.calls.filter(({ id }) => id !== data.callId), ended: known.ended + 1 };
    case 'turn':
      return change(data.callId, (call) => ({
        ...call,
        hearing: '',
        turns: withTurn(call.turns, data.turn),
      }));
    case 'call-event':
      return change(data.callId, (call) => afterEvent(call, data.event));
  }
}

function withTurn(turns: readonly Turn[], turn: Turn): Turn[] {
  return [...turns.filter(({ number }) => number !== turn.number), turn].slice(-mostKept);
}

function afterEvent(call: LiveCall, event: CallEvent): LiveCall {
  const { kind, atMs, details } = event;
  const text = detail(event, 'text');
  switch (kind) {
    case 'answered':
      return {
        ...call,
        answeredAtMs: Date.now(),
        lineKind: (details['lineKind'] as LiveCall['lineKind'] | undefined) ?? null,
      };
    case 'floor': {
      const floor = details['floor'] as LiveCall['floor'];
      const speaks = floor === 'caller' || floor === 'thinking';
      return {
        ...call,
        floor,
        saying: floor === 'bot' ? call.saying : '',
        hearing: speaks ? call.hearing : '',
      };
    }
    case 'hearing':
      return { ...call, hearing: text };
    case 'saying': {
      const turn = typeof details['turn'] === 'number' ? details['turn'] : null;
      const sentence: Sentence = { atMs, text, turn };
      return { ...call, saying: text, sentences: [...call.sentences, sentence].slice(-mostKept) };
    }
    case 'stopped':
      return { ...call, saying: '' };
    case 'taken-back':
      return {
        ...call,
        turns: call.turns.filter(({ number }) => number !== details['turn']),
        sentences: takenBack(call.sentences, details['turn']),
      };
    default:
      return call;
  }
}
