import type { Pcm } from '../audio/pcm.ts';

/** The promise, or the signal's reason as soon as it is aborted. What the promise becomes afterwards is nobody's concern. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  promise.catch(() => undefined);
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Each piece of audio as it comes. Ends with the signal's reason, also while it waits for a piece that never comes. */
export async function* abortablePieces(
  audio: AsyncIterable<Pcm>,
  signal: AbortSignal,
): AsyncGenerator<Pcm, void, undefined> {
  const pieces = audio[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await abortable(pieces.next(), signal);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not waited for: a source that is stuck would not come back.
    if (!ended) pieces.return?.().catch(() => undefined);
  }
}
