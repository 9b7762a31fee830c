import { builtInContent } from '../../../app/nlu/content.ts';
import { createLexicon, type Lexicon } from '../../../app/nlu/local/lexicon.ts';
import { evaluationMoment } from '../../../app/nlu/evaluation-set.ts';
import { createUnderstander } from '../../../app/nlu/registry.ts';
import type { Understanding, UnderstandOptions } from '../../../app/nlu/spec.ts';

export const lexicon: Lexicon = createLexicon(builtInContent().words, []);

const understander = createUnderstander('local', {
  directory: {
    Alice: '6002',
    'John Smith': '6001',
    'Maria Garcia': '6003',
    Katherine: '6004',
    'Front Desk': '6005',
  },
  timeZone: 'America/New_York',
});

/** Understands with the content that comes with Parley, on Wednesday, 11 March 2026, 6 in the morning in New York. */
export function understand(text: string, options: Partial<UnderstandOptions> = {}): Promise<Understanding> {
  return understander.understand(text, {
    language: 'en-US',
    signal: new AbortController().signal,
    now: evaluationMoment,
    ...options,
  });
}
