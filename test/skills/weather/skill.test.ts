import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Day, Slots } from '../../../app/nlu/spec.ts';
import { createOpenMeteo } from '../../../app/skills/weather/open-meteo.ts';
import { createWeatherSkill } from '../../../app/skills/weather/skill.ts';
import { manualClock } from '../../fakes/clock.ts';
import { recordingLog } from '../../fakes/log.ts';
import { startOpenMeteo, type FakeDay, type FakeWeather } from '../../fakes/open-meteo.ts';
import { answers, cities, run, skillsConfig } from '../support.ts';

const { seattle, tokyo } = cities;

/** A Thursday; five past noon in Seattle, five past five on Friday in Tokyo. */
const thursdayNoon = '2026-11-05T20:05:00Z';

const dry: FakeDay = { code: 3, lowC: 6, highC: 14, rainChance: 5, windKmh: 12 };
const rain: FakeDay = { code: 61, lowC: 8, highC: 13, rainChance: 70, windKmh: 18 };
const snow: FakeDay = { code: 73, lowC: -5, highC: -1, rainChance: 80, windKmh: 10 };
const storm: FakeDay = { code: 95, lowC: 9, highC: 12, rainChance: 90, windKmh: 75 };

const week: FakeWeather = {
  current: { temperatureC: 12.3, feelsLikeC: 11, code: 61, windKmh: 10 },
  days: [
    // Thursday: it rains until 14 and clears up.
    {
      code: 61,
      lowC: 6,
      highC: 14,
      rainChance: 60,
      windKmh: 10,
      hours: hoursFrom(14, { code: 2, rainChance: 10 }),
    },
    rain,
    { ...dry, rainChance: 40 },
    snow,
    storm,
    dry,
    { ...dry, code: 0 },
    rain,
    ...Array.from({ length: 6 }, () => dry),
  ],
};

function hoursFrom(from: number, what: { code: number; rainChance: number }): NonNullable<FakeDay['hours']> {
  return Object.fromEntries(Array.from({ length: 24 - from }, (_, hour) => [from + hour, what]));
}

const meteo = await startOpenMeteo({ clock: manualClock(thursdayNoon), weather: () => week });
after(() => meteo.close());

function weatherSkill(units: 'metric' | 'imperial' = 'metric', now = thursdayNoon) {
  const clock = manualClock(now);
  const config = skillsConfig({ weather: { baseUrl: meteo.url, units } }).weather;
  const service = createOpenMeteo({ config, fetch, clock });
  const log = recordingLog();
  return createWeatherSkill({ service, units, answers, sayPlace: ({ name }) => name, log });
}

const skill = weatherSkill();

const table: readonly { readonly asked: string; readonly day?: Day; readonly says: readonly string[] }[] = [
  {
    asked: 'what is the weather',
    says: [
      "In Seattle it's 12 degrees with light rain right now.",
      'Later today it stays like that, between 8 and 14 degrees.',
    ],
  },
  {
    asked: 'tomorrow',
    day: { daysFromToday: 1, days: 1 },
    says: [
      'Tomorrow in Seattle, expect light rain, between 8 and 13 degrees.',
      'The chance of rain is 70 percent.',
    ],
  },
  {
    asked: 'on Saturday, when it may rain',
    day: { daysFromToday: 2, days: 1 },
    says: [
      'On Saturday in Seattle, expect cloudy skies, between 6 and 14 degrees.',
      'The chance of rain is 40 percent.',
    ],
  },
  {
    asked: 'on Sunday, when it snows',
    day: { daysFromToday: 3, days: 1 },
    says: [
      'On Sunday in Seattle, expect snow, between minus 5 and minus 1 degree.',
      'The chance of snow is 80 percent.',
    ],
  },
  {
    asked: 'on Monday, when it storms',
    day: { daysFromToday: 4, days: 1 },
    says: [
      'On Monday in Seattle, expect thunderstorms, between 9 and 12 degrees.',
      'It will be windy, with up to 75 kilometers an hour.',
    ],
  },
  {
    asked: 'on a dry day',
    day: { daysFromToday: 6, days: 1 },
    says: ['On Wednesday in Seattle, expect sunshine, between 6 and 14 degrees.'],
  },
  {
    asked: 'in a week',
    day: { daysFromToday: 7, days: 1 },
    says: [
      'On Thursday, November 12 in Seattle, expect light rain, between 8 and 13 degrees.',
      'The chance of rain is 70 percent.',
    ],
  },
  {
    asked: 'this afternoon',
    day: { daysFromToday: 0, days: 1, part: 'afternoon' },
    says: [
      'This afternoon in Seattle, expect light rain, between 13 and 14 degrees.',
      'The chance of rain is 60 percent.',
    ],
  },
  {
    asked: 'this evening',
    day: { daysFromToday: 0, days: 1, part: 'evening' },
    says: ['This evening in Seattle, expect some clouds, between 10 and 13 degrees.'],
  },
  {
    asked: 'tonight, which reaches into tomorrow',
    day: { daysFromToday: 0, days: 1, part: 'night' },
    says: [
      'Tonight in Seattle, expect light rain, between 8 and 11 degrees.',
      'The chance of rain is 70 percent.',
    ],
  },
  {
    asked: 'this morning, which is over',
    day: { daysFromToday: 0, days: 1, part: 'morning' },
    says: [
      'This morning is already over in Seattle.',
      "In Seattle it's 12 degrees with light rain right now.",
    ],
  },
  {
    asked: 'tomorrow morning',
    day: { daysFromToday: 1, days: 1, part: 'morning' },
    says: [
      'Tomorrow morning in Seattle, expect light rain, between 9 and 12 degrees.',
      'The chance of rain is 70 percent.',
    ],
  },
  {
    asked: 'at the weekend',
    day: { daysFromToday: 2, days: 2 },
    says: [
      'On Saturday in Seattle, expect cloudy skies, between 6 and 14 degrees.',
      'On Sunday, expect snow, between minus 5 and minus 1 degree.',
    ],
  },
  {
    asked: 'yesterday and today',
    day: { daysFromToday: -1, days: 2 },
    says: [
      "In Seattle it's 12 degrees with light rain right now.",
      'Later today it stays like that, between 8 and 14 degrees.',
    ],
  },
  {
    asked: 'this week',
    day: { daysFromToday: 0, days: 7 },
    says: [
      'Over the next 7 days in Seattle, it will be between minus 5 and 14 degrees.',
      'Expect rain or snow on 4 of the 7 days.',
    ],
  },
  {
    asked: 'three days with snow and storm',
    day: { daysFromToday: 3, days: 3 },
    says: [
      'From Sunday, November 8 to Tuesday, November 10 in Seattle, it will be between minus 5 and 14 degrees.',
      'Expect rain or snow on Sunday and Monday.',
    ],
  },
  {
    asked: 'eight days, where weekdays come twice',
    day: { daysFromToday: 5, days: 8 },
    says: [
      'From Tuesday, November 10 to Tuesday, November 17 in Seattle, it will be between 6 and 14 degrees.',
      'Expect rain on November 12.',
    ],
  },
  {
    asked: 'three dry days',
    day: { daysFromToday: 8, days: 3 },
    says: [
      'From Friday, November 13 to Sunday, November 15 in Seattle, it will be between 6 and 14 degrees.',
      'No rain is expected.',
    ],
  },
  {
    asked: 'a fortnight that the service only knows the beginning of',
    day: { daysFromToday: 12, days: 7 },
    says: [
      'On Tuesday, November 17 in Seattle, expect cloudy skies, between 6 and 14 degrees.',
      'On Wednesday, November 18, expect cloudy skies, between 6 and 14 degrees.',
    ],
  },
  {
    asked: 'beyond what the service knows',
    day: { daysFromToday: 14, days: 1 },
    says: ['I can only see 14 days ahead.'],
  },
  {
    asked: 'next month, in the morning',
    day: { daysFromToday: 30, days: 1, part: 'morning' },
    says: ['I can only see 14 days ahead.'],
  },
  {
    asked: 'yesterday',
    day: { daysFromToday: -1, days: 1 },
    says: ["I can't look back. I only know the weather from now on."],
  },
];

for (const { asked, day, says } of table) {
  test(`weather in Seattle: ${asked}`, async () => {
    const slots: Slots = { city: seattle, ...(day === undefined ? {} : { day }) };
    const answer = await run(skill, slots, thursdayNoon);
    assert.deepEqual(answer.say, says);
    assert.equal(answer.outcome, 'ok');
    assert.deepEqual(answer.next, { kind: 'listen' });
    assert.deepEqual(answer.remember, slots);
    assert.ok(answer.say.length <= 2);
  });
}

test('one request serves all questions about a city', () => {
  assert.equal(meteo.requests.length, 1);
});

test('a city is told its own day, whatever the day is where the caller is', async () => {
  // It is Friday in Tokyo: counted from there, tomorrow is Saturday.
  const { say } = await run(skill, { city: tokyo, day: { daysFromToday: 1, days: 1 } }, thursdayNoon);
  assert.match(say[0] ?? '', /^Tomorrow in Tokyo, expect light rain/);
});

test('a weekday that the caller names is that weekday in the city too', async () => {
  // "On Friday" is tomorrow here and today there.
  const friday: Day = { daysFromToday: 1, days: 1, weekday: 5 };
  const { say } = await run(skill, { city: tokyo, day: friday }, thursdayNoon);
  assert.match(say[0] ?? '', /right now\.$/);
  const saturday: Day = { daysFromToday: 2, days: 1, weekday: 6 };
  assert.match((await run(skill, { city: tokyo, day: saturday }, thursdayNoon)).say[0] ?? '', /^Tomorrow/);
  // "On Thursday" is today here and over there: the one that is meant cannot be told, so it is today's.
  const thursday: Day = { daysFromToday: 0, days: 1, weekday: 4 };
  assert.match((await run(skill, { city: tokyo, day: thursday }, thursdayNoon)).say[0] ?? '', /right now\.$/);
});

test('"for the next five days" may come as a number', async () => {
  const answer = await run(skill, { city: seattle, count: 5 }, thursdayNoon);
  assert.match(answer.say[0] ?? '', /^Over the next 5 days in Seattle/);
  assert.deepEqual(answer.remember, { city: seattle, day: { daysFromToday: 0, days: 5 } });
});

test('in the evening the rest of the day is tonight; at the day’s end there is nothing more to say', async () => {
  const atNine = weatherSkill('metric', '2026-11-06T05:00:00Z');
  assert.deepEqual((await run(atNine, { city: seattle }, '2026-11-06T05:00:00Z')).say, [
    "In Seattle it's 12 degrees with light rain right now.",
    'Tonight it stays like that, down to 8 degrees.',
  ]);
});

test('in the small hours "tonight" is what is left of the night', async () => {
  const { say } = await run(
    skill,
    { city: seattle, day: { daysFromToday: 0, days: 1, part: 'night' } },
    '2026-11-06T10:00:00Z', // Friday, 2 in the morning
  );
  assert.match(say[0] ?? '', /^Tonight in Seattle, expect light rain, around 8 degrees\.$/);
});

test('units are the configured ones', async () => {
  const imperial = weatherSkill('imperial');
  assert.deepEqual(
    (await run(imperial, { city: seattle, day: { daysFromToday: 4, days: 1 } }, thursdayNoon)).say,
    [
      'On Monday in Seattle, expect thunderstorms, between 48 and 54 degrees.',
      'It will be windy, with up to 47 miles an hour.',
    ],
  );
  assert.equal(meteo.requests.at(-1)?.query.get('temperature_unit'), 'fahrenheit');
  assert.equal(meteo.requests.at(-1)?.query.get('wind_speed_unit'), 'mph');
});

test('the words differ from turn to turn', async () => {
  const { say } = await run(skill, { city: seattle }, '2026-11-05T20:05:01Z');
  assert.equal(say[0], "It's 12 degrees in Seattle right now, with light rain.");
});

test('a place that nobody knows is said so, and a nearby city asked for', async () => {
  assert.deepEqual((await run(skill, { unknownPlace: 'Nowhereville' }, thursdayNoon)).say, [
    "I don't know a place called Nowhereville. Which bigger city is close to it?",
  ]);
  assert.deepEqual((await run(skill, {}, thursdayNoon)).say, ['For which city?']);
});

test('a service that fails is said honestly, and what was asked is remembered', async () => {
  const log = recordingLog();
  const clock = manualClock(thursdayNoon);
  const config = skillsConfig({ weather: { baseUrl: meteo.url } }).weather;
  const service = createOpenMeteo({ config, fetch, clock });
  const failing = createWeatherSkill({
    service,
    units: 'metric',
    answers,
    sayPlace: ({ name }) => name,
    log,
  });
  meteo.behave('500', { times: 1 });
  const unreachable = await run(failing, { city: seattle }, thursdayNoon);
  assert.deepEqual(unreachable.say, ["I can't reach the weather service right now. Please try again later."]);
  assert.equal(unreachable.outcome, 'skill-service-unreachable');
  assert.deepEqual(unreachable.remember, { city: seattle });
  assert.equal(log.lines[0]?.level, 'warn');

  meteo.behave('wrong-schema', { times: 1 });
  const garbled = await run(failing, { city: seattle }, thursdayNoon);
  assert.deepEqual(garbled.say, [
    "The weather service sent me something I can't read. Please try again later.",
  ]);
  assert.equal(garbled.outcome, 'skill-service-garbled');
});
