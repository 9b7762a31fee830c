import type { Answers } from '../answers.ts';
import { clockTime, localTime, weekdayName } from '../local-time.ts';
import type { SayPlace } from '../place.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';

export interface TimeSkillOptions {
  readonly answers: Answers;
  readonly sayPlace: SayPlace;
  /** The machine's, which is taken for the caller's. */
  readonly timeZone: string;
}

/** GetTime: here, or in any city; with the weekday where it is another one than here. */
export function createTimeSkill({ answers, sayPlace, timeZone }: TimeSkillOptions): Skill {
  const { language } = answers;
  const clock = (now: Date, zone: string): string => {
    const { hour } = localTime(now, zone);
    return answers.word(hour % 12 === 1 ? 'clock-one' : 'clock', {
      time: clockTime(now, zone, language),
    });
  };
  return {
    intent: 'GetTime',
    needs: [],
    remembers: ['city'],
    sideEffects: false,
    run({ slots: { city, unknownPlace }, now }) {
      const seed = seedOf(now);
      if (unknownPlace !== undefined)
        return Promise.resolve(answer([answers.say('unknown-place', seed, { place: unknownPlace })]));
      if (city === undefined) {
        const time = clock(now, timeZone);
        return Promise.resolve(answer([answers.say('time-here', seed, { time })]));
      }
      const place = sayPlace(city);
      const time = clock(now, city.timeZone);
      const { date } = localTime(now, city.timeZone);
      const sentence =
        date === localTime(now, timeZone).date
          ? answers.say('time-in', seed, { place, time })
          : answers.say('time-in-on', seed, { place, time, weekday: weekdayName(date, language) });
      return Promise.resolve(answer([sentence], { remember: { city } }));
    },
  };
}
