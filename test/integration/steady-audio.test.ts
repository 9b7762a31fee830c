import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Media } from '../bench/callers/rtp.ts';
import { type Arrivals, packetMs } from '../bench/callers/playout.ts';
import { mediaOf, sdpOf } from '../bench/callers/sdp.ts';
import { SipAgent } from '../bench/callers/sip-agent.ts';
import { pidOfAsterisk } from '../bench/processes.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

const host = '127.0.0.1';
const samplesPerMs = 8;
/** Of the greeting, which is spoken without a pause in the audio that is sent. */
const listenedMs = 6_000;
const pauses = 6;
const pauseMs = 50;

callTest('what a busy machine holds up is made up for: the audio falls no further behind', async (t) => {
  const bot = await startBot(t);
  const account = { user: '6099', password: bot.parley.secrets.caller, server: bot.sip };
  const agent = await SipAgent.open(account, host);
  t.after(() => agent.close(2_000));
  const media = await Media.open(1, host);
  t.after(() => media.close());
  const call = agent.call('1000', sdpOf(host, media.portOf(0)));
  const remote = mediaOf(await call.answered);
  assert.ok(remote);
  const stream = media.begin({
    call: 0,
    remotePort: remote.port,
    sound: new Uint8Array((listenedMs * samplesPerMs) / 2).fill(0xff),
    phase: 0,
    sinceMs: performance.now(),
  });

  assert.ok(bot.parley.asterisk);
  const asterisk = await pidOfAsterisk(bot.parley.asterisk.runDir);
  for (let pause = 0; pause < pauses; pause++) {
    await delay(listenedMs / (pauses + 2));
    process.kill(asterisk, 'SIGSTOP');
    await delay(pauseMs);
    process.kill(asterisk, 'SIGCONT');
  }
  await delay((2 * listenedMs) / (pauses + 2));
  call.hangUp();
  await call.over;

  const lags = lagsOf(stream.arrivals);
  t.diagnostic(`${lags.length} packets of one talkspurt`);
  assert.ok(lags.length * packetMs > listenedMs / 2, `${lags.length} packets`);
  const least = (some: readonly number[]): number => Math.min(...some);
  const behindMs = least(lags.slice(-25)) - least(lags.slice(0, 25));
  assert.ok(behindMs < packetMs, `${behindMs.toFixed(0)} ms behind`);
});

/** How much later than its timestamp says each packet of the last talkspurt came, beside the first of them. */
function lagsOf({ count, arrivalsMs, timestamps, markers }: Arrivals): number[] {
  const begin = Math.max(0, markers.lastIndexOf(1, count - 1));
  const since = (at: number): number =>
    (arrivalsMs[at] ?? 0) -
    (arrivalsMs[begin] ?? 0) -
    (((timestamps[at] ?? 0) - (timestamps[begin] ?? 0)) | 0) / samplesPerMs;
  return Array.from({ length: count - begin }, (_, i) => since(begin + i));
}
