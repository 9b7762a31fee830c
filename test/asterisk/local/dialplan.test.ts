import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { promptTonesHz, runningAsterisk, toneMsIn, toneSounds } from './support.ts';
import { telephone } from './telephone.ts';

function assertHeard(heard: Buffer, prompt: keyof typeof promptTonesHz): void {
  for (const [name, hz] of Object.entries(promptTonesHz)) {
    const ms = toneMsIn(heard, hz);
    if (name === prompt) assert.ok(ms > 1_300, `${String(ms)} ms of ${name}`);
    else assert.equal(ms, 0, name);
  }
}

test('a caller hears what the dialplan has to say', { timeout: 90_000 }, async (t) => {
  const parley = await runningAsterisk(t, { soundsDir: await toneSounds(t) });
  const call = await telephone(t, parley);

  await t.test('who calls the bot while the app is not there hears an apology', async () => {
    assertHeard(await call('1000'), 'apology');
  });
  await t.test('who calls the bot in Spanish hears it in Spanish', async () => {
    assertHeard(await call('1034'), 'es/apology');
  });
  await t.test('who calls a telephone that is not registered hears that it is not available', async () => {
    assertHeard(await call('6002'), 'not-available');
  });
  await t.test('who dials a number that does not exist hears so', async () => {
    for (const number of ['6055', '0015551234', '7', 'nobody', '*98']) {
      assertHeard(await call(number), 'unknown-number');
    }
  });
  await t.test('who calls the echo test hears himself', async () => {
    assert.ok(toneMsIn(await call('600'), 400) > 3_000);
  });
  await t.test('a call that the app has taken and let go just ends', async () => {
    const address = parley.ariUrl.replace('http', 'ws');
    const login = `${parley.ariUser}:${parley.ariPassword}`;
    const events = new WebSocket(`${address}/ari/events?app=parley&api_key=${login}`);
    t.after(() => events.terminate());
    const taken = new Promise<string>((resolve, reject) => {
      events.on('error', reject);
      events.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString()) as { type: string; channel?: { id: string } };
        if (event.type === 'StasisStart' && event.channel) resolve(event.channel.id);
      });
    });
    await new Promise((resolve) => events.once('open', resolve));
    const heard = call('1000');
    const ask = (what: string): Promise<Response> =>
      fetch(`${parley.ariUrl}/ari/channels/${what}`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
      });
    const channel = await taken;
    assert.equal((await ask(`${channel}/answer`)).status, 204);
    assert.equal((await ask(`${channel}/continue`)).status, 204);
    for (const hz of Object.values(promptTonesHz)) assert.equal(toneMsIn(await heard, hz), 0);
  });
  const log = await readFile(parley.logFile, 'utf8');
  assert.deepEqual(
    log.split('\n').filter((line) => line.includes(' ERROR[')),
    [],
  );
});
