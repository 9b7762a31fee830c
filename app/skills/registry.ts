import type { Config } from '../config/schema.ts';
import { messageOf, ParleyError } from '../errors.ts';
import type { Job } from '../jobs/spec.ts';
import type { OwnAnswer } from '../nlu/own/spec.ts';
import type { City, Intent } from '../nlu/spec.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Answers } from './answers.ts';
import { createCallSkill } from './call/skill.ts';
import { createGoodbyeSkill } from './goodbye/skill.ts';
import { createHelpSkill } from './help/skill.ts';
import type { Fetch } from './http.ts';
import { createNewsDesk } from './news/desk.ts';
import { createNewsSkill } from './news/skill.ts';
import { createSayPlace } from './place.ts';
import { createOwnSkill } from './own/skill.ts';
import { createRepeatSkill } from './repeat/skill.ts';
import { answer, seedOf } from './reply.ts';
import type { Skill } from './spec.ts';
import { createStopSkill } from './stop/skill.ts';
import { createTimeSkill } from './time/skill.ts';
import type { WeatherService } from './weather/forecast.ts';
import { createOpenMeteo } from './weather/open-meteo.ts';
import { createWeatherSkill } from './weather/skill.ts';

export interface SkillsOptions {
  readonly config: Config['skills'];
  readonly answers: Answers;
  readonly clock: Clock;
  readonly log: Log;
  /** All cities that callers may name, so that an ambiguous name is said with its state or country. */
  readonly cities?: Iterable<City>;
  /** The machine's fetch when absent. */
  readonly fetch?: Fetch;
  /** Countries whose cities are told apart by their state; those of `place.ts` when absent. */
  readonly byRegion?: readonly string[];
  /** Shared by several bots; one of its own when absent. */
  readonly weather?: WeatherService;
  /** How intents of the bot's own are answered; they take the place of built-in ones of the same name. */
  readonly own?: readonly OwnAnswer[];
  /** Built-in intents that this bot does not have. */
  readonly without?: readonly Intent[];
  /** For "what time is it?"; the machine's when absent. */
  readonly timeZone?: string;
}

export interface Skills {
  /** Each intent that Parley answers; all but `None`, which is the dialogue's. */
  readonly skills: ReadonlyMap<Intent, Skill>;
  /** What keeps them up to date; for the scheduler. */
  readonly jobs: readonly Job[];
}

/** Everything the bot can do. */
export function createSkills(options: SkillsOptions): Skills {
  const { config, answers, clock, log, cities = [], fetch = globalThis.fetch } = options;
  const { timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone, own = [], without = [] } = options;
  const sayPlace = createSayPlace(answers, cities, options.byRegion);
  const weather = options.weather ?? createOpenMeteo({ config: config.weather, fetch, clock });
  const desk = createNewsDesk({ config: config.news, fetch, clock, log });

  const builtIn = [
    createWeatherSkill({ service: weather, units: config.weather.units, answers, sayPlace, log }),
    createNewsSkill({ desk, answers }),
    createTimeSkill({ answers, sayPlace, timeZone }),
    createCallSkill({ directory: config.call.directory, answers }),
    createHelpSkill(answers),
    createRepeatSkill(),
    createGoodbyeSkill(answers),
    createStopSkill(answers),
  ];
  const skills = [
    ...builtIn.filter(({ intent }) => !without.includes(intent)),
    ...own.map((each) => createOwnSkill({ answer: each, answers, fetch, clock, log, timeZone })),
  ];
  const newsRefresh: Job = {
    name: 'news-refresh',
    schedule: config.news.refresh,
    atStart: true,
    // Each feed has a deadline of its own; this one is only for what nobody thought of.
    deadlineMs: config.news.deadlineMs * 2,
    run: (runOptions) => desk.refresh(runOptions),
  };
  return {
    skills: new Map(skills.map((skill) => [skill.intent, neverThrowing(skill, answers, log)])),
    jobs: config.news.feeds.length === 0 || without.includes('GetNews') ? [] : [newsRefresh],
  };
}

/** A fault in a skill costs the caller one apology, not the call. */
function neverThrowing(skill: Skill, answers: Answers, log: Log): Skill {
  return {
    ...skill,
    async run(request, options) {
      try {
        return await skill.run(request, options);
      } catch (cause) {
        options.signal.throwIfAborted();
        const { intent } = skill;
        const error = new ParleyError('skill-failed', { intent, reason: messageOf(cause) }, { cause });
        log.error('a skill failed', { intent, error });
        return answer([answers.say('skill-failed', seedOf(request.now))], { outcome: error.code });
      }
    },
  };
}
