import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCityList } from '../../../app/nlu/cities.ts';
import { builtInContent } from '../../../app/nlu/content.ts';
import { createLocalUnderstander } from '../../../app/nlu/local/understander.ts';
import { evaluationMoment } from '../../../app/nlu/evaluation-set.ts';
import { understand } from './support.ts';

test('fillers and politeness change neither intent nor city', async () => {
  const plain = await understand("What's the weather in Oslo tomorrow?");
  const polite = await understand(
    'um hello could you please uh tell me what the weather is in um Oslo tomorrow thank you',
  );
  assert.equal(polite.intent, plain.intent);
  assert.deepEqual(polite.slots, plain.slots);
});

test('a mention tells where in the text it stands', async () => {
  const text = 'Um, what will it be like in New York City on Friday night?';
  const { mentions } = await understand(text);
  assert.deepEqual(
    mentions.map(({ slot, start, end }) => [slot, text.slice(start, end)]),
    [
      ['city', 'New York City'],
      ['day', 'Friday night'],
    ],
  );
});

test('a mention in a corrected text still points into the text as it was heard', async () => {
  const text = 'whats the whether in Sea Attle to morrow';
  const { intent, mentions } = await understand(text);
  assert.equal(intent, 'GetWeather');
  assert.deepEqual(
    mentions.map(({ start, end }) => text.slice(start, end)),
    ['Sea Attle', 'to morrow'],
  );
});

test('a follow-up is a fragment with its slots and no intent of its own', async () => {
  for (const [text, slots] of [
    ['And tomorrow?', { day: { daysFromToday: 1, days: 1 } }],
    ['What about the weekend?', { day: { daysFromToday: 3, days: 2, weekday: 6 } }],
  ] as const) {
    const { intent, fragment, slots: found } = await understand(text);
    assert.deepEqual({ intent, fragment, slots: found }, { intent: 'None', fragment: true, slots });
  }
  const paris = await understand('and in Paris?');
  assert.equal(paris.fragment, true);
  assert.equal(paris.slots.city?.name, 'Paris');
});

test('what has words for an intent of its own is no fragment, even in the middle of a question', async () => {
  const { intent, fragment } = await understand("what's the news", { expecting: 'city' });
  assert.deepEqual([intent, fragment], ['GetNews', false]);
  assert.equal((await understand('and the news?')).intent, 'GetNews');
  assert.equal((await understand('and what time is it in Rome')).intent, 'GetTime');
});

test('out-of-scope talk is None and carries nothing, though it names cities and days', async () => {
  for (const text of [
    'I was in Paris last year',
    'book me a flight to Rome on Friday',
    'how tall is the Eiffel tower',
    'my phone number is five five five one two three four',
    'tell me a joke',
  ]) {
    const { intent, slots, mentions, fragment } = await understand(text);
    assert.deepEqual(
      { intent, slots, mentions, fragment },
      { intent: 'None', slots: {}, mentions: [], fragment: false },
      text,
    );
  }
});

test('yes and no are told apart, with fillers and politeness around them', async () => {
  for (const [text, expected] of [
    ['yes', 'yes'],
    ['Uh, yeah, sure.', 'yes'],
    ['Uh-huh.', 'yes'],
    ['Mm-hmm.', 'yes'],
    ["that's right", 'yes'],
    ['No.', 'no'],
    ['no thank you', 'no'],
    ["No, that's not what I said.", 'no'],
    ['know', 'no'],
    ['Yes, that right.', 'yes'],
  ] as const) {
    assert.equal((await understand(text, { expecting: 'confirmation' })).affirmation, expected, text);
  }
});

test('a no that goes on with something else is not just a no', async () => {
  const corrected = await understand('no, in London', { expecting: 'confirmation' });
  assert.equal(corrected.affirmation, undefined);
  assert.equal(corrected.slots.city?.name, 'London');
  assert.equal((await understand('no, never mind', { expecting: 'confirmation' })).intent, 'Stop');
});

test('"know" is no "no" when nothing was asked', async () => {
  assert.equal((await understand('know')).affirmation, undefined);
});

test('a count is heard even where a recogniser writes another word', async () => {
  assert.equal((await understand('Give me to headlines.')).slots.count, 2);
  assert.equal((await understand('tell me the top five stories')).slots.count, 5);
  assert.equal((await understand('read me a couple of headlines')).slots.count, 2);
});

test('a weekday counts in the calendar of the city that was named', async () => {
  // 10 in the evening of a Thursday in New York is Friday morning in Tokyo.
  const now = new Date('2026-03-13T02:00:00Z');
  const inTokyo = await understand("what's the weather in Tokyo on Friday", { now });
  assert.equal(inTokyo.slots.day?.daysFromToday, 0);
  const here = await understand("what's the weather on Friday", { now });
  assert.equal(here.slots.day?.daysFromToday, 1);
});

test('the ranking holds every intent once, best first, and no fragments', async () => {
  const { ranking, intent, confidence } = await understand('what time is it');
  const names = ranking.map((each) => each.intent);
  assert.deepEqual(
    [...names].sort(),
    builtInContent()
      .intents.map((each) => each.intent)
      .sort(),
  );
  assert.deepEqual(ranking[0], { intent, confidence });
  assert.ok(
    ranking.every((each, index) => index === 0 || each.confidence <= (ranking[index - 1]?.confidence ?? 1)),
  );
});

test('the same content gives the same understanding, to the last digit', async () => {
  const content = builtInContent();
  const [one, other] = [1, 2].map(() =>
    createLocalUnderstander({
      content,
      cities: createCityList(content.places),
      directory: ['Alice'],
      timeZone: 'UTC',
    }),
  );
  const options = { language: 'en-US', signal: new AbortController().signal, now: evaluationMoment };
  for (const text of ['will I need a brolly in Leeds', 'ring Alice', 'something quite different']) {
    assert.deepEqual(await one?.understand(text, options), await other?.understand(text, options));
  }
});

test('silence and a mere "um" mean nothing; what is merely not understood may mean something to somebody else', async () => {
  for (const text of ['', '...', 'um', 'uh, um']) assert.equal((await understand(text)).wordless, true, text);
  for (const text of ['do you like music', 'yes', 'Paris'])
    assert.equal((await understand(text)).wordless, undefined, text);
});
