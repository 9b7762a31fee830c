import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addDays,
  clockTime,
  dateName,
  daysBetween,
  localTime,
  weekdayName,
  weekdayOf,
} from '../../app/skills/local-time.ts';

test('a place has its own date and hour', () => {
  const at = new Date('2026-11-05T20:05:00Z');
  assert.deepEqual(localTime(at, 'America/Los_Angeles'), { date: '2026-11-05', hour: 12 });
  assert.deepEqual(localTime(at, 'Asia/Tokyo'), { date: '2026-11-06', hour: 5 });
  assert.deepEqual(localTime(new Date('2026-11-05T00:30:00Z'), 'UTC'), { date: '2026-11-05', hour: 0 });
});

test('days are counted across months, years and the change of clocks', () => {
  assert.equal(addDays('2026-02-28', 1), '2026-03-01');
  assert.equal(addDays('2026-12-31', 1), '2027-01-01');
  assert.equal(addDays('2026-10-25', 1), '2026-10-26');
  assert.equal(addDays('2026-11-05', -5), '2026-10-31');
  assert.equal(daysBetween('2026-10-24', '2026-10-26'), 2);
  assert.equal(weekdayOf('2026-11-05'), 4);
  assert.equal(weekdayName('2026-11-05', 'en-US'), 'Thursday');
  assert.equal(dateName('2026-11-05', 'en-US'), 'November 5');
});

for (const { at, timeZone, says } of [
  { at: '2026-11-05T05:05:00Z', timeZone: 'Asia/Tokyo', says: '2:05 PM' },
  { at: '2026-11-05T00:00:00Z', timeZone: 'UTC', says: '12:00 AM' },
  { at: '2026-11-05T12:00:00Z', timeZone: 'UTC', says: '12:00 PM' },
  { at: '2026-11-05T12:00:00Z', timeZone: 'Asia/Kathmandu', says: '5:45 PM' },
]) {
  test(`${at} is written as ${says} in ${timeZone}, with an ordinary space`, () => {
    assert.equal(clockTime(new Date(at), timeZone, 'en-US'), says);
  });
}
