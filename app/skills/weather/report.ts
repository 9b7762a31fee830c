import type { Answers } from '../answers.ts';
import { addDays, dateName, weekdayName, type LocalTime } from '../local-time.ts';
import type { DayForecast, Forecast, HourForecast } from './forecast.ts';
import { degrees, fullDate, isRain, isSnow, range, skyWords, whenWords, type PartOfDay } from './words.ts';

/** Everything besides the forecast that decides how it is told. */
export interface Telling {
  readonly answers: Answers;
  /** The place as it is said. */
  readonly place: string;
  /** The city's own date and hour. */
  readonly now: LocalTime;
  readonly units: 'metric' | 'imperial';
  /** Picks among variants. */
  readonly seed: number;
}

/** Chances below are not worth a word on a day that has no rain in its code. */
const worthSayingChance = 30;
/** A strong breeze turns into a near gale; from here on people hold on to their hats. */
const windy = { metric: 50, imperial: 31 } as const;
/** From this hour on, the rest of the day is tonight, until `nightEnds` of the next. */
const tonightBegins = 17;
const nightEnds = 6;

/** Now, and the rest of the day: at most two sentences. */
export function tellNow(forecast: Forecast, telling: Telling): string[] {
  const { answers, place, now, seed } = telling;
  const { current } = forecast;
  const sky = skyWords(answers, current.code, current.isDay);
  const temperature = degrees(answers, current.temperature);
  const first = answers.say('weather-now', seed, { place, temperature, sky });

  const tonight = now.hour >= tonightBegins;
  const rest = summaryOf(
    forecast.hours.filter(
      ({ date, hour }) =>
        (date === now.date && hour > now.hour) ||
        (tonight && date === addDays(now.date, 1) && hour < nightEnds),
    ),
  );
  if (rest === undefined) return [first];
  const when = answers.word(tonight ? 'when-tonight' : 'when-later-today');
  const restRange = tonight
    ? answers.word('range-down-to', { temperature: degrees(answers, rest.low) })
    : range(answers, rest.low, rest.high);
  const restSky = skyWords(answers, rest.code, !tonight);
  if (restSky === sky) return [first, answers.say('weather-stays', seed, { when, range: restRange })];
  return [
    first,
    answers.say('weather-later', seed, {
      when,
      sky: withChance(answers, restSky, rest),
      range: restRange,
    }),
  ];
}

/** One day: sky and temperatures, then the chance of rain or the wind where there is something to say. */
export function tellDay(day: DayForecast, telling: Telling): string[] {
  const { answers, place, now, units, seed } = telling;
  const first = answers.say('weather-day', seed, {
    place,
    when: whenWords(answers, now.date, day.date),
    sky: skyWords(answers, day.code, true),
    range: range(answers, day.low, day.high),
  });
  if (day.windSpeed !== undefined && day.windSpeed >= windy[units]) {
    const speed = answers.word(`speed-${units}`, { number: Math.round(day.windSpeed) });
    return [first, answers.say('weather-windy', seed, { speed })];
  }
  return [first, ...chanceOf(day, telling)];
}

/** A part of a day, or undefined when it is over or not in the forecast. */
export function tellPart(
  forecast: Forecast,
  date: string,
  part: PartOfDay,
  telling: Telling,
): string[] | undefined {
  const { answers, place, now, seed } = telling;
  const summary = summaryOf(hoursOf(forecast, date, part, now));
  if (summary === undefined) return undefined;
  const isDay = part === 'morning' || part === 'afternoon';
  const first = answers.say('weather-day', seed, {
    place,
    when: whenWords(answers, now.date, date, part),
    sky: skyWords(answers, summary.code, isDay),
    range: range(answers, summary.low, summary.high),
  });
  return [first, ...chanceOf(summary, telling)];
}

/** Two days, a sentence each. */
export function tellTwoDays(first: DayForecast, second: DayForecast, telling: Telling): string[] {
  const { answers, now, seed } = telling;
  const [sentence = ''] = tellDay(first, telling);
  const next = answers.say('weather-later', seed, {
    when: whenWords(answers, now.date, second.date),
    sky: skyWords(answers, second.code, true),
    range: range(answers, second.low, second.high),
  });
  return [sentence, next];
}

/** Three days or more: the range of temperatures, then which days are wet. */
export function tellSpan(days: readonly DayForecast[], telling: Telling): string[] {
  const { answers, place, now, seed } = telling;
  const { language } = answers;
  const from = days[0]?.date ?? now.date;
  const to = days.at(-1)?.date ?? from;
  const soon = from <= addDays(now.date, 1);
  const when = soon
    ? answers.word('when-next-days', { days: days.length })
    : answers.word('when-from-to', { from: fullDate(from, language), to: fullDate(to, language) });
  const low = Math.min(...days.map((day) => day.low));
  const high = Math.max(...days.map((day) => day.high));
  const first = answers.say('weather-span', seed, { place, when, range: range(answers, low, high) });

  const wet = days.filter(
    ({ code, rainChance = 100 }) => (isRain(code) || isSnow(code)) && rainChance >= worthSayingChance,
  );
  if (wet.length === 0) return [first, answers.say('weather-span-dry', seed)];
  const what = answers.word(
    wet.every(({ code }) => isRain(code))
      ? 'rain'
      : wet.every(({ code }) => isSnow(code))
        ? 'snow'
        : 'rain-or-snow',
  );
  if (wet.length > 3) {
    const count = wet.length;
    return [first, answers.say('weather-span-wet-days', seed, { what, count, total: days.length })];
  }
  // Within a week each weekday is there once.
  const name = days.length <= 7 ? weekdayName : dateName;
  const wetDays = answers.list(
    wet.map(({ date }) => name(date, language)),
    'and',
  );
  return [first, answers.say('weather-span-wet', seed, { what, days: wetDays })];
}

interface Summary {
  /** The most severe, as the service's own code of a day is. */
  readonly code: number;
  readonly low: number;
  readonly high: number;
  readonly rainChance: number | undefined;
}

/** Several hours as one, or undefined when there are fewer than two and so nothing to sum up. */
function summaryOf(hours: readonly HourForecast[]): Summary | undefined {
  if (hours.length < 2) return undefined;
  const chances = hours.flatMap(({ rainChance }) => rainChance ?? []);
  return {
    code: Math.max(...hours.map(({ code }) => code)),
    low: Math.min(...hours.map(({ temperature }) => temperature)),
    high: Math.max(...hours.map(({ temperature }) => temperature)),
    rainChance: chances.length === 0 ? undefined : Math.max(...chances),
  };
}

/** From and to which hour a part lasts; past 24 is the next day. */
const partHours = {
  morning: [6, 12],
  afternoon: [12, 18],
  evening: [18, 22],
  night: [20, 24 + nightEnds],
} as const satisfies Record<PartOfDay, readonly [number, number]>;

/** The hours of a part that are not over yet. */
function hoursOf(forecast: Forecast, date: string, part: PartOfDay, now: LocalTime): HourForecast[] {
  const isSmallHours = part === 'night' && date === now.date && now.hour < nightEnds;
  const [from, to] = isSmallHours ? [0, nightEnds] : partHours[part];
  const nextDate = addDays(date, 1);
  return forecast.hours.filter((at) => {
    const hour = at.date === date ? at.hour : at.date === nextDate ? at.hour + 24 : -1;
    const isOver = at.date < now.date || (at.date === now.date && at.hour < now.hour);
    return hour >= from && hour < to && !isOver;
  });
}

function chanceOf({ code, rainChance }: Pick<Summary, 'code' | 'rainChance'>, telling: Telling): string[] {
  const { answers, seed } = telling;
  if (rainChance === undefined) return [];
  const chance = Math.round(rainChance);
  if (isSnow(code)) return chance < 100 ? [answers.say('weather-snow-chance', seed, { chance })] : [];
  const isWorthSaying = isRain(code) ? chance < 100 : chance >= worthSayingChance;
  return isWorthSaying ? [answers.say('weather-rain-chance', seed, { chance })] : [];
}

function withChance(answers: Answers, sky: string, { code, rainChance }: Summary): string {
  const isWorthSaying =
    rainChance !== undefined && rainChance >= worthSayingChance && !isRain(code) && !isSnow(code);
  return isWorthSaying ? answers.word('sky-with-chance', { sky, chance: Math.round(rainChance) }) : sky;
}
