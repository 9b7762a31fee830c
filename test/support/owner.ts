import { after } from 'node:test';

/** Whom a thing belongs to and with whom it ends: a test (its context is one), or all tests of a file. */
export interface Owner {
  readonly signal: AbortSignal;
  after(done: () => Promise<void>): void;
  /** A test says whether it passed, and takes what explains that it did not. */
  readonly passed?: boolean;
  diagnostic?(message: string): void;
}

/** For what all tests of a file share; to be called where `after` may be called. */
export function fileOwner(): Owner {
  const ended = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  after(async () => {
    ended.abort();
    // What was begun last ends first.
    for (const close of closers.reverse()) await close();
  });
  return { signal: ended.signal, after: (done) => void closers.push(done) };
}
