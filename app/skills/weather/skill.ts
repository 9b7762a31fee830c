import { hasCode } from '../../errors.ts';
import type { Day, Slots } from '../../nlu/spec.ts';
import type { Log } from '../../ops/log.ts';
import type { Answers } from '../answers.ts';
import { addDays, localTime, weekdayOf } from '../local-time.ts';
import type { SayPlace } from '../place.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';
import type { Forecast, WeatherService } from './forecast.ts';
import { tellDay, tellNow, tellPart, tellSpan, tellTwoDays, type Telling } from './report.ts';
import { whenWords } from './words.ts';

export interface WeatherSkillOptions {
  readonly service: WeatherService;
  readonly units: 'metric' | 'imperial';
  readonly answers: Answers;
  readonly sayPlace: SayPlace;
  readonly log: Log;
}

/** GetWeather: now, a day, a part of one, a weekend, a week; in any city. */
export function createWeatherSkill(options: WeatherSkillOptions): Skill {
  const { service, units, answers, sayPlace, log } = options;
  return {
    intent: 'GetWeather',
    needs: [['city', 'unknownPlace']],
    remembers: ['city', 'day'],
    sideEffects: false,
    async run({ slots, now }, { signal }) {
      const seed = seedOf(now);
      const { city, unknownPlace } = slots;
      if (unknownPlace !== undefined)
        return answer([answers.say('unknown-place', seed, { place: unknownPlace })]);
      if (city === undefined) return answer([answers.say('ask-city', seed)]);

      const day = dayOf(slots);
      const remember = { city, ...(day === undefined ? {} : { day }) };
      let forecast: Forecast;
      try {
        forecast = await service.forecast(city, { signal });
      } catch (error) {
        if (!hasCode(error, 'skill-service-unreachable', 'skill-service-garbled')) throw error;
        log.warn('no weather', { error });
        const key = error.code === 'skill-service-garbled' ? 'weather-garbled' : 'weather-unreachable';
        return answer([answers.say(key, seed)], { outcome: error.code, remember });
      }
      const telling = { answers, place: sayPlace(city), now: localTime(now, city.timeZone), units, seed };
      return answer(tell(forecast, day, telling), { remember });
    },
  };
}

/** "For the next five days" may come as a bare number. */
function dayOf({ day, count }: Slots): Day | undefined {
  if (day !== undefined || count === undefined || count < 2) return day;
  return { daysFromToday: 0, days: count };
}

function tell(forecast: Forecast, day: Day | undefined, telling: Telling): string[] {
  const { answers, now, place, seed } = telling;
  if (day === undefined) return tellNow(forecast, telling);
  const first = inCity(day, now.date);
  const last = first + day.days - 1;
  if (last < 0) return [answers.say('weather-past', seed)];

  const from = addDays(now.date, Math.max(first, 0));
  const to = addDays(now.date, last);
  if (day.part !== undefined && from === to) {
    const told = tellPart(forecast, from, day.part, telling);
    if (told !== undefined) return told;
    if (from === now.date) {
      const [current = ''] = tellNow(forecast, telling);
      const when = whenWords(answers, now.date, from, day.part);
      return [answers.say('weather-part-over', seed, { when, place }), current];
    }
  }
  if (to === now.date) return tellNow(forecast, telling);

  const days = forecast.days.filter(({ date }) => date >= from && date <= to);
  const [one, two] = days;
  if (one === undefined) {
    const ahead = forecast.days.filter(({ date }) => date >= now.date).length;
    return [answers.say('weather-too-far', seed, { days: ahead })];
  }
  if (two === undefined) return tellDay(one, telling);
  return days.length === 2 ? tellTwoDays(one, two, telling) : tellSpan(days, telling);
}

/**
 * The day counted from the city's own today. A weekday that was named holds there too: when it is Thursday evening here,
 * "Friday" is today in Tokyo, not tomorrow.
 */
function inCity({ daysFromToday, weekday }: Day, today: string): number {
  if (weekday === undefined) return daysFromToday;
  const near = [daysFromToday, daysFromToday - 1, daysFromToday + 1];
  return near.find((days) => days >= 0 && weekdayOf(addDays(today, days)) === weekday) ?? daysFromToday;
}
