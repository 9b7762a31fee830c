import { serveStreams } from '../streaming/thread.ts';
import { createHearing } from './hearing.ts';
import type { SttModel, TtsModel } from './models.ts';
import type { Sherpa } from './native.ts';
import { createSpeaking } from './speaking.ts';

export type SherpaSetup = { readonly module: string; readonly threads: number } & (
  | { readonly kind: 'stt'; readonly model: SttModel; readonly language: string }
  | { readonly kind: 'tts'; readonly model: TtsModel }
);

await serveStreams<never, never, unknown>(async (given) => {
  const setup = given as SherpaSetup;
  const loaded = (await import(setup.module)) as { readonly default: Sherpa };
  return setup.kind === 'stt' ? createHearing(loaded.default, setup) : createSpeaking(loaded.default, setup);
});
