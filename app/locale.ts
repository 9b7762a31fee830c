/** What a call needs in one language, put together from the configuration and the bot's content. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config/schema.ts';
import type { Locale } from './conversation/locales.ts';
import { Prompts } from './conversation/prompts.ts';
import { Speaker } from './conversation/speaker.ts';
import { loadTurnWords } from './conversation/turn-taking/words.ts';
import { ParleyError } from './errors.ts';
import type { Job } from './jobs/spec.ts';
import { createCityList } from './nlu/cities.ts';
import { type BotContent, botFolder, builtInContent } from './nlu/content.ts';
import { ownBotFor } from './nlu/own/bot.ts';
import { overlay } from './nlu/own/overlay.ts';
import { type PhraseSets, phraseSets } from './nlu/phrases.ts';
import { createUnderstanding } from './nlu/registry.ts';
import type { Understander } from './nlu/spec.ts';
import type { Clock } from './ops/clock.ts';
import type { Log } from './ops/log.ts';
import type { Metrics } from './ops/metrics.ts';
import { loadAnswers } from './skills/answers.ts';
import { createSkills } from './skills/registry.ts';
import type { WeatherService } from './skills/weather/forecast.ts';
import { checkSpeech } from './speech/registry.ts';
import type { Language, SpeechToText, TextToSpeech } from './speech/spec.ts';

const soundsDir = fileURLToPath(new URL('../sounds', import.meta.url));

/** What all languages share. */
export interface LocaleParts {
  readonly config: Config;
  readonly stt: SpeechToText;
  readonly tts: TextToSpeech;
  /** Of all that the bot says. */
  readonly sampleRateHz: number;
  readonly weather: WeatherService;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface BuiltLocale extends Locale {
  readonly phrases: PhraseSets;
  readonly understander: Understander;
  readonly content: BotContent;
  readonly prompts: Prompts;
  /** What keeps its skills up to date. */
  readonly jobs: readonly Job[];
}

/** The languages that calls may use, the default first. */
export function languagesOf({ language, languages }: Config['calls']): readonly Language[] {
  return [...new Set([language, ...languages])];
}

/**
 * Reads the content of a language and makes everything from it. A language that the engines or the understanding
 * cannot serve is refused.
 * @throws ParleyError `provider-mismatch`, `provider-unknown`, `language-unknown`, `bot-content-invalid`.
 */
export async function buildLocale(language: Language, parts: LocaleParts): Promise<BuiltLocale> {
  const { config, stt, tts, sampleRateHz, weather, clock, log, metrics } = parts;
  checkSpeech({ stt, tts, language, sampleRateHz });
  const own = ownBotFor(config.bot.dir, language);
  const content = own === undefined ? builtInContent(language) : overlay(builtInContent(language), own);
  const folder = botFolder(language);
  const [answers, words, recorded] = await Promise.all([
    loadAnswers(join(folder, 'answers.yaml'), language),
    loadTurnWords(join(folder, 'turn-taking.yaml')),
    Prompts.load(soundsDir, language, sampleRateHz),
  ]);
  const prompts = own?.greeting === undefined ? recorded : recorded.with('greeting', own.greeting);
  const { directory } = config.skills.call;
  const understander = createUnderstanding(
    config.nlu,
    {
      language,
      directory,
      clock,
      ...(own && { own }),
      ...(own && config.bot.dir !== undefined && { ownDir: config.bot.dir }),
    },
    { clock, log, metrics },
  );
  checkUnderstanding(understander, language);
  const phrases = phraseSets({ language, content, directory, extensions: config.asterisk.phones });
  const { skills, jobs } = createSkills({
    config: { ...config.skills, news: newsIn(language, config) },
    answers,
    weather,
    clock,
    log,
    cities: createCityList(content.places).cities,
    byRegion: content.places.byRegion,
    ...(own && { own: own.intents.flatMap(({ answer }) => answer ?? []), without: own.without }),
  });
  const { deadlineMs, keepSpokenMB } = config.speech;
  return {
    language,
    words,
    phrases,
    understander,
    content,
    prompts,
    jobs: jobs.map((job) => ({ ...job, name: `${job.name}-${language}` })),
    mind: {
      stt,
      understander,
      rules: { ...config.nlu, skills },
      answers,
      phrasesFor: (expecting) => phrases[expecting ?? 'general'] ?? phrases.general,
      clock,
      deadlineMs,
    },
    speaker: new Speaker({
      tts,
      prompts,
      language,
      sampleRateHz,
      deadlineMs,
      keptBytes: keepSpokenMB * 1_000_000,
    }),
  };
}

function checkUnderstanding({ name, can }: Understander, language: Language): void {
  if (can.languages.includes(language)) return;
  throw new ParleyError('provider-mismatch', {
    kind: 'understanding',
    name,
    reason: `it knows ${can.languages.join(', ')}, and calls are to use ${language}`,
  });
}

/** The feeds in a language; those that name none are in the language of calls. */
function newsIn(language: Language, { calls, skills }: Config): Config['skills']['news'] {
  const feeds = skills.news.feeds.filter(
    (feed) => familyOf(feed.language ?? calls.language) === familyOf(language),
  );
  return { ...skills.news, feeds };
}

function familyOf(tag: string): string {
  return tag.split('-', 1)[0] ?? tag;
}
