import { withoutAccents } from '../text.ts';

/** Gives the names of an app plain words of their own: `Book flight` becomes `Book_flight`. */
export class Names {
  readonly #taken: Set<string>;
  readonly #given = new Map<string, string>();

  /** @param taken names that mean something already. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The word for a name; the same each time. `key` tells names apart that are the same in different places. */
  of(name: string, key = name): string {
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const plain = withoutAccents(name)
      .replace(/[^a-z0-9_]+/gi, '_')
      .replace(/^_+|_+$/g, '');
    const word = /^[a-z]/i.test(plain) ? plain : `x_${plain}`;
    let free = word;
    for (let number = 2; this.#taken.has(free); number++) free = `${word}_${number}`;
    this.#taken.add(free);
    this.#given.set(key, free);
    return free;
  }

  /** The word that was given to a name, if one was. */
  find(key: string): string | undefined {
    return this.#given.get(key);
  }

  /** Lets a name mean something that has a word already. */
  set(key: string, word: string): void {
    this.#given.set(key, word);
  }
}
