import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { readWav } from '../../app/audio/wav.ts';
import { repairWavs } from '../../app/media/growing-wav.ts';
import { VoiceRecorder } from '../../app/media/voice-recorder.ts';

const ms = 16;

async function recorder(t: TestContext, nowMs: () => number = () => 0) {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-voices-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const lost: string[] = [];
  const voices = new VoiceRecorder({
    dir,
    callId: 'c1',
    nowMs,
    onLost: (error) => lost.push(error.code),
  });
  return { dir, voices, lost, file: path.join(dir, voices.file) };
}

const tone = (value: number, lengthMs: number, sampleRateHz = 16_000) => ({
  samples: new Int16Array((lengthMs * sampleRateHz) / 1000).fill(value),
  sampleRateHz,
});

/** The value at each of the moments, by channel. */
async function heardAt(file: string, momentsMs: readonly number[]): Promise<(number | undefined)[][]> {
  const { channels } = readWav(await readFile(file));
  return channels.map((channel) => momentsMs.map((at) => channel[at * ms]));
}

test('the caller is on the left and the bot on the right, each when it was heard', async (t) => {
  let now = 0;
  const { voices, file } = await recorder(t, () => now);
  // 20 ms at a time, each a little late or early.
  for (; now < 3_000; now += 20) {
    if (now === 1_000) voices.saying();
    voices.caller(tone(100, 20), now + (now % 3) * 15);
    if (now === 2_000) voices.said(tone(-200, 500), 1_100);
  }
  const size = await voices.close();
  assert.deepEqual(size, { ms: 3_000, bytes: 44 + 3_000 * ms * 4, sampleRateHz: 16_000 });
  assert.deepEqual(await heardAt(file, [0, 1_099, 1_100, 1_599, 1_600, 2_999]), [
    [100, 100, 100, 100, 100, 100],
    [0, 0, -200, -200, 0, 0],
  ]);
});

test('where a caller’s telephone sends nothing there is silence, and what follows is in its place', async (t) => {
  const { voices, file } = await recorder(t);
  voices.caller(tone(100, 1_000), 0);
  voices.caller(tone(300, 1_000, 8_000), 3_000);
  await voices.close();
  const [[before, gap, after] = []] = await heardAt(file, [999, 2_000, 3_500]);
  assert.deepEqual([before, gap], [100, 0]);
  assert.ok(Math.abs((after ?? 0) - 300) < 3);
});

test('a recording that a dead process left is made whole; one that still grows is left alone', async (t) => {
  const { dir, voices, file } = await recorder(t);
  voices.caller(tone(100, 2_000), 0);
  await voices.close();
  // As it lies there when the process dies in the middle of a write: longer than its header says.
  const whole = await readFile(file);
  await copyFile(file, `${file}.part`);
  await appendFile(`${file}.part`, Buffer.alloc(4 * 16_000 + 3));
  await rm(file);
  assert.deepEqual(await repairWavs(dir, Date.now() - 60_000), []);
  assert.deepEqual(await repairWavs(dir, Date.now() + 60_000), [
    { file: voices.file, ms: 3_000, bytes: whole.length + 4 * 16_000, sampleRateHz: 16_000 },
  ]);
  const bytes = await readFile(file);
  assert.equal(bytes.readUInt32LE(40), bytes.length - 44);
  assert.equal(bytes.readUInt32LE(4), bytes.length - 8);
  assert.deepEqual(await readdir(path.dirname(file)), ['c1.wav']);
});

test('a folder that cannot be written costs the recording, told once', async () => {
  const lost: string[] = [];
  const voices = new VoiceRecorder({
    dir: '/dev/null/nowhere',
    callId: 'c1',
    onLost: (error) => lost.push(error.code),
  });
  voices.caller(tone(100, 2_000), voices.beganMs);
  voices.caller(tone(100, 2_000), voices.beganMs + 2_000);
  assert.equal(await voices.close(), undefined);
  assert.deepEqual(lost, ['recording-lost']);
});
