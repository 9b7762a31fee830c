import { setTimeout as delay } from 'node:timers/promises';
import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { rmsDbfs } from '../../audio/level.ts';
import { tone } from '../../audio/mix.ts';
import { ParleyError } from '../../errors.ts';
import { fine, note } from '../findings.ts';
import { type MediaLeg, sampleRateHz, TestCall } from '../legs.ts';
import type { Check, Exam, Finding } from '../spec.ts';
import { findTone } from '../tone.ts';

const toneMs = 1_000;
const toneHz = 1_000;
const otherToneHz = 700;
/** A window at each end may be cut, and a jitter buffer may drop one. */
const enoughMs = 900;
/** Longer than any way through Asterisk. */
const roadMs = 1_000;
const pollMs = 20;
/** A bot that greets is heard within this. */
const greetingMs = 6_000;
const speechWindowMs = 400;
const speechDbfs = -45;
const echoExtension = '600@phones';
const botExtension = '1000@bot';

/** The WebSocket that carries a caller’s audio opens. */
export const mediaSocketCheck: Check = {
  name: 'media-socket',
  title: 'Media socket',
  needs: ['application'],
  deadlineMs: 15_000,
  async examine(exam, { signal }) {
    if (!(await streams(exam, signal))) return [note('Asterisk has no chan_websocket: callers are recorded')];
    return TestCall.place(exam, signal, async (call) => {
      const beganMs = performance.now();
      await call.media();
      return [fine(`opens and starts in ${Math.round(performance.now() - beganMs)} ms`)];
    });
  },
};

/** A call inside Asterisk, with audio that is known, both ways. */
export const callCheck: Check = {
  name: 'call',
  title: 'Test call',
  needs: ['application', 'media-socket'],
  deadlineMs: 25_000,
  async examine(exam, { signal }) {
    if (!(await streams(exam, signal)))
      return [
        note('it takes chan_websocket; call 600 from a telephone to hear yourself, and 1000 for the bot'),
      ];
    const ownDialplan = (await exam.asterisk()).source !== 'configured';
    return Promise.all([
      TestCall.place(exam, signal, (call) => (ownDialplan ? echoed : bridged)(call, signal)),
      ...(ownDialplan ? [TestCall.place(exam, signal, (call) => callTheBot(call, exam, signal))] : []),
    ]);
  },
};

/** Through the echo of the dialplan. */
async function echoed(call: TestCall, signal: AbortSignal): Promise<Finding> {
  const [near, echo] = await Promise.all([call.media(), call.extension(echoExtension)]);
  if (echo === undefined) throw unheard('from extension 600', 'nobody answers there');
  await call.connect(near, echo);
  const lateMs = await sendTone(near, near, toneHz, 'there and back', signal);
  return fine(`a tone comes back from extension 600 after ${lateMs} ms, whole`);
}

/** Between two ends, where the dialplan is somebody else's. */
async function bridged(call: TestCall, signal: AbortSignal): Promise<Finding> {
  const [near, far] = await Promise.all([call.media(), call.media()]);
  await call.connect(near, far);
  const [there, back] = await Promise.all([
    sendTone(near, far, toneHz, 'from the caller', signal),
    sendTone(far, near, otherToneHz, 'to the caller', signal),
  ]);
  return fine(`a tone comes through a bridge after ${there} ms one way and ${back} ms the other, whole`);
}

/** Resolves, when nearly all of the tone was heard, with how many milliseconds it was on its way. */
async function sendTone(
  from: MediaLeg,
  to: MediaLeg,
  frequencyHz: number,
  way: string,
  signal: AbortSignal,
): Promise<number> {
  let sentMs = performance.now();
  const heardBefore = to.heard().length;
  await from.socket.play(tone(frequencyHz, toneMs, sampleRateHz), {
    signal,
    onSent: () => (sentMs = performance.now()),
  });
  const heard = (): ReturnType<typeof findTone> => findTone(to.heard(), sampleRateHz, frequencyHz);
  for (const untilMs = performance.now() + roadMs; heard().totalMs < enoughMs;) {
    if (performance.now() > untilMs) {
      const { totalMs } = heard();
      const silent = to.heard().length === heardBefore ? 'not one frame came' : 'only noise or silence came';
      throw unheard(way, totalMs === 0 ? silent : `${totalMs} ms of ${toneMs} ms came`);
    }
    await delay(pollMs, undefined, { signal });
  }
  const at = ((heard().fromMs ?? 0) / 1000) * sampleRateHz;
  return Math.max(0, Math.round(to.cameMs(at) - sentMs));
}

/** Calls the bot as a telephone does: it greets, or the dialplan apologises while no bot runs. */
async function callTheBot(call: TestCall, exam: Exam, signal: AbortSignal): Promise<Finding> {
  const beganMs = performance.now();
  const [near, bot] = await Promise.all([call.media(), call.extension(botExtension)]);
  if (bot === undefined) throw unheard('from extension 1000', 'nobody answers there');
  await call.connect(near, bot);
  const window = (sampleRateHz * speechWindowMs) / 1000;
  while (rmsDbfs(near.heard().subarray(-window)) < speechDbfs) {
    if (performance.now() - beganMs > greetingMs)
      throw unheard('from extension 1000', 'it was answered, and nothing was said');
    await delay(pollMs, undefined, { signal });
  }
  return exam.running
    ? fine('extension 1000 answers and speaks')
    : fine('extension 1000 answers, and apologises as long as the bot does not run');
}

function unheard(way: string, reason: string): ParleyError {
  return new ParleyError('doctor-no-audio', { way, reason });
}

async function streams(exam: Exam, signal: AbortSignal): Promise<boolean> {
  const modules = await inspectAri(await exam.asterisk()).modules({ signal });
  return modules.has('chan_websocket.so');
}
