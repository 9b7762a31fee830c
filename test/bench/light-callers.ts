/**
 * The callers of the crowd, as a process of their own which `LoadPhone` starts and talks to. What they heard is made
 * into recordings only when the last of them has hung up: until then all of the machine belongs to what is measured.
 */
import { setPriority } from 'node:os';
import { messageOf } from '../../app/errors.ts';
import { holdCall } from './callers/hold-call.ts';
import type { FromCallers, ToCallers } from './callers/protocol.ts';
import { Media } from './callers/rtp.ts';
import { SipAgent } from './callers/sip-agent.ts';
import { spread } from './spread.ts';

// Telephones have processors of their own: these are not kept waiting by what they call. Not everybody may have it so.
try {
  setPriority(-10);
} catch {
  // Then they wait, and say how long.
}

const host = '127.0.0.1';
const farewellMs = 2_000;

type Crowd = Extract<ToCallers, { kind: 'crowd' }>;

let agent: SipAgent | undefined;
let number = '';
const ending = new AbortController();

process.on('message', (message: ToCallers) => {
  take(message).catch((error: unknown) => {
    if (!ending.signal.aborted) tell({ kind: 'failed', reason: messageOf(error) });
  });
});
// The bench has ended, in whatever way.
process.on('disconnect', () => {
  ending.abort();
  void (agent?.close(farewellMs) ?? Promise.resolve()).finally(() => process.exit());
});
// Ctrl-C on the terminal is for the bench.
process.on('SIGINT', () => undefined);

async function take(message: ToCallers): Promise<void> {
  if (message.kind === 'open') {
    number = message.number;
    agent = await SipAgent.open(message.account, host);
    tell({ kind: 'ready' });
  } else if (agent !== undefined) await holdAll(agent, message);
}

async function holdAll(callers: SipAgent, crowd: Crowd): Promise<void> {
  const { count, overMs, sound, bufferMs } = crowd;
  const media = await Media.open(count, host);
  try {
    const held = await spread(count, overMs, ending.signal, (at) =>
      holdCall(callers, media, { number, host, at, sound, bufferMs }),
    );
    const latestMs = media.takeLatestMs();
    for (const heard of held) tell({ kind: 'call', call: heard() });
    tell({ kind: 'over', latestMs });
  } finally {
    media.close();
  }
}

function tell(message: FromCallers): void {
  if (process.connected) process.send?.(message);
}
