/** Splitting written text into sentences. */

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Abbreviations (in lower case, without stops) that are followed by a name, so a capital letter does not begin a sentence. */
const beforeNames = words(
  'mr mrs ms dr prof rev hon st mt ft sgt capt lt col gen gov sen rep pres supt vs eg ie cf ca approx dept est ' +
    'sr sra srta sres dra dña lic ing gral sto sta av avda ctra pza aprox dpto depto ud uds',
);
/** Those that may be the last word; a capital letter then begins the next sentence. */
const mayBeLast = words(
  'etc inc ltd corp co jr sr ave blvd rd ln jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun',
);
/** Those that are one only before a figure. */
const beforeFigures = words('no nos fig vol p pp núm pág págs tel ext');
/** Words that begin sentences far more often than they are names: "in the U.S. The weather". */
const beginners = words(
  'the a an it its in on at and but or so then there this that these those he she we they you i what when where who why how is are was were do does can will if for from to as my your our today tomorrow yesterday ' +
    'el los las un una en es son está hay no por para con se lo le hoy mañana ayer',
);

const opening = '["\'“‘«([¿¡]*';

/** Sentences in order, trimmed, none empty. An empty line ends a sentence too. */
export function splitSentences(text: string): string[] {
  return text
    .split(/\r?\n\s*\n/)
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
    const isSingleStop = /^\.(?!\.)/.test(match[0]);
    if (isSingleStop && !endsSentence(paragraph.slice(start, match.index), paragraph.slice(end).trimStart()))
      continue;
    sentences.push(paragraph.slice(start, end));
    start = end;
  }
  sentences.push(paragraph.slice(start));
  return sentences;
}

/** Whether the single full stop between `before` and `after` ends a sentence. */
function endsSentence(before: string, after: string): boolean {
  if (after === '') return true;
  const word = (/\S*$/u.exec(before)?.[0] ?? '').replace(new RegExp(`^${opening}`), '');
  const next = new RegExp(`^${opening}([\\p{L}\\p{N}'’]*)`, 'u').exec(after)?.[1] ?? '';
  const isFigure = /^\p{N}/u.test(next);
  const startsNew = isFigure || /^\p{Lu}/u.test(next);
  const begins = startsNew && beginners.has(next.toLowerCase());
  const key = word.replaceAll('.', '').toLowerCase();

  if (beforeFigures.has(key) && isFigure) return false;
  // "el Sr. García", but "John Smith Sr."
  if (key === 'sr' && /(?:^|\s)(?:[ea]l|del|los)\s+\S*$/i.test(before)) return false;
  if (mayBeLast.has(key)) return startsNew && !isFigure;
  if (/^\p{L}(\.\p{L})*$/u.test(word) && word !== 'I') {
    // "e.g." goes on, "p.m." ends before a capital, "U.S." and "J. R." go on with a name.
    if (/^[ap]m$/.test(key)) return startsNew;
    return begins && !beforeNames.has(key);
  }
  if (beforeNames.has(key)) return begins;
  return !/^\p{Ll}/u.test(next);
}
