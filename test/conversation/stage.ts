import type { TestContext } from 'node:test';
import type { ConnectOutcome } from '../../app/asterisk/lines/spec.ts';
import { type CallSummary, Conversation } from '../../app/conversation/conversation.ts';
import { Prompts } from '../../app/conversation/prompts.ts';
import { Speaker } from '../../app/conversation/speaker.ts';
import { loadTurnWords } from '../../app/conversation/turn-taking/words.ts';
import { botFolder } from '../../app/nlu/content.ts';
import type { Understander, Understanding, UnderstandOptions } from '../../app/nlu/spec.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { loadAnswers } from '../../app/skills/answers.ts';
import type { Answer, Skill } from '../../app/skills/spec.ts';
import type { SpeechToText, TextToSpeech } from '../../app/speech/spec.ts';
import { manualClock } from '../fakes/clock.ts';
import { type FakeLine, fakeLine } from '../fakes/line.ts';
import { recordingLog } from '../fakes/log.ts';

const sounds = new URL('../../sounds/', import.meta.url).pathname;

/** What the caller says is told to the fake recogniser by the first sample, an index into the test's utterances. */
export interface Stage {
  readonly line: FakeLine;
  readonly clock: ReturnType<typeof manualClock>;
  readonly texts: string[];
  readonly done: Promise<{ readonly turns: number; readonly endedBy: string }>;
  /** What is left of the call when it is over. */
  readonly summary: Promise<CallSummary>;
  readonly conversation: Conversation;
  readonly log: ReturnType<typeof recordingLog>;
  /** The caller says something; unless the turn is `over`, the silence after it is judged. */
  utter(text: string | Error, over?: boolean): void;
  /** The next thing that the bot says, as text; heard to its end. */
  hear(): Promise<string>;
  /** The next thing that the bot says; the test decides how it ends. */
  listen(): Promise<{ readonly text: string; finish(): void }>;
}

export interface Play {
  /** English when absent. */
  readonly language?: string;
  readonly understand?: (text: string, options: UnderstandOptions) => Partial<Understanding>;
  /** In place of the one that understands what `understand` says. */
  readonly understander?: Understander;
  readonly skills?: readonly Skill[];
  readonly outcome?: ConnectOutcome;
  /** Held until the test lets the recogniser go on. */
  readonly hold?: () => Promise<void>;
}

export const say = (text: string, more: Partial<Answer> = {}): Answer => ({
  say: [text],
  next: { kind: 'listen' },
  outcome: 'ok',
  ...more,
});

export function skill(intent: string, run: Skill['run'], more: Partial<Skill> = {}): Skill {
  return { intent, needs: [], remembers: [], sideEffects: false, run, ...more };
}

/** What follows from it has happened when the event loop has gone round. */
export const settled = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

export async function stage(t: TestContext, play: Play = {}): Promise<Stage> {
  const line = fakeLine(play.outcome === undefined ? {} : { outcome: play.outcome });
  const clock = manualClock();
  const log = recordingLog();
  const spoken: (string | Error)[] = [];
  const texts: string[] = [];
  const stt: SpeechToText = {
    name: 'fake',
    can: { interim: false, phrases: false, languages: ['en-US'], sampleRatesHz: [16_000] },
    async *listen(audio, { signal }) {
      let text = '';
      for await (const pcm of audio) {
        // Every utterance of these tests is one sample long; joined ones are as many.
        for (const sample of pcm) {
          const one = spoken[sample];
          if (one instanceof Error) throw one;
          text = `${text} ${one ?? ''}`.trim();
        }
      }
      await play.hold?.();
      signal.throwIfAborted();
      yield { kind: 'final', text, confidence: 1 };
    },
    warmUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const tts: TextToSpeech = {
    name: 'fake',
    can: { streaming: false, languages: ['en-US'], voices: ['v'], sampleRatesHz: [16_000] },
    async *speak(text) {
      texts.push(text);
      yield await Promise.resolve(Int16Array.of(texts.length - 1));
    },
    close: () => Promise.resolve(),
  };
  const understander: Understander = play.understander ?? {
    name: 'fake',
    can: { languages: ['en-US'] },
    understand: (text, options) =>
      Promise.resolve({
        text,
        intent: text,
        confidence: 1,
        slots: {},
        mentions: [],
        ranking: [],
        fragment: false,
        ...play.understand?.(text, options),
      }),
    close: () => Promise.resolve(),
  };
  const { language = 'en-US' } = play;
  const content = botFolder(language);
  const prompts = await Prompts.load(sounds, language, 16_000);
  const answers = await loadAnswers(`${content}/answers.yaml`, language);
  const conversation = new Conversation({
    line,
    speaker: new Speaker({
      tts,
      prompts,
      language,
      sampleRateHz: 16_000,
      deadlineMs: 5_000,
      keptBytes: 1_000_000,
    }),
    mind: {
      stt,
      understander,
      rules: {
        acceptAbove: 0.6,
        confirmAbove: 0.35,
        skills: new Map((play.skills ?? []).map((one) => [one.intent, one])),
      },
      answers,
      phrasesFor: () => ({ id: 'none', phrases: [] }),
      clock,
      deadlineMs: 5_000,
    },
    rules: { bargeIn: true, askAgainTimes: 2 },
    endOfTurn: { completeMs: 200, openMs: 500, missingMs: 1_000, trailingMs: 1_800 },
    words: await loadTurnWords(`${content}/turn-taking.yaml`),
    interDigitMs: 2_000,
    language,
    greeting: 'greeting',
    askAgainMs: 7_000,
    maxCallMs: 600_000,
    connectRingMs: 20_000,
    fillerAfterMs: 900,
    clock,
    log,
    metrics: createMetrics(),
  });
  const summary = conversation.run();
  const done = summary.then(({ turns, endedBy }) => ({ turns: turns.length, endedBy }));
  t.after(() => {
    line.hangUp();
    return done;
  });
  const listen = async () => {
    const saying = await line.nextSaying();
    return {
      text: saying.key === undefined ? (texts[saying.mark] ?? '') : saying.key.replace(/-[0-9a-f]{8}$/, ''),
      finish: saying.finish,
    };
  };
  return {
    line,
    clock,
    texts,
    done,
    summary,
    conversation,
    log,
    listen,
    utter(text, over = true) {
      spoken.push(text);
      line.does({ kind: 'speech-started', atMs: 0 });
      line.does({
        kind: 'speech',
        audio: { samples: Int16Array.of(spoken.length - 1), sampleRateHz: 16_000 },
      });
      line.does({ kind: 'pause', endedAtMs: 0, silenceMs: 600, over });
    },
    async hear() {
      const saying = await listen();
      saying.finish();
      // What follows from it has happened when the event loop has gone round.
      await clock.advance(250);
      return saying.text;
    },
  };
}
