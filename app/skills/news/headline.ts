import { decodeEntities } from './entities.ts';

/** Longer ones are cut at a word: nobody listens to a paragraph of a headline. */
const longestCharacters = 220;

/** Feed text as plain text for the ear: entities and markup resolved, one line, no trailing name of its source. */
export function cleanHeadline(text: string, source: string): string {
  // Twice, because much of the web escapes twice; markup goes in between, so that an escaped "<" in a text stays.
  const plain = decodeEntities(withoutMarkup(decodeEntities(withoutCdata(text))))
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return shortened(withoutSource(plain, source));
}

/** What remains of a CDATA section that was escaped. */
function withoutCdata(text: string): string {
  return text.replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, '$1');
}

function withoutMarkup(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(/<(script|style)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<\/?(?:p|div|br|li|ul|ol|h\d|td|tr|table)\b[^>]*>/gi, ' ')
    .replace(/<\/?[a-z][^>]*>/gi, '');
}

/** "… - BBC News", "… | NPR": the source is said before the headline. */
function withoutSource(text: string, source: string): string {
  const escaped = source.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`\\s+[-–—|:]\\s+${escaped}$`, 'i'), '');
}

function shortened(text: string): string {
  if (text.length <= longestCharacters) return text;
  const cut = text.slice(0, longestCharacters + 1);
  const at = cut.lastIndexOf(' ');
  return cut.slice(0, at > 0 ? at : longestCharacters).replace(/[\s,;:–—-]+$/, '');
}

/** A headline as a sentence. */
export function asSentence(headline: string): string {
  return /[.!?…]["'”’)]*$/.test(headline) ? headline : `${headline}.`;
}

/** Words that carry no meaning of their own when two headlines are compared. */
const fillers = new Set(
  (
    'a an and are as at be by for from has have in into is it its of on or over says that the to up was were will with ' +
    'al como con de del el en es fue ha la las lo los no para por que se su sus tras un una y'
  ).split(' '),
);

/** The words by which headlines are compared. */
export function keywords(headline: string): ReadonlySet<string> {
  const words = headline
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}|['’]s\b|['’]/gu, '')
    .split(/[^\p{L}\p{N}]+/u);
  return new Set(words.filter((word) => word !== '' && !fillers.has(word)));
}

/** From this share of common words on, two headlines tell the same story. */
const sameStoryShare = 0.7;

export function tellSameStory(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const common = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - common;
  return all > 0 && common / all >= sameStoryShare;
}
