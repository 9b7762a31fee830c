import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe } from 'node:test';
import { promisify } from 'node:util';
import { readWav } from '../../app/audio/wav.ts';
import { openStore } from '../../app/store/open.ts';
import { RecordingsFolder } from '../../app/store/recordings.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

const { signal } = new AbortController();
const erase = path.resolve('app/cli/erase.ts');

/** Mean level of what lies between two moments, in samples' units. */
function level(samples: Int16Array, sampleRateHz: number, fromMs: number, toMs: number): number {
  const at = (ms: number): number => Math.round((ms * sampleRateHz) / 1000);
  const part = samples.subarray(at(fromMs), at(toMs));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length));
}

/** A real Asterisk, a real telephone, and afterwards what is kept. */
describe('a call that was kept', { concurrency: 2 }, () => {
  for (const kind of ['streamed', 'recorded'] as const) {
    callTest(
      `over a ${kind} line is found with its turns, and heard with each voice on its side`,
      async (t) => {
        const began = performance.now();
        const bot = await startBot(t, {
          settings: {
            PARLEY_LINE_KIND: kind,
            PARLEY_STORE_KEEP_RECORDINGS: 'true',
            // The telephone's ears take their time on a busy machine.
            PARLEY_CALLS_ASK_AGAIN_MS: '60000',
          },
        });
        t.diagnostic(`${kind}: started after ${Math.round(performance.now() - began)} ms`);
        // Spoken into the greeting.
        const call = await bot.call({ skipGreeting: true });
        await call.untilSpeaking();
        await call.say('what time is it in Tokyo');
        await call.expect(/Tokyo/);
        await call.say('goodbye');
        await call.expect(/bye/);
        await call.ended;
        t.diagnostic(`${kind}: over after ${Math.round(performance.now() - began)} ms`);
        await bot.parley.stop();

        const store = openStore(bot.config);
        t.after(() => store.close());
        const { calls } = await store.calls({ limit: 10 }, { signal });
        assert.equal(calls.length, 1, JSON.stringify(calls));
        const [kept] = calls;
        assert.ok(kept?.recording);
        assert.deepEqual(
          [kept.caller.number, kept.dialled, kept.lineKind, kept.endedBy, kept.turns, kept.intents],
          ['6099', '1000', kind, 'bot', 2, ['GetTime', 'Goodbye']],
        );
        const turns = await store.turnsOf(kept.id, { signal });
        const [asked] = turns;
        assert.ok(asked);
        assert.match(asked.heard, /time.*Tokyo/i);
        assert.match(asked.said.join(' '), /Tokyo/);
        assert.deepEqual([asked.decision, asked.outcome, asked.keyed], ['run', 'ok', false]);
        const events = await store.eventsOf(kept.id, { signal });
        assert.ok(events.some((event) => event.kind === 'barge-in'));
        const sayings = events.filter((event) => event.kind === 'saying');
        assert.deepEqual(
          sayings.map(({ details }) => details['turn']),
          [undefined, 1, 2].slice(0, sayings.length),
        );

        const { recording } = kept;
        const recordings = new RecordingsFolder(path.join(bot.stateDir, 'recordings'));
        const wav = readWav(await readFile(recordings.pathOf(recording.file) ?? ''));
        const [caller, said] = wav.channels;
        assert.ok(caller && said);
        assert.equal(wav.sampleRateHz, recording.sampleRateHz);
        assert.ok(Math.abs((caller.length / wav.sampleRateHz) * 1000 - recording.ms) < 2);
        const { speechStarted = 0, speechEnded = 0, started = 0 } = asked.times;
        const of = (samples: Int16Array, fromMs: number, toMs: number): number =>
          level(samples, wav.sampleRateHz, fromMs - recording.startsAtMs, toMs - recording.startsAtMs);
        const levels = {
          callerAsks: of(caller, speechStarted, speechEnded),
          botMeanwhile: of(said, (speechStarted + speechEnded) / 2, speechEnded),
          botAnswers: of(said, started + 100, started + 1_000),
          callerMeanwhile: of(caller, started + 100, started + 1_000),
          botGreets: of(said, 100, speechStarted),
        };
        t.diagnostic(`${kind}: ${JSON.stringify({ recording, times: asked.times, levels })}`);
        assert.ok(levels.callerAsks > 300 && levels.botAnswers > 300 && levels.botGreets > 300);
        assert.ok(levels.botMeanwhile < 30 && levels.callerMeanwhile < 30);

        if (kind === 'recorded') return;
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--disable-warning=ExperimentalWarning', erase, '--caller', '60 99', '--yes'],
          { env: { PATH: process.env['PATH'], PARLEY_STATE_DIR: bot.stateDir } },
        );
        assert.match(stdout, /Removed: 1 calls, 2 turns, \d+ events, 1 recordings\./);
        assert.equal(await store.call(kept.id, { signal }), undefined);
        assert.equal(await recordings.sizeBytes(), 0);
      },
    );
  }
});
