import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { ownEngines } from '../fakes/azure-speech/own-engines.ts';
import { type FakeAzureSpeech, startAzureSpeech } from '../fakes/azure-speech/server.ts';
import type { Behaviour } from '../fakes/azure-speech/spec.ts';
import { testCacheDir } from '../support/asterisk.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import { fileOwner } from '../support/owner.ts';
import { callTest } from '../support/call-test.ts';

/** Calls in the middle of which the speech service is cut off: a real Asterisk, the vendor's SDK, a service on loopback. */

describe('a caller whose bot hears and speaks by a service in the cloud', () => {
  const owner = fileOwner();
  let cloud: FakeAzureSpeech;
  let bot: TestBot;
  /** What the service hears; the own engine has to listen for itself. */
  let words = '';

  before(async () => {
    const { dir } = await speechWeights({ cacheDir: testCacheDir(), signal: owner.signal });
    const { speaks, close } = ownEngines(dir);
    owner.after(close);
    cloud = await startAzureSpeech({ hears: () => words, speaks });
    owner.after(() => cloud.close());
    bot = await startBot(owner, {
      settings: {
        PARLEY_SPEECH_STT: 'azure,local',
        PARLEY_SPEECH_TTS: 'azure,local',
        PARLEY_SPEECH_AZURE_STT_URL: cloud.url,
        PARLEY_SPEECH_AZURE_TTS_URL: cloud.url,
        PARLEY_SPEECH_AZURE_LANGUAGES: 'en-US',
        PARLEY_SPEECH_FAILOVER_FAILURES: '1',
        PARLEY_SPEECH_FAILOVER_RETRY_MS: '500',
        // The service runs on the same machine as everything else.
        PARLEY_SPEECH_FAILOVER_FINAL_RESULT_MS: '1500',
        PARLEY_SPEECH_FAILOVER_FIRST_SOUND_MS: '1500',
      },
    });
  });

  const linesOf = async (message: string, from = 0) =>
    (await bot.log()).slice(from).filter((line) => line['message'] === message);

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  const nobodyIsLeftAlone = async (): Promise<boolean> =>
    (await linesOf('a speech engine is left alone')).length ===
    (await linesOf('a speech engine is taken back')).length;

  interface Turn {
    /** What the service does in this turn. */
    readonly cut?: Behaviour;
    readonly says: string;
    /** What the caller must hear; else it is enough that an answer begins. */
    readonly hears?: RegExp;
  }

  /** A call of some turns that build on each other, the last of them a goodbye. @returns the lines of the log about it. */
  async function callWith(turns: readonly Turn[]): Promise<(message: string) => Record<string, unknown>[]> {
    const from = (await bot.log()).length;
    const call = await bot.call({ skipGreeting: true });
    await call.untilSpeaking();
    for (const [at, { cut, says, hears }] of turns.entries()) {
      cloud.behave(cut ?? 'ok');
      // Connections that are open already would go on as before.
      cloud.cut();
      if (cut === undefined) await until(nobodyIsLeftAlone);
      words = says;
      await call.say(says, { voice: 'rms' });
      if (hears) await call.expect(hears);
      else await until(async () => (await linesOf('a turn', from)).length > at);
    }
    assert.equal((await call.ended).by, 'other');
    const lines = (await bot.log()).slice(from);
    return (message) => lines.filter((line) => line['message'] === message);
  }

  const tokyo: Turn = { says: 'what time is it in Tokyo', hears: /Tokyo/ };
  const madrid: Turn = { says: 'and in Madrid', hears: /Madrid/ };
  const goodbye: Turn = { says: 'goodbye' };

  for (const [what, cut, reason, code] of [
    ['the connection is reset', 'reset-midway', /failed/, 'stt-unavailable'],
    ['the service hangs', 'silent', /-result/, 'stt-unavailable'],
    ['the service refuses more requests', '429', /failed/, 'speech-overloaded'],
  ] as const) {
    callTest(
      `${what} in the second of three turns: neither the call nor the turn is lost, and the service is taken back`,
      async () => {
        const lines = await callWith([tokyo, { ...madrid, cut }, goodbye]);
        assert.deepEqual(
          lines('a turn').map(({ heardBy }) => heardBy),
          ['azure', 'local', 'azure'],
        );
        const taken = lines('another speech engine took over').find(({ kind }) => kind === 'stt');
        assert.deepEqual([taken?.['from'], taken?.['to']], ['azure', 'local']);
        assert.match(String(taken?.['reason']), reason);
        for (const message of ['a speech engine is left alone', 'a speech engine is taken back'])
          assert.deepEqual(new Set(lines(message).map(({ kind }) => kind)), new Set(['stt', 'tts']));
        assert.ok(lines('a speech engine failed').some((line) => line['code'] === code));
      },
    );
  }
});
