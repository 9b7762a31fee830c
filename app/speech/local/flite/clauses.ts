import { splitSentences } from '../../text/sentences.ts';

/** A piece of text that is synthesised in one go, and the pause that follows it. */
export interface Clause {
  readonly text: string;
  readonly pauseMs: number;
}

/** A sentence of more words than this is cut at its commas: synthesis takes about 10 ms a word, and the caller waits for the first piece. */
const longSentenceWords = 10;
const shortestPieceWords = 5;
const shortestPartWords = 4;
/** Without any comma a cut sounds bad; only text that goes on and on gets one, before a word that begins a phrase. */
const longestPieceWords = 40;
const sentencePauseMs = 320;
const commaPauseMs = 180;
const phrasePauseMs = 40;

/** Cuts text into clauses, so that the first can be heard while the next is made. Clauses without a word are left out. */
export function splitClauses(text: string): Clause[] {
  const sentences = splitSentences(text).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
  const clauses = sentences.flatMap((sentence) => {
    const pieces = wordCount(sentence) > longSentenceWords ? splitAtCommas(sentence) : [sentence];
    return pieces.flatMap((piece, i) =>
      splitAtWords(piece, i === pieces.length - 1 ? sentencePauseMs : commaPauseMs),
    );
  });
  return clauses.map((clause, i) => (i === clauses.length - 1 ? { ...clause, pauseMs: 0 } : clause));
}

function wordCount(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

function splitAtCommas(sentence: string): string[] {
  const pieces: string[] = [];
  for (const part of sentence.split(/(?<=[,;:]|\s[–—-])\s+/u)) {
    const last = pieces.at(-1);
    if (last !== undefined && (wordCount(last) < shortestPieceWords || wordCount(part) < shortestPartWords))
      pieces[pieces.length - 1] = `${last} ${part}`;
    else pieces.push(part);
  }
  return pieces;
}

function splitAtWords(text: string, pauseMs: number): Clause[] {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length <= longestPieceWords) return [{ text, pauseMs }];
  const half = Math.floor(longestPieceWords / 2);
  const beginner = words.findIndex(
    (word, i) => i >= half && i <= longestPieceWords && /^(and|but|or|that|which|with|for|to)$/i.test(word),
  );
  const cut = beginner < 0 ? longestPieceWords : beginner;
  const first = { text: words.slice(0, cut).join(' '), pauseMs: phrasePauseMs };
  return [first, ...splitAtWords(words.slice(cut).join(' '), pauseMs)];
}
