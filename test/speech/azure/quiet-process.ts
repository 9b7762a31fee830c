/** Listens, speaks, fails and closes; what it prints by itself, and whether it ends, is what the test looks at. */
import { whiteNoise } from '../../../app/audio/mix.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { configSchema } from '../../../app/config/schema.ts';
import { createAzureStt } from '../../../app/speech/azure/stt.ts';
import { createAzureTts } from '../../../app/speech/azure/tts.ts';

const [url = '', deadUrl = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const options = { language: 'en-US', sampleRateHz: 16_000, signal };

async function* speech(): AsyncGenerator<Pcm> {
  yield await Promise.resolve(whiteNoise(800, 16_000, -25));
}

for (const address of [url, deadUrl]) {
  const { azure: config } = configSchema.parse({
    speech: { azure: { key: 'k', sttUrl: address, ttsUrl: address } },
  }).speech;
  const [stt, tts] = [createAzureStt({ config }), createAzureTts({ config })];
  for (const work of [stt.listen(speech(), options), tts.speak('Hello.', options)]) {
    try {
      for await (const item of work) if (item === undefined) break;
    } catch (error) {
      if (address === url) throw error;
    }
  }
  await Promise.all([stt.close(), tts.close()]);
}
