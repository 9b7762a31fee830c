/**
 * Phrases as one tree of tokens, flat in shared memory so that every thread uses the same one. The nodes stand in
 * breadth-first order, so the children of a node are neighbours: those of node n are `firstChild[n]` to
 * `firstChild[n + 1] - 1`. Node 0 is the root; its token means nothing.
 */
export interface Trie {
  readonly token: Int32Array;
  readonly firstChild: Int32Array;
  /** Index of the phrase that may end here, -1 where none does. */
  readonly phrase: Int32Array;
}

interface Node {
  readonly token: number;
  children: Map<number, Node> | undefined;
  phrase: number;
}

/** Collects the ways in which phrases may be written and lays them out. */
export class TrieBuilder {
  readonly #root: Node = { token: 0, children: undefined, phrase: -1 };
  #count = 1;

  /** The first phrase that is written like this stays. */
  add(sequence: Iterable<number>, phrase: number): void {
    let node = this.#root;
    for (const token of sequence) {
      node.children ??= new Map();
      let child = node.children.get(token);
      if (!child) {
        child = { token, children: undefined, phrase: -1 };
        node.children.set(token, child);
        this.#count++;
      }
      node = child;
    }
    if (node !== this.#root && node.phrase < 0) node.phrase = phrase;
  }

  build(): Trie {
    const count = this.#count;
    const token = sharedInts(count);
    const firstChild = sharedInts(count + 1);
    const phrase = sharedInts(count);
    const order: Node[] = [this.#root];
    for (let i = 0; i < count; i++) {
      const node = order[i];
      if (!node) break;
      token[i] = node.token;
      phrase[i] = node.phrase;
      firstChild[i] = order.length;
      for (const child of node.children?.values() ?? []) order.push(child);
    }
    firstChild[count] = count;
    return { token, firstChild, phrase };
  }
}

function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
