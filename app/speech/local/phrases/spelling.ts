/**
 * Texts that differ only in how they are written: case, accents, punctuation, hyphens, where words are parted, digits or
 * number words. "Good-bye." is "goodbye", "Give me 3 head lines" is "give me three headlines".
 */
const digitWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The letters alone; the same for texts that are spelled differently. '' when there are none. */
export function squash(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\d/g, (digit) => digitWords[Number(digit)] ?? digit)
    .replace(/[^\p{L}]/gu, '');
}

/** Finds phrases by their squashed text. Flat, in shared memory: sorted hashes and the phrase of each. */
export interface SpellingIndex {
  readonly hashes: Float64Array;
  readonly phrases: Int32Array;
}

export function buildSpellingIndex(phrases: readonly string[]): SpellingIndex {
  const first = new Map<number, number>();
  phrases.forEach((phrase, i) => {
    const hash = hashOf(squash(phrase));
    if (!first.has(hash)) first.set(hash, i);
  });
  const sorted = [...first].sort(([a], [b]) => a - b);
  const index = {
    hashes: new Float64Array(new SharedArrayBuffer(sorted.length * Float64Array.BYTES_PER_ELEMENT)),
    phrases: new Int32Array(new SharedArrayBuffer(sorted.length * Int32Array.BYTES_PER_ELEMENT)),
  };
  index.hashes.set(sorted.map(([hash]) => hash));
  index.phrases.set(sorted.map(([, phrase]) => phrase));
  return index;
}

/** Index of the phrase that is the same text, -1 when there is none. */
export function findSpelling(index: SpellingIndex, text: string): number {
  const squashed = squash(text);
  if (squashed === '') return -1;
  const wanted = hashOf(squashed);
  let low = 0;
  let high = index.hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index.hashes[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return index.hashes[low] === wanted ? (index.phrases[low] ?? -1) : -1;
}

/** 53 bits: two FNV-1a hashes of 32 bits with different beginnings, cut and joined. Among 100,000 phrases a clash is a matter of one in a million. */
function hashOf(text: string): number {
  let one = 0x811c9dc5;
  let other = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x01000193) + one;
  }
  return (one >>> 0) * 2 ** 21 + ((other >>> 0) & (2 ** 21 - 1));
}
