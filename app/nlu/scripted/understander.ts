import type { Understander, Understanding } from '../spec.ts';

/** What is understood by which text; what is left out of an understanding is that of a sure, plain intent. */
export type Script = Readonly<Record<string, Partial<Omit<Understanding, 'text'>>>>;

/** Understands what it was told to, by heart: for tests and rehearsals. Everything else is `None`. */
export function createScriptedUnderstander(script: Script = {}): Understander {
  const answers = new Map(Object.entries(script).map(([text, answer]) => [normalise(text), answer]));
  return {
    name: 'scripted',
    can: { languages: ['en-US', 'en-GB', 'en'] },
    understand: (text, { signal }) =>
      new Promise((resolve) => {
        signal.throwIfAborted();
        const { intent = 'None', confidence = 1, ...rest } = answers.get(normalise(text)) ?? {};
        const plain = { slots: {}, mentions: [], ranking: [{ intent, confidence }], fragment: false };
        resolve({ text, intent, confidence, ...plain, ...rest });
      }),
    close: () => Promise.resolve(),
  };
}

function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
