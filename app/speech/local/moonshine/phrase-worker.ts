import { serve } from '../thread.ts';
import { compilePhrases, type CompiledPhrases } from './phrases.ts';

/** The thread that prepares phrase sets, so that neither calls nor recognition wait for it. */

export type CompileRequest = readonly string[];

await serve<undefined, CompileRequest, CompiledPhrases>(async () => ({
  work: (phrases) => ({ answer: compilePhrases(phrases) }),
}));
