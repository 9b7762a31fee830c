import type { ConnectOutcome, Line, LineEvent, Said, Speech } from '../../app/asterisk/lines/spec.ts';
import type { Pcm } from '../../app/audio/pcm.ts';
import { ParleyError } from '../../app/errors.ts';

/** One thing the bot says on a fake line, until the test lets it end. */
export interface Saying {
  /** The first sample of its audio: fake voices put something telling there. */
  readonly mark: number;
  readonly key: string | undefined;
  /** The caller hears all of it. */
  finish(): void;
}

/** A line without Asterisk: the test is the caller. */
export interface FakeLine extends Line {
  /** Resolves with the next thing that the bot says. */
  nextSaying(): Promise<Saying>;
  does(event: LineEvent): void;
  hangUp(): void;
  readonly connections: readonly string[];
  readonly closed: boolean;
}

export function fakeLine(options: { readonly outcome?: ConnectOutcome } = {}): FakeLine {
  const gone = new AbortController();
  const sayings: Saying[] = [];
  const waiting: ((saying: Saying) => void)[] = [];
  const connections: string[] = [];
  let listener: ((event: LineEvent) => void) | undefined;
  let closed = false;

  return {
    callId: 'fake',
    caller: { number: '6001', name: '' },
    dialled: '1000',
    hungUp: gone.signal,
    connections,
    get closed() {
      return closed;
    },
    onEvent: (heed) => (listener = heed),
    answer: () => Promise.resolve(),
    async say(speech: Speech, { signal, onSent, onStarted }): Promise<Said> {
      const mark = await firstSample(speech);
      gone.signal.throwIfAborted();
      onSent?.();
      onStarted?.();
      return new Promise((resolve, reject) => {
        const stopped = (): void => resolve({ completed: false, heardMs: 1 });
        signal.addEventListener('abort', stopped);
        gone.signal.addEventListener('abort', () => reject(gone.signal.reason as Error));
        if (signal.aborted) stopped();
        const saying: Saying = {
          mark,
          key: speech.key,
          finish: () => resolve({ completed: true, heardMs: 2 }),
        };
        const waiter = waiting.shift();
        if (waiter) waiter(saying);
        else sayings.push(saying);
      });
    },
    connect(extension) {
      connections.push(extension);
      return Promise.resolve(options.outcome ?? 'talked');
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
    nextSaying() {
      const saying = sayings.shift();
      return saying ? Promise.resolve(saying) : new Promise((resolve) => waiting.push(resolve));
    },
    does(event) {
      listener?.(event);
    },
    hangUp() {
      gone.abort(new ParleyError('line-hung-up'));
    },
  };
}

async function firstSample({ audio }: Speech): Promise<number> {
  if (audio instanceof Int16Array) return audio[0] ?? 0;
  let first: Pcm | undefined;
  for await (const piece of audio) first ??= piece;
  return first?.[0] ?? 0;
}
