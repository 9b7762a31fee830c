import { serve } from '../thread.ts';
import { compilePhrases, type CompiledPhrases } from './compile.ts';

/** The thread that prepares phrase sets, so that neither calls nor recognition wait for it. */

export type CompileRequest = readonly string[];

await serve<CompileRequest, CompiledPhrases>(() => ({
  work: (phrases) => ({ answer: compilePhrases(phrases) }),
}));
