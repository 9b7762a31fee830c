const ascii = /^[\0-~]*$/;

// Letters that Unicode does not take apart.
const plain: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  Ø: 'O',
  Ł: 'L',
  Đ: 'D',
  Æ: 'Ae',
  Œ: 'Oe',
  Þ: 'Th',
};

/** Letters without their accents: `São` becomes `Sao`. */
export function withoutAccents(text: string): string {
  if (ascii.test(text)) return text;
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[øłđðıßæœþØŁĐÆŒÞ]/g, (letter) => plain[letter] ?? letter);
}

/** The same in lower case. */
export function fold(text: string): string {
  return withoutAccents(text).toLowerCase();
}

const abbreviations: Readonly<Record<string, string>> = {
  st: 'saint',
  ste: 'saint',
  ft: 'fort',
  mt: 'mount',
};

/** How a name is looked up: words without accents, points and apostrophes, `St.` written out. */
export function nameKey(name: string): string {
  if (/^[A-Za-z ]+$/.test(name)) return nameWord(name.toLowerCase());
  return nameWord(
    fold(name)
      .replace(/['’`ʼ.]/g, '')
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  );
}

/** The same for words that are separated already. */
export function nameWord(words: string): string {
  return words.replace(/\b(?:st|ste|ft|mt)\b/g, (word) => abbreviations[word] ?? word);
}
