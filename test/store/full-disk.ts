/** Run with a limit on the size of files: 20 calls whose records and recordings find no room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { VoiceRecorder } from '../../app/media/voice-recorder.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { CallKeeper } from '../../app/store/keeper.ts';
import { openStore } from '../../app/store/open.ts';
import { recordingLog } from '../fakes/log.ts';
import { aTurn } from './contract.ts';

// What is too long for the limit comes as an error rather than as the end of the process.
process.on('SIGXFSZ', () => undefined);
const [, , stateDir = ''] = process.argv;
const { signal } = new AbortController();
const store = openStore({ stateDir, store: { deadlineMs: 10_000 } });
const dropped: Record<string, number> = {};
const keeper = new CallKeeper({
  store,
  clock: systemClock,
  log: recordingLog(),
  metrics: {
    storeDropped: (why, count) => (dropped[why] = (dropped[why] ?? 0) + count),
    storeQueue: () => undefined,
  },
  limit: 100,
  maskDigits: 0,
});

let longestMs = 0;
const timed = (work: () => void): void => {
  const began = performance.now();
  work();
  longestMs = Math.max(longestMs, performance.now() - began);
};

function begin(callId: string): void {
  keeper.callBegan({
    callId,
    startedAt: new Date(),
    caller: { number: '6001', name: '' },
    dialled: '1000',
    language: 'en-US',
    resumed: false,
  });
}

let recordingsLost = 0;
const second = { samples: new Int16Array(16_000).fill(1_000), sampleRateHz: 16_000 };
async function call(callId: string): Promise<void> {
  const recorder = new VoiceRecorder({
    dir: stateDir,
    callId,
    onLost: () => (recordingsLost += 1),
  });
  timed(() => begin(callId));
  for (let turn = 1; turn <= 30; turn++) {
    timed(() => {
      const { number, ...kept } = aTurn(turn, { heard: 'x'.repeat(2_000) });
      keeper.turn(callId, { turn: number, ...kept });
    });
    timed(() => recorder.caller(second, recorder.beganMs + turn * 1_000));
    await sleep(5);
  }
  timed(() => keeper.callEnded(callId, { endedAt: new Date(), endedBy: 'caller' }));
  await recorder.close();
}
await Promise.all(Array.from({ length: 20 }, (_, at) => call(`call${at}`)));

// Room again.
execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited:unlimited']);
await keeper.flush(20_000);
begin('afterwards');
keeper.callEnded('afterwards', { endedAt: new Date(), endedBy: 'caller' });
await keeper.close(20_000);
const { calls } = await store.calls({ limit: 500 }, { signal });
await store.close();
console.log(
  JSON.stringify({
    longestMs: Math.round(longestMs * 10) / 10,
    dropped,
    recordingsLost,
    kept: calls.length,
    after: calls.filter(({ id }) => id === 'afterwards').length,
  }),
);
