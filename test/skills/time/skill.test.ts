import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTimeSkill } from '../../../app/skills/time/skill.ts';
import { answers, cities, run } from '../support.ts';

const { kathmandu, londonOntario, seattle, tokyo } = cities;
const skill = createTimeSkill({
  answers,
  sayPlace: ({ name, region }) => (name === 'London' ? `${name}, ${region}` : name),
  timeZone: 'Europe/Berlin',
});

for (const { asked, now, city, says } of [
  { asked: 'here', now: '2026-11-05T13:05:00Z', city: undefined, says: "It's 2:05 PM." },
  { asked: 'here, a second later', now: '2026-11-05T13:05:01Z', city: undefined, says: "It's 2:05 PM now." },
  {
    asked: 'where it is the same day',
    now: '2026-11-05T05:05:00Z',
    city: tokyo,
    says: "It's 2:05 PM in Tokyo.",
  },
  {
    asked: 'where it is tomorrow',
    now: '2026-11-05T20:00:00Z',
    city: tokyo,
    says: "It's 5:00 AM on Friday in Tokyo.",
  },
  {
    asked: 'where it is yesterday',
    now: '2026-11-05T02:30:01Z',
    city: seattle,
    says: "In Seattle it's 6:30 PM on Wednesday.",
  },
  {
    asked: 'in a zone of quarter hours',
    now: '2026-11-05T12:00:00Z',
    city: kathmandu,
    says: "It's 5:45 PM in Kathmandu.",
  },
  {
    asked: 'in a place with namesakes',
    now: '2026-11-05T12:00:00Z',
    city: londonOntario,
    says: "It's 7:00 AM in London, Ontario.",
  },
  { asked: 'in summer', now: '2026-07-05T12:00:00Z', city: seattle, says: "It's 5:00 AM in Seattle." },
]) {
  test(`the time ${asked}: ${says}`, async () => {
    const answer = await run(skill, city === undefined ? {} : { city }, now);
    assert.deepEqual(answer.say, [says]);
    assert.deepEqual(answer.next, { kind: 'listen' });
    assert.deepEqual(answer.remember, city && { city });
  });
}

test('the time in a place that nobody knows is not made up', async () => {
  const { say } = await run(skill, { unknownPlace: 'Nowhereville' }, '2026-11-05T13:05:00Z');
  assert.deepEqual(say, ["I don't know a place called Nowhereville. Which bigger city is close to it?"]);
});
