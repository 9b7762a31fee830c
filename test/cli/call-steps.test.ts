import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { tone } from '../../app/audio/mix.ts';
import { writeWav } from '../../app/audio/wav.ts';
import { readCallRequest } from '../../app/cli/call-steps.ts';
import { hasCode } from '../../app/errors.ts';

const read = (line: string, env: Record<string, string> = {}): ReturnType<typeof readCallRequest> =>
  readCallRequest(line.split(' '), env);

test('steps are taken in the order in which they stand, whatever their kind', async () => {
  const request = await read('--say hello --expect hi --wait 1.5 --press 1# --interrupt --say bye --hang-up');
  assert.deepEqual(request?.steps, [
    { kind: 'say', text: 'hello', voice: undefined },
    { kind: 'expect', pattern: 'hi' },
    { kind: 'wait', ms: 1500 },
    { kind: 'press', digits: '1#' },
    { kind: 'interrupt' },
    { kind: 'say', text: 'bye', voice: undefined },
    { kind: 'hang-up' },
  ]);
});

test('a voice holds for the steps after it', async () => {
  const request = await read('--say one --voice rms --say two --say three --voice awb --say four');
  const voices = request?.steps.map((step) => (step.kind === 'say' ? step.voice : ''));
  assert.deepEqual(voices, [undefined, 'rms', 'rms', 'awb']);
});

test('without more the bot of the Parley that runs is called', async () => {
  const request = await read('--say hello');
  assert.equal(request?.to, '1000');
  assert.equal(request.server, undefined);
  assert.deepEqual([request.timeoutMs, request.silenceMs, request.json], [20_000, 700, false]);
});

test('any SIP server can be called; its password may come from the environment', async () => {
  const env = { PARLEY_CALL_PASSWORD: 'from-env' };
  const request = await read('--from sip.example.org:5070 --user 6001 --to 600 --say hello', env);
  assert.deepEqual(request?.server, { host: 'sip.example.org', port: 5070 });
  assert.deepEqual([request.user, request.password, request.to], ['6001', 'from-env', '600']);
  const own = await read('--from [::1] --user 6001 --password given --say hello', env);
  assert.deepEqual([own?.server, own?.password], [{ host: '::1', port: 5060 }, 'given']);
});

test('a recording is read before the call is placed', async (t) => {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-steps-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'hello.wav');
  await writeFile(file, writeWav({ samples: tone(400, 100, 8_000), sampleRateHz: 8_000 }));
  const request = await readCallRequest(['--play', file], {});
  const [step] = request?.steps ?? [];
  assert.ok(step?.kind === 'play');
  assert.deepEqual([step.name, step.audio.samples.length], ['hello.wav', 800]);
});

for (const [line, reason] of [
  ['--to 1000', /there is no step/],
  ['--shout hello', /unknown option '--shout'/],
  ['--say', /argument missing/],
  ['--say hello there', /"there" is not a step/],
  ['--wait soon', /--wait takes seconds/],
  ['--wait -1', /--wait takes seconds/],
  ['--press 1x', /not keys of a telephone/],
  ['--expect (', /Invalid regular expression/],
  ['--say ...', /nothing to say/],
  ['--play /nowhere/at-all.wav', /cannot be read/],
  ['--say hello --from sip.example.org', /--from and --user/],
  ['--say hello --from a:b:c --user x', /--from takes host:port/],
  ['--say hello --codec mp3', /--codec is/],
] as const) {
  test(`"${line}" is refused with a reason`, async () => {
    await assert.rejects(read(line), (error) => hasCode(error, 'phone-usage') && reason.test(error.message));
  });
}
