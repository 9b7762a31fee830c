import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { encodeMuLaw } from '../../app/audio/g711.ts';
import { peakDbfs, rmsDbfs } from '../../app/audio/level.ts';
import { joinWithPauses, silence, tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { speechLevelDbfs } from '../../app/audio/speech-level.ts';
import { trimSilence } from '../../app/audio/trim.ts';
import { writeWav } from '../../app/audio/wav.ts';
import { hasCode } from '../../app/errors.ts';
import { findSox } from '../../app/setup/sox.ts';
import { testCacheDir } from '../support/asterisk.ts';

// sox-stream asks for the temporary folder when it is loaded.
const spool = await mkdtemp(path.join(tmpdir(), 'parley-sox-'));
process.env['TMPDIR'] = spool;
const { levelPrompt, normaliseRecording } = await import('../../app/media/sox.ts');
const programs = await mkdtemp(path.join('/var/tmp', 'parley-sox-programs-'));
after(() => Promise.all([spool, programs].map((dir) => rm(dir, { recursive: true }))));

const signal = new AbortController().signal;
const { path: soxPath } = await findSox({ cacheDir: testCacheDir(), signal });
const rateHz = 8_000;
const speech = concatPcm([silence(300, rateHz), tone(500, 800, rateHz, -20), silence(300, rateHz)]);
const recording = writeWav({ samples: speech, sampleRateHz: rateHz });

async function nothingSpooled(): Promise<void> {
  assert.deepEqual(await readdir(spool), []);
}

/** A program in place of sox; it writes its process number to a file first. */
async function program(
  name: string,
  body: string,
): Promise<{ file: string; started: () => Promise<number> }> {
  const file = path.join(programs, name);
  const pidFile = `${file}.pid`;
  await writeFile(file, `#!/bin/sh\necho $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile}\n${body}\n`);
  await chmod(file, 0o755);
  const events = watch(programs);
  const started = async (): Promise<number> => {
    for await (const event of events) if (event.filename === path.basename(pidFile)) break;
    return Number(await readFile(pidFile, 'utf8'));
  };
  return { file, started };
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test('a recording comes out at 16 kHz, as long as it was', async () => {
  const { samples, sampleRateHz } = await normaliseRecording(recording, { soxPath, signal });
  assert.equal(sampleRateHz, 16_000);
  assert.equal(samples.length, speech.length * 2);
  const spoken = trimSilence(samples, sampleRateHz);
  assert.ok(Math.abs(spoken.samples.length / 16_000 - 0.8) < 0.03);
  await nothingSpooled();
});

test('a mu-law recording and one in stereo are taken too', async () => {
  const header = Buffer.from(recording.subarray(0, 44));
  header.writeUInt16LE(7, 20);
  header.writeUInt32LE(rateHz, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.writeUInt32LE(speech.length, 40);
  const muLaw = Buffer.concat([header, encodeMuLaw(speech)]);
  const stereo = writeWav({ sampleRateHz: rateHz, channels: [speech, speech] });
  for (const wav of [muLaw, stereo]) {
    const { samples } = await normaliseRecording(wav, { soxPath, signal });
    assert.equal(samples.length, speech.length * 2);
  }
});

const levels: readonly (readonly [what: string, levelDbfs: number, expectedDbfs: number])[] = [
  ['a caller who whispers is brought up, but not by more than 12 dB', -45, -33],
  ['a soft caller is brought to -20 dBFS', -28, -20],
  ['a loud caller is brought down', -8, -20],
];

for (const [what, level, expected] of levels) {
  test(what, async () => {
    const wav = writeWav({
      samples: joinWithPauses([tone(400, 500, rateHz, level), tone(700, 500, rateHz, level)], 200, rateHz),
      sampleRateHz: rateHz,
    });
    const { samples } = await normaliseRecording(wav, { soxPath, signal });
    assert.ok(Math.abs(speechLevelDbfs(samples, 16_000) - expected) < 1);
    assert.ok(peakDbfs(samples) <= -0.5);
  });
}

test('the noise of an empty line stays under the threshold of trimming', async () => {
  const wav = writeWav({ samples: whiteNoise(500, rateHz, -65), sampleRateHz: rateHz });
  const { samples, sampleRateHz } = await normaliseRecording(wav, { soxPath, signal });
  assert.equal(trimSilence(samples, sampleRateHz).samples.length, 0);
});

test('a recording of nothing is nothing', async () => {
  const wav = writeWav({ samples: new Int16Array(0), sampleRateHz: rateHz });
  assert.equal((await normaliseRecording(wav, { soxPath, signal })).samples.length, 0);
});

test('the same recording gives the same samples, also eight at once', async () => {
  const [first, ...others] = await Promise.all(
    Array.from({ length: 8 }, () => normaliseRecording(recording, { soxPath, signal })),
  );
  for (const other of others) assert.deepEqual(other, first);
  await nothingSpooled();
});

test('a prompt is -20 dBFS loud at the rate it is played with, with no peak above -3', async () => {
  for (const level of [-35, -10, -2]) {
    const prompt = { samples: tone(350, 600, 16_000, level), sampleRateHz: 16_000 };
    const { samples, sampleRateHz } = await levelPrompt(prompt, { soxPath, signal, sampleRateHz: rateHz });
    assert.equal(sampleRateHz, rateHz);
    assert.ok(Math.abs(rmsDbfs(samples) + 20) < 0.5);
    assert.ok(peakDbfs(samples) <= -3);
  }
  const clicks = tone(350, 600, 16_000, -40);
  clicks[5_000] = 20_000;
  const levelled = await levelPrompt(
    { samples: clicks, sampleRateHz: 16_000 },
    { soxPath, signal, sampleRateHz: rateHz },
  );
  assert.ok(peakDbfs(levelled.samples) <= -3);
});

test('garbage is refused before sox sees it', async () => {
  await assert.rejects(
    normaliseRecording(Buffer.from('not audio'), { soxPath: '/nowhere', signal }),
    (error) => hasCode(error, 'audio-invalid'),
  );
});

test('a sox that is not there, fails or complains is told with a code', async () => {
  const bad = await program('fails', 'echo "sox FAIL formats: no such thing" >&2; exit 2');
  const silent = await program('fails-silently', 'exit 3');
  for (const [file, reason] of [
    [path.join(programs, 'missing'), /ENOENT/],
    [bad.file, /no such thing/],
    [silent.file, /status 3/],
  ] as const) {
    await assert.rejects(normaliseRecording(recording, { soxPath: file, signal }), (error) => {
      assert.ok(hasCode(error, 'sox-failed'));
      assert.match(error.message, reason);
      return true;
    });
    await nothingSpooled();
  }
});

test('a sox that hangs is ended after its deadline', async () => {
  const hangs = await program('hangs', 'exec sleep 60');
  const pid = hangs.started();
  await assert.rejects(
    normaliseRecording(recording, { soxPath: hangs.file, signal, deadlineMs: 300 }),
    (error) => hasCode(error, 'sox-failed'),
  );
  assert.ok(isGone(await pid));
  await nothingSpooled();
});

test('a caller who hangs up ends sox, and neither process nor file is left', async () => {
  const hangs = await program('hangs-up', 'exec sleep 60');
  const hangUp = new AbortController();
  const pending = normaliseRecording(recording, { soxPath: hangs.file, signal: hangUp.signal });
  const pid = await hangs.started();
  const reason = new Error('hung up');
  hangUp.abort(reason);
  await assert.rejects(pending, reason);
  assert.ok(isGone(pid));
  await nothingSpooled();
});

test('a hang-up at any moment of a conversion leaves nothing', async () => {
  const reason = new Error('hung up');
  await assert.rejects(normaliseRecording(recording, { soxPath, signal: AbortSignal.abort(reason) }), reason);
  for (let turns = 0; turns < 40; turns += 4) {
    const hangUp = new AbortController();
    const pending = normaliseRecording(recording, { soxPath, signal: hangUp.signal });
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    hangUp.abort(reason);
    await pending.then(
      () => undefined,
      (error: unknown) => assert.equal(error, reason),
    );
    await nothingSpooled();
  }
});
