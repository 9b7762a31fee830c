import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../../app/config/schema.ts';
import { allWell, examine } from '../../app/doctor/examine.ts';
import { fine, note, warning } from '../../app/doctor/findings.ts';
import { linesOf, reportOf, secretsIn, summaryOf, withoutSecrets } from '../../app/doctor/report.ts';
import type { Check, Finding, Result } from '../../app/doctor/spec.ts';
import { checks } from '../../app/doctor/checks.ts';
import { ParleyError } from '../../app/errors.ts';
import { manualClock } from '../fakes/clock.ts';
import { examOf } from './support.ts';

const never = new AbortController().signal;

function check(name: string, work: () => Finding[] | Promise<Finding[]>, more: Partial<Check> = {}): Check {
  return { name, title: `Title of ${name}`, deadlineMs: 1_000, examine: async () => work(), ...more };
}

function refused(): never {
  throw new ParleyError('ari-rejected', { url: 'http://pbx:8088' });
}

test('each check has a verdict, the worst of what it found, in the order of the list', async () => {
  const told: string[] = [];
  const results = await examine(
    [
      check('slow', () => new Promise((resolve) => setImmediate(() => resolve([fine('well')])))),
      check('mixed', () => [fine('well'), warning('not so well', 'rest'), note('by the way')]),
      check('noted', () => [note('by the way'), fine('well')]),
    ],
    examOf(),
    { signal: never, onResult: ({ name }) => told.push(name) },
  );
  assert.deepEqual(
    results.map(({ verdict }) => verdict),
    ['fine', 'warning', 'note'],
  );
  assert.deepEqual(told, ['slow', 'mixed', 'noted']);
  assert.ok(allWell(results));
});

test('an error tells its code and its remedy; a service outside that fails is a warning', async () => {
  const results = await examine(
    [
      check('asterisk', refused),
      check('weather', refused, { outside: true }),
      check('odd', () => {
        throw new TypeError('undefined is not a function');
      }),
    ],
    examOf(),
    { signal: never },
  );
  const [asterisk, weather, odd] = results;
  assert.deepEqual(asterisk?.findings, [
    {
      verdict: 'failed',
      says: 'Asterisk at http://pbx:8088 refused the ARI user or password.',
      remedy: 'Set ARI_USER and ARI_PASSWORD to a user in ari.conf.',
      code: 'ari-rejected',
    },
  ]);
  assert.equal(weather?.verdict, 'warning');
  assert.equal(odd?.findings[0]?.code, 'doctor-failed');
  assert.match(odd.findings[0].says, /undefined is not a function/);
  assert.equal(allWell(results), false);
});

test('what makes no sense without another check is left out when that one failed', async () => {
  const results = await examine(
    [
      check('asterisk', refused),
      check('modules', () => [fine('never asked')], { needs: ['asterisk'] }),
      check('call', () => [fine('never asked')], { needs: ['modules'] }),
      check('after', () => [fine('asked all the same')], { after: ['call'] }),
    ],
    examOf(),
    { signal: never },
  );
  assert.deepEqual(
    results.map(({ verdict }) => verdict),
    ['failed', 'left-out', 'left-out', 'fine'],
  );
  assert.match(results[1]?.findings[0]?.says ?? '', /Title of asterisk/);
});

test('a check that does not end is given up after its deadline, and the others are told all the same', async () => {
  const clock = manualClock();
  let given: AbortSignal | undefined;
  const hanging: Check = {
    ...check('hanging', () => []),
    examine: (_, { signal }) => {
      given = signal;
      return new Promise(() => undefined);
    },
  };
  const examining = examine([hanging, check('well', () => [fine('well')])], examOf({}, { clock }), {
    signal: never,
  });
  await clock.whenSleeping(1);
  await clock.advance(1_000);
  const [first, second] = await examining;
  assert.equal(first?.findings[0]?.code, 'doctor-late');
  assert.ok(given?.aborted);
  assert.equal(second?.verdict, 'fine');
});

test('Ctrl-C ends all checks', async () => {
  const stopped = new AbortController();
  const hanging = check('hanging', () => new Promise(() => undefined));
  const examining = examine([hanging, hanging], examOf(), { signal: stopped.signal });
  stopped.abort(new Error('stopped'));
  await assert.rejects(examining, /stopped/);
});

test('the checks that there are have names of their own, and wait only for those before them', async () => {
  const names = checks.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const idle = checks.map((one) => ({ ...one, examine: () => Promise.resolve([fine('well')]) }));
  assert.ok(allWell(await examine(idle, examOf(), { signal: never })));
});

const result = (verdict: Result['verdict'], ...findings: Finding[]): Result => ({
  name: 'one',
  title: 'One',
  verdict,
  tookMs: 3,
  findings,
});

test('a person reads a line for each finding and the remedy below it, in colour only where asked for', () => {
  const shown = result('failed', fine('this'), { verdict: 'failed', says: 'that', remedy: 'do so' });
  const plain = linesOf(shown, { colours: false });
  assert.deepEqual(
    plain.map((line) => line.trim().replace(/ {2,}/g, '  ')),
    ['fine  One  this', 'FAIL  that', '-> do so'],
  );
  assert.doesNotMatch(plain.join(''), /\u001b/);
  assert.match(linesOf(shown, { colours: true }).join(''), /\u001b\[31mFAIL/);
  assert.match(summaryOf([shown]), /1 of 1 checks failed/);
  assert.match(summaryOf([result('warning', warning('that', 'do so'))]), /Calls are answered/);
  assert.equal(summaryOf([result('note')]), 'All is well.');
});

test('the report says whether calls can be answered', () => {
  const well = [
    result('fine', fine('this')),
    result('warning', warning('that', 'do so')),
    result('left-out'),
  ];
  assert.deepEqual(reportOf(well), { ok: true, checks: well });
  assert.equal(reportOf([...well, result('failed')]).ok, false);
});

test('no secret is shown, whoever put it into a message', () => {
  const config = configSchema.parse({ ari: { password: 'a-very-secret-word' } });
  const secrets = secretsIn(config);
  assert.deepEqual(secrets, ['a-very-secret-word']);
  const says = 'a-very-secret-word was refused by http://user:pass@pbx/ari?api_key=abc';
  const shown = JSON.stringify(
    withoutSecrets(result('failed', { verdict: 'failed', says, remedy: says }), secrets),
  );
  for (const secret of ['a-very-secret-word', 'user:pass', 'abc']) assert.ok(!shown.includes(secret), secret);
});
