/**
 * What a caller may say, with what it names: `a {size: large} pizza with {topping}`. A name alone stands for any value;
 * with words it is both an example of the value and of the sentence. They may be nested: `{order: two {size: large} ones}`.
 */
export type Sample = readonly Piece[];

export type Piece = string | { readonly entity: string; readonly words?: Sample };

/** A stretch of a text that is an entity: `text.slice(start, end)`. */
export interface Label {
  readonly entity: string;
  readonly start: number;
  readonly end: number;
}

export interface LabelledText {
  readonly text: string;
  readonly labels: readonly Label[];
}

const opening = /^\{\s*([A-Za-z]\w*)\s*(:|\})/;

/** Reads a sample. @throws Error telling what is wrong with it. */
export function parseSample(source: string): Sample {
  let at = 0;
  const pieces = parse(false);
  return pieces;

  function parse(inside: boolean): Piece[] {
    const found: Piece[] = [];
    for (;;) {
      const stop = source.slice(at).search(/[{}]/);
      const end = stop < 0 ? source.length : at + stop;
      if (end > at) found.push(source.slice(at, end));
      at = end;
      if (at >= source.length) {
        if (inside) throw new Error(`a brace is left open in "${source}"`);
        return found;
      }
      if (source[at] === '}') {
        if (!inside) throw new Error(`a brace is closed that was not opened in "${source}"`);
        at++;
        return found;
      }
      const match = opening.exec(source.slice(at));
      const [all = '', entity = '', mark] = match ?? [];
      if (match === null)
        throw new Error(`"${source}": write {entity} or {entity: words}, the entity being a plain word`);
      at += all.length;
      found.push(mark === '}' ? { entity } : { entity, words: trimmed(parse(true)) });
    }
  }
}

// The blanks behind the colon and before the brace belong to the notation.
function trimmed(pieces: readonly Piece[]): Piece[] {
  return pieces
    .map((piece, index) => {
      if (typeof piece !== 'string') return piece;
      const start = index === 0 ? piece.trimStart() : piece;
      return index === pieces.length - 1 ? start.trimEnd() : start;
    })
    .filter((piece) => piece !== '');
}

/** Writes a sample as `parseSample` reads it. */
export function writeSample(sample: Sample): string {
  return sample
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece.words === undefined
        ? `{${piece.entity}}`
        : `{${piece.entity}: ${writeSample(piece.words)}}`;
    })
    .join('');
}

/** All entities that it names, the inner ones too. */
export function entitiesOf(sample: Sample): string[] {
  return sample.flatMap((piece) =>
    typeof piece === 'string' ? [] : [piece.entity, ...entitiesOf(piece.words ?? [])],
  );
}

/**
 * The sample with a placeholder in place of each value: `a {size} pizza with {topping}`.
 * @param isWhole whether an entity is a value of its own, rather than the sum of its parts.
 */
export function templateOf(sample: Sample, isWhole: (entity: string) => boolean): string {
  return sample
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece.words === undefined || isWhole(piece.entity)
        ? `{${piece.entity}}`
        : templateOf(piece.words, isWhole);
    })
    .join('');
}

/** The words with their labels, the outer before the inner; undefined when a value is left open. */
export function labelled(sample: Sample): LabelledText | undefined {
  let text = '';
  const labels: Label[] = [];
  const add = (pieces: Sample): boolean =>
    pieces.every((piece) => {
      if (typeof piece === 'string') {
        text += piece;
        return true;
      }
      if (piece.words === undefined) return false;
      const start = text.length;
      const place = labels.push({ entity: piece.entity, start, end: start }) - 1;
      const whole = add(piece.words);
      labels[place] = { entity: piece.entity, start, end: text.length };
      return whole;
    });
  return add(sample) ? { text, labels } : undefined;
}

/** Makes a sample of a text and its labels; of two that cross, the later is left out and returned. */
export function sampleFrom(
  text: string,
  labels: readonly Label[],
): { readonly sample: Sample; readonly crossing: readonly Label[] } {
  const crossing: Label[] = [];
  const sorted = [...labels].sort((a, b) => a.start - b.start || b.end - a.end);
  let next = 0;
  const build = (from: number, to: number): Piece[] => {
    const pieces: Piece[] = [];
    let at = from;
    while (next < sorted.length) {
      const label = sorted[next];
      if (label === undefined || label.start >= to) break;
      next++;
      if (label.start < at || label.end > to || label.end <= label.start) {
        crossing.push(label);
        continue;
      }
      if (label.start > at) pieces.push(text.slice(at, label.start));
      pieces.push({ entity: label.entity, words: build(label.start, label.end) });
      at = label.end;
    }
    if (at < to) pieces.push(text.slice(at, to));
    return pieces;
  };
  return { sample: build(0, text.length), crossing };
}
