/** More variants than this of one pattern teach nothing new. */
const mostVariants = 32;

/**
 * Writes a LUIS pattern out: `[please] (book|reserve) {size} [now]` is eight sentences.
 * @returns the variants, and whether there were too many of them to keep all.
 */
export function expandPattern(pattern: string): {
  readonly variants: readonly string[];
  readonly cut: boolean;
} {
  let at = 0;
  let cut = false;
  const variants = alternatives('');
  return { variants: [...new Set(variants.map(tidy))].filter((text) => text !== ''), cut };

  // "a | b", up to the bracket that closes it.
  function alternatives(closing: string): string[] {
    const all: string[] = [];
    for (;;) {
      all.push(...row(closing));
      if (pattern[at] !== '|') break;
      at++;
    }
    at++;
    return bounded(all);
  }

  function row(closing: string): string[] {
    let texts = [''];
    while (at < pattern.length) {
      const sign = pattern[at] ?? '';
      if (sign === closing || (sign === '|' && closing !== '')) break;
      if (sign === '[' || sign === '(') {
        at++;
        const inside = alternatives(sign === '[' ? ']' : ')');
        const choices = sign === '[' ? ['', ...inside] : inside;
        texts = bounded(texts.flatMap((text) => choices.map((choice) => `${text} ${choice} `)));
        continue;
      }
      const rest = /^(?:\{[^}]*\}|[^[\]()|{}]+|.)/s.exec(pattern.slice(at))?.[0] ?? sign;
      texts = texts.map((text) => text + rest);
      at += rest.length;
    }
    return texts;
  }

  function bounded(texts: string[]): string[] {
    if (texts.length <= mostVariants) return texts;
    cut = true;
    return texts.slice(0, mostVariants);
  }
}

function tidy(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/ ([,.?!])/g, '$1')
    .trim();
}
