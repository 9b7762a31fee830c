/** Items that come when they come, read one after the other. */
export class Inbox<T> {
  readonly #items: T[] = [];
  #outcome: { readonly error?: unknown } | undefined;
  #news = Promise.withResolvers<undefined>();

  push(item: T): void {
    if (this.#outcome !== undefined) return;
    this.#items.push(item);
    this.#wake();
  }

  /** There are no more. The first of `end` and `fail` counts. */
  end(): void {
    this.#outcome ??= {};
    this.#wake();
  }

  fail(error: unknown): void {
    this.#outcome ??= { error };
    this.#wake();
  }

  /** The next one, undefined at the end. One reader at a time. @throws what it failed with, once all items are read. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && this.#outcome === undefined) await this.#news.promise;
    if (this.#items.length > 0) return this.#items.shift();
    if (this.#outcome && 'error' in this.#outcome) throw this.#outcome.error;
    return undefined;
  }

  #wake(): void {
    this.#news.resolve(undefined);
    this.#news = Promise.withResolvers();
  }
}
