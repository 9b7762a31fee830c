import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import { startAsterisk, type LocalAsterisk } from '../../app/asterisk/local/start.ts';
import { rmsDbfs } from '../../app/audio/level.ts';
import { tone } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { readWav, writeWav } from '../../app/audio/wav.ts';
import { hasCode } from '../../app/errors.ts';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import type { Phone } from '../../app/phone/phone.ts';
import { toStereoWav } from '../../app/phone/recording.ts';
import { runSteps, type ScriptEvent } from '../../app/phone/script.ts';
import { findSounds } from '../../app/phone/sounds.ts';
import { firstBotSoundMs, measureTurns } from '../../app/phone/turn-times.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { ariPassword, testCacheDir } from '../support/asterisk.ts';
import { startPhone } from '../support/bot.ts';
import { fileOwner } from '../support/owner.ts';
import { callTest } from '../support/call-test.ts';

/** The software caller itself, over SIP and RTP, against an Asterisk with Parley's configuration. */

const passwords = { '6001': 'password-of-6001', '6002': 'password-of-6002', '6099': 'password-of-6099' };
/** A bot of dialplan: greets, waits until the caller has spoken and been silent for a moment, answers, hangs up. */
const botNumber = '700';
/** Rings 6002 and passes on what becomes of it. */
const plainRing = '701';
const greeting = 'Hello. I can tell you the weather in any city. What would you like to know?';
const answer = "It's twenty past seven in Tokyo. Goodbye!";
const botSilenceMs = 700;

const owner = fileOwner();
let asterisk: LocalAsterisk;
let phone: Phone;

before(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-phone-test-'));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  const tts = createLocalTts();
  for (const [name, text] of Object.entries({ greeting, answer })) {
    const pieces: Pcm[] = [];
    const options = { sampleRateHz: 8_000, language: 'en-US', signal: owner.signal, voice: 'slt' };
    for await (const piece of tts.speak(text, options)) pieces.push(piece);
    await writeFile(
      path.join(folder, `${name}.wav`),
      writeWav({ samples: concatPcm(pieces), sampleRateHz: 8_000 }),
    );
  }
  await tts.close();
  asterisk = await startAsterisk({
    program: await findAsterisk({ cacheDir: testCacheDir(), signal: owner.signal }),
    runDir: path.join(folder, 'asterisk'),
    ariPassword,
    phones: { '6001': passwords['6001'], '6002': passwords['6002'] },
    callerPassword: passwords['6099'],
    extraConf: {
      'modules.conf': 'load = app_waitforsilence.so\n',
      'extensions.conf': `
[phones](+)
exten => ${botNumber},1,Answer()
 same => n,Playback(${folder}/greeting)
 same => n,WaitForNoise(200)
 same => n,WaitForSilence(${String(botSilenceMs)})
 same => n,Playback(${folder}/answer)
 same => n,Hangup()
exten => ${plainRing},1,Dial(\${PJSIP_DIAL_CONTACTS(6002)},20)
 same => n,Hangup(\${HANGUPCAUSE})
`,
    },
    signal: owner.signal,
  });
  owner.after(() => asterisk.stop());
  const server = { host: '127.0.0.1', port: asterisk.sipPort };
  phone = await startPhone(owner, [
    { user: '6099', password: passwords['6099'], server },
    { user: '6001', password: passwords['6001'], server, register: true },
    { user: '6002', password: passwords['6002'], server, register: true },
    { name: 'wideband', user: '6099', password: passwords['6099'], server, codec: 'g722' },
    { name: 'tcp', user: '6099', password: passwords['6099'], server, transport: 'tcp', codec: 'alaw' },
    { name: 'wrong', user: '6002', password: 'not-the-password', server, register: true },
    { name: 'nobody', user: '6050', password: 'no-such-account', server },
  ]);
  await Promise.all(['6001', '6002'].map((account) => phone.registration(account)));
});

/** The delay at which one track is most like another, and how much alike they are then (1: the same). */
function likeness(original: Pcm, copy: Pcm, sampleRateHz: number): { delayMs: number; correlation: number } {
  let best = { delayMs: 0, correlation: -1 };
  for (let delayMs = 0; delayMs <= 400; delayMs += 1) {
    const shift = (delayMs * sampleRateHz) / 1000;
    let product = 0;
    let one = 0;
    let other = 0;
    for (let i = 0; i + shift < copy.length; i++) {
      const a = original[i] ?? 0;
      const b = copy[i + shift] ?? 0;
      product += a * b;
      one += a * a;
      other += b * b;
    }
    const correlation = product / Math.sqrt(one * other || 1);
    if (correlation > best.correlation) best = { delayMs, correlation };
  }
  return best;
}

/** How much of a track is a tone of this frequency. */
function powerAt(frequencyHz: number, samples: Pcm, sampleRateHz: number): number {
  let sine = 0;
  let cosine = 0;
  samples.forEach((sample, i) => {
    const angle = (2 * Math.PI * frequencyHz * i) / sampleRateHz;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
  });
  return sine ** 2 + cosine ** 2;
}

async function connectPhones(): Promise<{ caller: PhoneCall; called: PhoneCall }> {
  const [caller, called] = await Promise.all([
    phone.call('6002', { account: '6001' }),
    phone.nextCall({ account: '6002', timeoutMs: 10_000 }).then((call) => call.answer()),
  ]);
  return { caller, called };
}

callTest('a caller of the echo test hears itself', async () => {
  const call = await phone.call('600');
  await call.say('hello, can you hear me?');
  await call.wait(300);
  assert.deepEqual(await call.hangUp(), { by: 'phone', cause: 16, says: 'Normal Clearing' });
  const { caller, bot, sampleRateHz } = await call.recording();
  const { delayMs, correlation } = likeness(caller, bot, sampleRateHz);
  assert.ok(correlation > 0.95, `correlation ${correlation}`);
  assert.ok(delayMs > 0, `${delayMs} ms`);
});

callTest('the recording is as long as the call, with each sound where it was made', async () => {
  const call = await phone.call('600');
  const answeredMs = performance.now();
  await call.wait(700);
  const playedMs = performance.now() - answeredMs;
  await call.play({ samples: tone(440, 400, 16_000), sampleRateHz: 16_000 });
  await call.wait(500);
  await call.hangUp();
  const lastedMs = performance.now() - answeredMs;
  const recording = await call.recording();
  const { caller, bot, sampleRateHz } = recording;
  assert.equal(caller.length, bot.length);
  const lengthMs = (caller.length / sampleRateHz) * 1000;
  // Generous, for busy machines: without the pauses it would be 400 ms.
  assert.ok(Math.abs(lengthMs - lastedMs) < 400, `${lengthMs} ms recorded of ${lastedMs} ms`);
  const [sound] = findSounds(caller, sampleRateHz);
  assert.ok(sound);
  const fromMs = (sound.from / sampleRateHz) * 1000;
  assert.ok(Math.abs(fromMs - playedMs) < 400, `heard at ${fromMs} ms, played at ${playedMs} ms`);
  const stereo = readWav(toStereoWav(recording));
  assert.deepEqual(stereo.channels, [caller, bot]);
});

callTest('a call that is hung up as soon as it is answered still has a recording', async () => {
  const call = await phone.call('600');
  await call.hangUp();
  const { caller, bot } = await call.recording();
  assert.ok(caller.length < 8_000 && bot.length < 8_000);
});

callTest('a wide-band call carries what a narrow-band one cannot', async () => {
  const call = await phone.call('600', { account: 'wideband' });
  await call.play({ samples: tone(5_500, 3_000, 16_000), sampleRateHz: 16_000 });
  await call.hangUp();
  const { bot, sampleRateHz } = await call.recording();
  assert.equal(sampleRateHz, 16_000);
  const echo = findSounds(bot, sampleRateHz).at(-1);
  assert.ok(echo);
  assert.ok(rmsDbfs(bot.subarray(echo.from, echo.to)) > -30);
});

callTest('a phone can use TCP and A-law', async () => {
  const call = await phone.call('600', { account: 'tcp' });
  await call.play({ samples: tone(440, 300, 8_000), sampleRateHz: 8_000 });
  await call.wait(200);
  await call.hangUp();
  const { caller, bot, sampleRateHz } = await call.recording();
  assert.ok(likeness(caller, bot, sampleRateHz).correlation > 0.95);
});

callTest('ten calls at once each hear their own', async () => {
  const frequenciesHz = Array.from({ length: 10 }, (_, i) => 400 + 200 * i);
  const calls = await Promise.all(frequenciesHz.map(() => phone.call('600')));
  assert.equal(phone.calls.length, 10);
  const heardHz = await Promise.all(
    calls.map(async (call, i) => {
      await call.play({ samples: tone(frequenciesHz[i] ?? 0, 500, 8_000), sampleRateHz: 8_000 });
      await call.wait(300);
      await call.hangUp();
      const { bot, sampleRateHz } = await call.recording();
      const powers = frequenciesHz.map((hz) => powerAt(hz, bot, sampleRateHz));
      return frequenciesHz[powers.indexOf(Math.max(...powers))];
    }),
  );
  assert.deepEqual(heardHz, frequenciesHz);
  assert.equal(phone.calls.length, 0);
});

callTest('a phone with the right password registers, one with a wrong password is refused', async () => {
  assert.equal(await phone.registration('6001'), 'registered');
  assert.equal(await phone.registration('wrong'), 'refused');
});

callTest('a call from an account that does not exist gets nowhere', async () => {
  await assert.rejects(phone.call('600', { account: 'nobody' }), (error) =>
    hasCode(error, 'phone-call-failed'),
  );
});

callTest('two phones call each other, and each hears what the other says and presses', async () => {
  const { caller, called } = await connectPhones();
  await Promise.all([caller.say('the weather is very nice today'), called.wait(100)]);
  assert.match(await called.expect('weather is very nice'), /weather/i);
  await called.say('yes, the sun is shining', { voice: 'rms' });
  await caller.expect('sun is shining');
  await caller.press('12#');
  await caller.press('9');
  await caller.hangUp();
  const end = await called.ended;
  assert.deepEqual([end.by, end.cause], ['other', 16]);
  assert.equal(called.digits, '12#9');
  assert.deepEqual(phone.calls, []);
});

callTest('a busy phone is told apart from one that declines', async () => {
  for (const [how, cause] of [
    ['busy', 17],
    ['declined', 21],
  ] as const) {
    const placed = phone.call(plainRing, { account: '6001' });
    const incoming = await phone.nextCall({ account: '6002', timeoutMs: 10_000 });
    assert.equal(incoming.from, '6001');
    await incoming.refuse(how);
    assert.ok(incoming.gone.aborted);
    await assert.rejects(
      placed,
      (error) => hasCode(error, 'phone-call-failed') && error.details['cause'] === cause,
    );
  }
});

callTest('a phone that nobody answers stops ringing when the caller gives up', async () => {
  const givingUp = new AbortController();
  const placed = phone.call('6002', { account: '6001', signal: givingUp.signal });
  const incoming = await phone.nextCall({ account: '6002', timeoutMs: 10_000 });
  givingUp.abort(new Error('enough'));
  await assert.rejects(placed, /enough/);
  if (!incoming.gone.aborted)
    await new Promise((resolve) => incoming.gone.addEventListener('abort', resolve));
  await assert.rejects(incoming.answer(), (error) => hasCode(error, 'phone-call-failed'));
});

callTest('a phone that has unregistered cannot be called until it registers again', async () => {
  const { signal } = owner;
  const reachable = async (): Promise<boolean> =>
    /Avail|NonQual/.test(await asterisk.command('pjsip show aor 6002', { signal }));
  assert.ok(await reachable());
  await phone.unregister('6002', { signal });
  while (await reachable());
  await phone.register('6002', { signal });
  while (!(await reachable()));
});

callTest('nobody calls, and whoever waits for a call is told so', async () => {
  await assert.rejects(phone.nextCall({ account: '6001', timeoutMs: 50 }), (error) =>
    hasCode(error, 'phone-call-failed'),
  );
});

const command = fileURLToPath(new URL('../../app/cli/call.ts', import.meta.url));

async function runCall(
  ...args: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const from = `127.0.0.1:${String(asterisk.sipPort)}`;
  const child = spawn(process.execPath, [command, '--from', from, '--user', '6099', ...args], {
    env: { ...process.env, PARLEY_CALL_PASSWORD: passwords['6099'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

// Each waits most of the time: for the bot to finish, or for a program to start.
describe('whole conversations', { concurrency: 3 }, () => {
  callTest(
    'a conversation in steps: the caller lets the bot finish, and the answer is timed in the recording',
    async () => {
      const call = await phone.call(botNumber);
      const events: ScriptEvent[] = [];
      const report = await runSteps(
        call,
        [
          { kind: 'say', text: 'what time is it in Tokyo' },
          { kind: 'expect', pattern: 'Tokyo' },
          { kind: 'expect', pattern: 'bye' },
        ],
        { signal: owner.signal, onEvent: (event) => events.push(event) },
      );
      assert.equal(report.failure, undefined);
      assert.match(report.greeting, /weather/i);
      assert.match(report.turns[0]?.heard ?? '', /seven/i);
      assert.deepEqual(
        events.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]),
        ['bot', 'caller', 'bot', 'expected'],
      );
      const recording = await call.recording();
      const sounds = findSounds(recording.bot, recording.sampleRateHz, { joinMs: 600 });
      const [turn] = measureTurns(recording, recording.turns);
      assert.ok(turn?.latencyMs !== undefined && turn.callerEndMs !== undefined);
      // The greeting was heard out, pauses between its sentences included.
      const greetingEndMs = ((sounds[0]?.to ?? 0) / recording.sampleRateHz) * 1000;
      assert.ok((recording.turns[0]?.fromMs ?? 0) - greetingEndMs > 600);
      // The bot waits for so much silence before it answers.
      assert.ok(turn.latencyMs > botSilenceMs / 2, `${turn.latencyMs} ms`);
      const firstMs = firstBotSoundMs(recording);
      assert.ok(firstMs !== undefined && firstMs < greetingEndMs);
      assert.ok(recording.startMs > 0);
    },
  );

  callTest('a wrong expectation fails, and says what was heard instead', async () => {
    const call = await phone.call(botNumber);
    const report = await runSteps(
      call,
      [
        { kind: 'say', text: 'what time is it' },
        { kind: 'expect', pattern: 'Oslo' },
        { kind: 'say', text: 'never said' },
      ],
      { signal: owner.signal },
    );
    assert.equal(report.failure?.code, 'phone-expectation-failed');
    assert.match(report.failure.message, /Expected to hear Oslo, heard: .*seven/i);
    assert.deepEqual(
      report.turns.map(({ said }) => said),
      ['what time is it'],
    );
  });

  callTest('a bot that hangs up before the caller is done fails the call', async () => {
    const call = await phone.call(botNumber);
    const report = await runSteps(
      call,
      [
        { kind: 'say', text: 'hello' },
        { kind: 'say', text: 'are you still there' },
        { kind: 'say', text: 'hello again' },
      ],
      { signal: owner.signal },
    );
    assert.equal(report.failure?.code, 'phone-hung-up');
  });

  callTest('a caller who interrupts speaks while the bot does', async () => {
    const call = await phone.call(botNumber);
    const steps = [{ kind: 'interrupt' }, { kind: 'say', text: 'never mind' }, { kind: 'hang-up' }] as const;
    const report = await runSteps(call, steps, { signal: owner.signal });
    assert.equal(report.failure, undefined);
    assert.equal((await call.ended).by, 'phone');
    const { bot, sampleRateHz, turns } = await call.recording();
    const fromMs = turns[0]?.fromMs ?? 0;
    const [first] = findSounds(bot, sampleRateHz, { joinMs: 600 });
    assert.ok(first);
    assert.ok((first.from / sampleRateHz) * 1000 < fromMs && fromMs < (first.to / sampleRateHz) * 1000);
  });

  callTest('npm run call prints one JSON object, saves the recording, and ends with 0', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'parley-call-test-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = path.join(folder, 'call.wav');
    const say = ['--say', 'what time is it in Tokyo', '--expect', 'Tokyo'];
    const { status, stdout, stderr } = await runCall('--to', botNumber, ...say, '--json', '--save', file);
    assert.equal(status, 0, stderr);
    const result = JSON.parse(stdout) as {
      ok: boolean;
      greetingMs: number;
      turns: { said: string; heard: string; latencyMs: number }[];
    };
    assert.equal(result.ok, true);
    assert.ok(result.greetingMs > 0);
    assert.equal(result.turns.length, 1);
    assert.equal(result.turns[0]?.said, 'what time is it in Tokyo');
    assert.match(result.turns[0].heard, /tokyo/i);
    assert.ok(result.turns[0].latencyMs > botSilenceMs / 2);
    assert.equal(readWav(await readFile(file)).channels.length, 2);
  });

  callTest('npm run call ends with 1 when an expectation fails, and says why', async () => {
    const { status, stdout } = await runCall(
      '--to',
      botNumber,
      '--wait',
      '0.2',
      '--say',
      'hello',
      '--expect',
      'Oslo',
    );
    assert.equal(status, 1);
    assert.match(stdout, /FAIL +expected \/Oslo\//);
    assert.match(stdout, /phone-expectation-failed/);
  });

  callTest('npm run call ends with 1 and a usage error for a step that is none', async () => {
    const { status, stdout, stderr } = await runCall('--shout', 'hello');
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /phone-usage: .*--shout/);
  });
});

callTest('a phone that is closed in the middle of a call hangs up and leaves no file behind', async () => {
  const server = { host: '127.0.0.1', port: asterisk.sipPort };
  const other = await startPhone(owner, [{ user: '6099', password: passwords['6099'], server }]);
  const call = await other.call('600');
  const coming = other.nextCall({ timeoutMs: 60_000 });
  // Nobody answers here for as long as the test needs.
  const ringing = other.call(plainRing);
  const outcomes = Promise.allSettled([coming, ringing]);
  const incoming = await phone.nextCall({ account: '6002', timeoutMs: 10_000 });
  await other.close();
  for (const { status } of await outcomes) assert.equal(status, 'rejected');
  if (!incoming.gone.aborted)
    await new Promise((resolve) => incoming.gone.addEventListener('abort', resolve));
  assert.equal((await call.ended).by, 'phone');
  await assert.rejects(access(path.resolve(path.dirname(other.logFile), '../..')));
  await assert.rejects(call.say('anybody there?'), (error) => hasCode(error, 'line-hung-up'));
});
