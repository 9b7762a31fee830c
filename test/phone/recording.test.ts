import assert from 'node:assert/strict';
import { access, appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { tone } from '../../app/audio/mix.ts';
import { readWav, writeWav } from '../../app/audio/wav.ts';
import { takeRecordedFile, toStereoWav } from '../../app/phone/recording.ts';

async function recordedFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-recording-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'call.wav');
}

const samples = tone(400, 100, 8_000);
const wav = writeWav({ samples, sampleRateHz: 8_000 });

test('a recording is read when it is complete, and then removed', async (t) => {
  const file = await recordedFile(t);
  const open = Buffer.from(wav);
  open.writeUInt32LE(0, 40);
  await writeFile(file, open.subarray(0, 500));
  const taken = takeRecordedFile(file);
  await appendFile(file, open.subarray(500));
  // The recorder writes the true length at the end.
  await writeFile(file, wav);
  assert.deepEqual(await taken, samples);
  await assert.rejects(access(file));
});

test('a call that was over before the recorder began has an empty recording', async (t) => {
  const file = await recordedFile(t);
  assert.equal((await takeRecordedFile(file)).length, 0);
  await writeFile(file, writeWav({ samples: new Int16Array(0), sampleRateHz: 8_000 }));
  assert.equal((await takeRecordedFile(file)).length, 0);
});

test('a saved recording has the caller left and the other side right', () => {
  const bot = samples.map((sample) => -sample);
  const { channels, sampleRateHz } = readWav(toStereoWav({ caller: samples, bot, sampleRateHz: 8_000 }));
  assert.equal(sampleRateHz, 8_000);
  assert.deepEqual(channels, [samples, bot]);
});
