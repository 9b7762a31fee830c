import type { PhraseSet } from '../../spec.ts';
import { WorkerPool } from '../worker-pool.ts';
import type { CompiledPhrases } from './compile.ts';
import type { CompileRequest } from './worker.ts';

/** Sets kept at once; the one that was used longest ago goes first. */
const keptSets = 32;

/** Compiled phrase sets by id. Each is compiled once, in a thread that lives only while there is something to compile. */
export class PhraseStore {
  readonly #sets = new Map<string, Promise<CompiledPhrases>>();
  readonly #provider: string;
  #pool: WorkerPool<CompileRequest, CompiledPhrases> | undefined;
  #compiling = 0;
  #closed = false;

  constructor(provider: string) {
    this.#provider = provider;
  }

  /** @throws ParleyError `stt-unavailable`. */
  get({ id, phrases }: PhraseSet): Promise<CompiledPhrases> {
    const known = this.#sets.get(id);
    const compiled = known ?? this.#compile(phrases);
    this.#sets.delete(id);
    this.#sets.set(id, compiled);
    if (!known) {
      // A set that could not be compiled is tried again the next time.
      compiled.catch(() => this.#sets.delete(id));
      const [oldest] = this.#sets.keys();
      if (this.#sets.size > keptSets && oldest !== undefined) this.#sets.delete(oldest);
    }
    return compiled;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool?.close();
    await Promise.allSettled(this.#sets.values());
  }

  async #compile(phrases: readonly string[]): Promise<CompiledPhrases> {
    const pool = (this.#pool ??= new WorkerPool<CompileRequest, CompiledPhrases>({
      provider: this.#provider,
      unavailable: 'stt-unavailable',
      script: new URL('./worker.ts', import.meta.url),
      setup: undefined,
      workers: 1,
      queueLimit: keptSets,
      givesWay: true,
    }));
    this.#compiling++;
    try {
      // Not bound to one caller's signal: the next caller waits for the same set.
      return await pool.run(phrases, { signal: new AbortController().signal });
    } finally {
      this.#compiling--;
      if (this.#compiling === 0 && !this.#closed) {
        this.#pool = undefined;
        await pool.close();
      }
    }
  }
}
