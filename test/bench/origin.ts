import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AriConnection } from '../../app/asterisk/ari/connection.ts';
import type { AriChannel } from '../../app/asterisk/ari/events.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { readMonoWav, writeWav } from '../../app/audio/wav.ts';
import { loadConfig } from '../../app/config/load.ts';
import { emptyMemory } from '../../app/conversation/dialogue.ts';
import { think, type Mind } from '../../app/conversation/think.ts';
import { TurnTrace } from '../../app/conversation/trace.ts';
import { allCities } from '../../app/nlu/cities.ts';
import { phraseSets } from '../../app/nlu/phrases.ts';
import { createUnderstander } from '../../app/nlu/registry.ts';
import { systemClock } from '../../app/ops/clock.ts';
import type { Phone } from '../../app/phone/phone.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { loadAnswers } from '../../app/skills/answers.ts';
import { createSkills } from '../../app/skills/registry.ts';
import { createLocalStt } from '../../app/speech/local/stt.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { normaliseForSpeech } from '../../app/speech/text/normalise.ts';
import { recordingLog } from '../fakes/log.ts';
import { connected, startTestAsterisk, testAri, testCacheDir } from '../support/asterisk.ts';
import { startPhone } from '../support/bot.ts';
import type { Owner } from '../support/owner.ts';

/**
 * The flow of the proof of concept that Parley grew from: ring for three seconds, answer, greet, record for eight
 * seconds whatever the caller does, and only then, one after the other, recognise, understand, do, synthesise all of
 * the answer, play it; and so on until the caller hangs up. With Parley's own engines, so that only the flow differs.
 */
const ringMs = 3_000;
const recordMs = 8_000;
const playDeadlineMs = 60_000;
const language = 'en-US';
const sampleRateHz = 8_000;
const callerPassword = 'for-this-bench-only';

type Engines = Mind & { readonly synthesise: (text: string, signal: AbortSignal) => Promise<Pcm> };

/** @returns a telephone that reaches it as 1000. */
export async function startOrigin(owner: Owner, env: Readonly<Record<string, string>>): Promise<Phone> {
  const { signal } = owner;
  const [asterisk, engines] = await Promise.all([
    startTestAsterisk(owner, { callerPassword }),
    startEngines(owner, env),
  ]);
  const ari = testAri(owner, asterisk.ariUrl);
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-origin-'));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  ari.onType('StasisStart', ({ channel }) => {
    const call = new OriginCall(ari, channel, engines, folder);
    // The caller hangs up in the middle of something.
    call.run(signal).catch(() => undefined);
  });
  const up = connected(ari);
  ari.start();
  await up;
  const server = { host: '127.0.0.1', port: asterisk.sipPort };
  return startPhone(owner, [{ user: '6099', password: callerPassword, server }]);
}

async function startEngines(owner: Owner, env: Readonly<Record<string, string>>): Promise<Engines> {
  const { signal } = owner;
  const config = await loadConfig(env);
  const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal });
  const stt = createLocalStt({ modelDir });
  const tts = createLocalTts();
  const understander = createUnderstander('local', { directory: {} });
  owner.after(async () => {
    await Promise.all([stt.close(), tts.close(), understander.close()]);
  });
  const phrases = phraseSets({ directory: {} });
  await Promise.all([stt.warmUp(Object.values(phrases)), tts.warmUp()]);
  const answers = await loadAnswers();
  const log = recordingLog();
  const { skills } = createSkills({
    config: config.skills,
    answers,
    clock: systemClock,
    log,
    cities: allCities(),
  });
  return {
    stt,
    understander,
    rules: { ...config.nlu, skills },
    answers,
    phrasesFor: (expecting) => phrases[expecting ?? 'general'] ?? phrases.general,
    clock: systemClock,
    deadlineMs: config.speech.deadlineMs,
    async synthesise(text, until) {
      const pieces: Pcm[] = [];
      const options = { sampleRateHz, language, voice: config.speech.voice, signal: until };
      for await (const piece of tts.speak(normaliseForSpeech(text, language), options)) pieces.push(piece);
      return concatPcm(pieces);
    },
  };
}

class OriginCall {
  readonly #ari: AriConnection;
  readonly #channelId: string;
  readonly #engines: Engines;
  readonly #folder: string;
  #turn = 0;

  constructor(ari: AriConnection, channel: AriChannel, engines: Engines, folder: string) {
    this.#ari = ari;
    this.#channelId = channel.id;
    this.#engines = engines;
    this.#folder = folder;
  }

  async run(ended: AbortSignal): Promise<void> {
    const { commands } = this.#ari;
    const gone = new AbortController();
    this.#ari.onSubject('channel', this.#channelId, (event) => {
      if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') gone.abort();
    });
    const signal = AbortSignal.any([ended, gone.signal]);
    await commands.ring(this.#channelId);
    await delay(ringMs, undefined, { signal });
    await commands.answer(this.#channelId);
    await this.#play('sound:parley/greeting', signal);
    while (!signal.aborted) {
      const audio = await this.#record(signal);
      const answer = await this.#answer(audio, signal);
      const file = path.join(this.#folder, `${this.#channelId}-${this.#turn}`);
      await writeFile(`${file}.wav`, writeWav({ samples: answer, sampleRateHz }));
      await this.#play(`sound:${file}`, signal);
    }
  }

  async #play(media: string, signal: AbortSignal): Promise<void> {
    const id = `${this.#channelId}-says-${this.#turn}`;
    const done = this.#ari.waitFor('playback', id, ['PlaybackFinished'], {
      signal,
      deadlineMs: playDeadlineMs,
    });
    await Promise.all([done, this.#ari.commands.play(this.#channelId, id, media)]);
  }

  async #record(signal: AbortSignal): Promise<Pcm> {
    const { commands } = this.#ari;
    const name = `${this.#channelId}-${++this.#turn}`;
    await commands.record(this.#channelId, name);
    await delay(recordMs, undefined, { signal });
    const finished = this.#ari.waitFor('recording', name, ['RecordingFinished'], { signal });
    await Promise.all([finished, commands.stopRecording(name)]);
    return readMonoWav(await commands.fetchRecording(name)).samples;
  }

  async #answer(audio: Pcm, signal: AbortSignal): Promise<Pcm> {
    const engines = this.#engines;
    const thinking = await think(
      (options) => this.#hear(audio, options.phrases, signal),
      emptyMemory,
      engines,
      {
        language,
        turn: this.#turn,
        history: [],
        trace: new TurnTrace(engines.clock, 0),
        onUnderstood: () => undefined,
        turnOver: Promise.resolve(),
        onBroken: () => undefined,
        signal,
      },
    );
    const say = thinking.kind === 'reply' ? thinking.reply.say : ['Sorry, I did not get that.'];
    const sentences: string[] = [];
    for await (const sentence of say) sentences.push(sentence);
    return engines.synthesise(sentences.join(' '), signal);
  }

  async #hear(audio: Pcm, phrases: Parameters<Mind['stt']['listen']>[1]['phrases'], signal: AbortSignal) {
    const whole = async function* (): AsyncGenerator<Pcm> {
      yield await Promise.resolve(audio);
    };
    const options = { sampleRateHz, language, signal, ...(phrases && { phrases }) };
    for await (const heard of this.#engines.stt.listen(whole(), options))
      if (heard.kind === 'final') return heard.text.trim();
    return '';
  }
}
