import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visits } from '../../../app/console/telephone/visits.ts';
import { hasCode, ParleyError } from '../../../app/errors.ts';
import { manualClock } from '../../fakes/clock.ts';
import { recordingLog } from '../../fakes/log.ts';

/** Two visits at once at most, each of ten minutes at most. */
async function someVisits(trouble?: ParleyError) {
  const clock = manualClock();
  const accounts = new Map<string, string>();
  const visits = new Visits({
    accounts: {
      nameOf: (id) => `visitor${id}`,
      check: () => (trouble === undefined ? Promise.resolve() : Promise.reject(trouble)),
      sweep: () => Promise.resolve(),
      make: ({ user, password }) => Promise.resolve(void accounts.set(user, password)),
      remove: (user) => Promise.resolve(void accounts.delete(user)),
    },
    most: 2,
    longestMs: 600_000,
    languages: ['en-US', 'es-ES'],
    clock,
    log: recordingLog(),
  });
  await visits.look();
  const ticketOf = (socketPath: string): string =>
    new URL(socketPath, 'http://console').searchParams.get('ticket') ?? '';
  return { visits, accounts, clock, ticketOf };
}

test('a page gets an account of its own, and the numbers of the bot in each language', async () => {
  const { visits, accounts } = await someVisits();
  const [one, other] = [await visits.begin('localhost'), await visits.begin('localhost')];
  assert.match(one.uri, /^sip:visitor[0-9a-f]{10}@localhost$/);
  assert.ok(one.password.length >= 20);
  assert.notEqual(one.password, other.password);
  assert.notEqual(one.socketPath, other.socketPath);
  assert.deepEqual(one.extensions, [
    { extension: '1000', language: 'en-US' },
    { extension: '1000*es-ES', language: 'es-ES' },
  ]);
  assert.equal(accounts.get(one.user), one.password);
});

test('a page too many is told so, and may come when another has left', async () => {
  const { visits, ticketOf } = await someVisits();
  const first = await visits.begin('localhost');
  await visits.begin('localhost');
  await assert.rejects(visits.begin('localhost'), (error) => hasCode(error, 'telephone-crowded'));
  visits.come(ticketOf(first.socketPath))?.leave(true);
  await visits.begin('localhost');
});

test('an account is gone when its page hangs up, does not come, or has been there too long', async () => {
  const { visits, accounts, clock, ticketOf } = await someVisits();
  const left = await visits.begin('localhost');
  const presence = visits.come(ticketOf(left.socketPath));
  presence?.leave(true);
  assert.equal(presence?.signal.aborted, true);
  assert.equal(accounts.size, 0);
  assert.equal(visits.come(ticketOf(left.socketPath)), undefined);

  await visits.begin('localhost');
  await clock.advance(11_000);
  assert.equal(accounts.size, 0);

  const long = await visits.begin('localhost');
  const here = visits.come(ticketOf(long.socketPath));
  await clock.advance(590_000);
  assert.equal(accounts.size, 1);
  await clock.advance(11_000);
  assert.equal(here?.signal.aborted, true);
  assert.equal(accounts.size, 0);
});

test('a page that lost its socket may come back, and keeps its call', async () => {
  const { visits, accounts, clock, ticketOf } = await someVisits();
  const ticket = ticketOf((await visits.begin('localhost')).socketPath);
  visits.come(ticket)?.leave(false);
  await clock.advance(5_000);
  const back = visits.come(ticket);
  // Back before its old socket was missed: the old one is ended, and its end means nothing.
  const again = visits.come(ticket);
  assert.equal(back?.signal.aborted, true);
  back.leave(true);
  await clock.advance(60_000);
  assert.equal(again?.signal.aborted, false);
  assert.equal(accounts.size, 1);
});

test('an Asterisk that cannot have such accounts is said to be why', async () => {
  const trouble = new ParleyError('telephone-unavailable', { reason: 'it has no WebSockets' });
  const { visits } = await someVisits(trouble);
  assert.equal(visits.trouble, trouble);
  await assert.rejects(visits.begin('localhost'), trouble);
});
