/**
 * A pattern and what is said in its place: from the match and its groups ('' where a group took no part) and the text that
 * follows. undefined leaves it as it is.
 */
export type Rule = readonly [
  pattern: RegExp,
  spoken: string | ((groups: readonly string[], after: string) => string | undefined),
];

/** Applies rules one after the other; each sees what those before it have written. */
export function applyRules(text: string, rules: readonly Rule[]): string {
  return rules.reduce((written, [pattern, spoken]) => {
    if (typeof spoken === 'string') return written.replace(pattern, spoken);
    return written.replace(pattern, (match: string, ...rest: unknown[]) => {
      const at = rest.findIndex((one) => typeof one === 'number');
      const groups = rest.slice(0, at).map((group) => (typeof group === 'string' ? group : ''));
      const after = written.slice(Number(rest[at]) + match.length);
      return spoken([match, ...groups], after) ?? match;
    });
  }, text);
}

/** A letter and a number read as two words, in any language: "B52", "A380". */
export const joinedRules: readonly Rule[] = [[/(?<=\p{L})\.?(?=\d)/gu, ' ']];
