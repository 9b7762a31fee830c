import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmsDbfs } from '../../app/audio/level.ts';
import { silence, tone } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { leadMs, Microphone, type Surroundings } from '../../app/phone/microphone.ts';

const sampleRateHz = 8_000;
const frame = 160;

/** What the microphone sends for what is heard, without the lead. */
async function sent(surroundings: Surroundings, heard: Pcm, speech?: Pcm): Promise<Pcm> {
  const microphone = new Microphone({ sampleRateHz, surroundings });
  const stream = microphone.stream();
  const lead = await stream.next();
  assert.equal(lead.value.length, (leadMs * sampleRateHz) / 1000);
  const said = speech && microphone.speak(speech, { signal: new AbortController().signal });
  const pieces: Pcm[] = [];
  for (let from = 0; from < heard.length; from += frame) {
    microphone.hear(heard.subarray(from, from + frame));
    pieces.push((await stream.next()).value);
  }
  await said;
  return concatPcm(pieces);
}

test('an echo is as much softer and later as was asked for', async () => {
  const heard = concatPcm([tone(400, 200, sampleRateHz), silence(800, sampleRateHz)]);
  const echo = await sent({ echo: { downDb: 20, lateMs: 280 } }, heard);
  // The road through Asterisk takes 80 ms of the 280.
  const [before, back, after] = [echo.subarray(0, 1600), echo.subarray(1600, 3200), echo.subarray(3200)];
  assert.equal(rmsDbfs(before), -Infinity);
  assert.ok(Math.abs(rmsDbfs(back) + 40) < 0.5, `${rmsDbfs(back)} dBFS`);
  assert.equal(rmsDbfs(after), -Infinity);
});

test('a background is there from its beginning to its end, again and again', async () => {
  const audio = { samples: tone(300, 100, sampleRateHz, -30), sampleRateHz };
  const made = await sent(
    { background: { audio, fromMs: leadMs + 200, toMs: leadMs + 600 } },
    silence(1_000, sampleRateHz),
  );
  assert.equal(rmsDbfs(made.subarray(0, 1600)), -Infinity);
  assert.ok(Math.abs(rmsDbfs(made.subarray(1600, 4800)) + 30) < 0.5);
  assert.equal(rmsDbfs(made.subarray(4800)), -Infinity);
});

test('what the caller says is added to the background, and is over when it was heard', async () => {
  const audio = { samples: tone(300, 100, sampleRateHz, -40), sampleRateHz };
  const speech = tone(500, 300, sampleRateHz, -20);
  const made = await sent(
    { background: { audio, fromMs: 0, toMs: Infinity } },
    silence(300 + leadMs, sampleRateHz),
    speech,
  );
  assert.ok(Math.abs(rmsDbfs(made.subarray(0, 2400)) + 20) < 0.5);
  assert.ok(Math.abs(rmsDbfs(made.subarray(2400)) + 40) < 0.5);
});

test('a caller who is stopped says no more', async () => {
  const microphone = new Microphone({ sampleRateHz, surroundings: {} });
  const stopping = new AbortController();
  const said = microphone.speak(tone(500, 300, sampleRateHz), { signal: stopping.signal });
  stopping.abort(new Error('the call is over'));
  await assert.rejects(said, /the call is over/);
  const stream = microphone.stream();
  await stream.next();
  microphone.hear(silence(20, sampleRateHz));
  assert.equal(rmsDbfs((await stream.next()).value), -Infinity);
});

test('what waits too long in Asterisk makes no echo later, and is let go only while the caller is silent', async () => {
  let aheadMs = 0;
  const microphone = new Microphone({
    sampleRateHz,
    surroundings: { echo: { downDb: 20, lateMs: 80 } },
    aheadMs: () => aheadMs,
  });
  const stream = microphone.stream();
  await stream.next();
  const frames = [-10, -20, -30, -40].map((dbfs) => tone(400, 20, sampleRateHz, dbfs));
  const hear = (at: number): void => microphone.hear(frames[at] ?? silence(20, sampleRateHz));
  hear(0);
  const first = (await stream.next()).value;
  aheadMs = 400;
  hear(1);
  aheadMs = 60;
  hear(2);
  const next = (await stream.next()).value;
  assert.ok(Math.abs(rmsDbfs(first) + 30) < 0.5);
  assert.ok(Math.abs(rmsDbfs(next) + 50) < 0.5, `${rmsDbfs(next)} dBFS: the one before was let go`);
  aheadMs = 400;
  const said = microphone.speak(silence(20, sampleRateHz), { signal: new AbortController().signal });
  hear(3);
  const spoken = (await stream.next()).value;
  assert.ok(Math.abs(rmsDbfs(spoken) + 60) < 0.5, 'all that comes while the caller speaks is sent');
  for (let at = 0; at < 4; at++) hear(4);
  await said;
  assert.equal(microphone.dropped, 0);
});
