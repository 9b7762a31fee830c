import { cleanText } from '../../speech/text/clean.ts';
import { splitSentences } from '../../speech/text/sentences.ts';

/**
 * Cuts words that come in pieces into sentences to be spoken. A sentence is given out when the next one begins, so that
 * it is surely whole.
 */
export class SentenceCutter {
  #line = '';
  /** Sentences of the line that were given out. */
  #given = 0;

  /** Takes the next piece. @returns the sentences that are whole now. */
  add(piece: string): string[] {
    const lines = `${this.#line}${piece}`.split(/\r?\n/);
    const unfinished = lines.pop() ?? '';
    const whole = lines.flatMap((line) => this.#next(line, 0));
    this.#line = unfinished;
    return [...whole, ...this.#next(unfinished, 1)];
  }

  /** There is no more. @returns what is left. */
  end(): string[] {
    const last = this.#next(this.#line, 0);
    this.#line = '';
    return last;
  }

  /** Sentences of a line that were not given out, but for the last `kept`. */
  #next(line: string, kept: 0 | 1): string[] {
    const sentences = splitSentences(withoutMark(line));
    const next = sentences.slice(this.#given, sentences.length - kept);
    this.#given = kept === 0 ? 0 : this.#given + next.length;
    return next.map(spoken).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
  }
}

/** A line without what makes it a heading, an item of a list, or a quotation. */
function withoutMark(line: string): string {
  return line
    .replace(/^\s*(?:#{1,6}\s+|>\s*|(?:[-*+•–]|\d{1,3}[.)])\s+)+/u, '')
    .replace(/^\s*(?:```.*|[-*_=]{3,}\s*)$/u, '');
}

/** Text for the ear: no Markdown, no addresses, no tags, no pictures. */
function spoken(sentence: string): string {
  return cleanText(
    sentence
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/\b(?:https?:\/\/|www\.)[^\s)>\]]*[^\s)>\].,;:!?]/gi, '')
      .replace(/<[^<>]{1,200}>/g, '')
      .replace(/[*`~|]+|(?<!\p{L})_+|_+(?!\p{L})/gu, ''),
  )
    .replace(/\(\s*\)|\[\s*\]/g, '')
    .replace(/\s+([.,;:!?])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
