/** Splitting written text into sentences. */

/** Abbreviations after which a full stop does not end a sentence, in lower case without their stops. */
const neverEnd = new Set(
  (
    'mr mrs ms dr prof rev hon st sgt capt lt col gen gov sen rep pres supt vs etc eg ie cf ca approx no nos vol fig dept est ' +
    'ave blvd rd ln ft mt jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun inc ltd corp co'
  ).split(' '),
);

/** Of those, the ones that may well be the last word; they end a sentence when a capital letter follows. */
const mayEnd = new Set(
  'etc inc ltd corp co jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun ave blvd rd ln ft'.split(
    ' ',
  ),
);

/** Words that begin sentences far more often than they are names, so that "in the U.S. The weather" is cut. */
const beginners = new Set(
  'the a an it its in on at and but or so then there this that these those he she we they you i what when where who why how is are was were do does can will if for from to as my your our today tomorrow yesterday'.split(
    ' ',
  ),
);

/** Sentences in order, trimmed, none empty. A line break between paragraphs ends a sentence too. */
export function splitSentences(text: string): string[] {
  return text
    .split(/\n\s*\n|\r\n\s*\r\n/)
    .flatMap(splitParagraph)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter(Boolean);
}

function splitParagraph(paragraph: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  // Stops, then what closes a quotation or bracket, then a space or the end.
  for (const match of paragraph.matchAll(/[.!?…]+["'”’)\]]*(?=\s|$)/gu)) {
    const end = match.index + match[0].length;
    const before = paragraph.slice(start, match.index);
    const after = paragraph.slice(end).trimStart();
    if (match[0].startsWith('.') && !match[0].startsWith('..') && !endsSentence(before, after)) continue;
    sentences.push(paragraph.slice(start, end));
    start = end;
  }
  sentences.push(paragraph.slice(start));
  return sentences;
}

/** Whether the single full stop between `before` and `after` ends a sentence. */
function endsSentence(before: string, after: string): boolean {
  if (after === '') return true;
  const [word = ''] = /\S*$/u.exec(before) ?? [];
  const [next = ''] = /^["'“‘([]*[\p{L}\p{N}'’]*/u.exec(after) ?? [];
  const bare = word.replace(/^["'“‘([]+/u, '');
  const key = bare.replaceAll('.', '').toLowerCase();
  const startsNew = /^["'“‘([]*[\p{Lu}\p{N}]/u.test(next);
  // "e.g." and "3 p.m." go on in lower case; "U.S." and "J. R." go on with a name, or end before a usual beginner.
  const isInitials = /^\p{L}(\.\p{L})*$/u.test(bare) && bare !== 'I';
  if (isInitials && /^(eg|ie)$/.test(key)) return false;
  if (isInitials && /^[ap]m$/.test(key)) return startsNew;
  if (isInitials) return beginners.has(next.toLowerCase()) && startsNew;
  if (neverEnd.has(key)) return mayEnd.has(key) && startsNew && !/^\p{N}/u.test(next);
  // "No. 5" is a number, "No. Five of them" is not.
  return startsNew || !/^\p{Ll}/u.test(next);
}
