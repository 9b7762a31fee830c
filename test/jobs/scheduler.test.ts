import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { cronTrigger, type Trigger } from '../../app/jobs/cron-trigger.ts';
import { createScheduler } from '../../app/jobs/scheduler.ts';
import type { Job } from '../../app/jobs/spec.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';

function setUp(job: Partial<Job> & Pick<Job, 'run'>) {
  const clock = manualClock();
  const log = recordingLog();
  const ticks = new Set<() => void>();
  const trigger: Trigger = {
    problemWith: () => undefined,
    every: (_, tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
  };
  const whole = { name: 'news-refresh', schedule: '* * * * *', atStart: false, deadlineMs: 10_000, ...job };
  const scheduler = createScheduler({ jobs: [whole], clock, log, trigger });
  return { clock, log, ticks, scheduler, tick: () => ticks.forEach((tick) => tick()) };
}

/** A job that runs until it is told to end. */
function longJob() {
  const runs: { readonly end: (error?: Error) => void; readonly signal: AbortSignal }[] = [];
  const run: Job['run'] = ({ signal }) =>
    new Promise((resolve, reject) => {
      runs.push({ signal, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { run, runs };
}

test('a job is done at each of its times, and at the start where it says so', async () => {
  let runs = 0;
  const { clock, scheduler, tick } = setUp({
    atStart: true,
    run: () => {
      runs += 1;
      return Promise.resolve();
    },
  });
  scheduler.start();
  scheduler.start();
  assert.equal(runs, 1);
  await clock.advance(0);
  tick();
  await clock.advance(0);
  tick();
  assert.equal(runs, 3);
  await scheduler.stop();
});

test('a job that still runs at its next time is not begun again', async () => {
  const { run, runs } = longJob();
  const { clock, log, scheduler, tick } = setUp({ run });
  scheduler.start();
  tick();
  tick();
  const joined = scheduler.runNow('news-refresh');
  assert.equal(runs.length, 1);
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ['job skipped: it still runs'],
  );
  runs[0]?.end();
  await joined;
  await clock.advance(0);
  tick();
  assert.equal(runs.length, 2);
  await scheduler.stop();
});

test('a job that fails is logged and done again at its next time', async () => {
  const { run, runs } = longJob();
  const { clock, log, scheduler, tick } = setUp({ run });
  scheduler.start();
  tick();
  runs[0]?.end(new Error('no luck'));
  await clock.advance(0);
  assert.partialDeepStrictEqual(log.lines[0], {
    level: 'warn',
    message: 'job failed',
    fields: { job: 'news-refresh' },
  });
  tick();
  assert.equal(runs.length, 2);
  await scheduler.stop();
});

test('a job that throws before it begins is logged all the same', async () => {
  const { log, scheduler } = setUp({
    run: () => {
      throw new Error('at once');
    },
  });
  await scheduler.runNow('news-refresh');
  assert.equal(log.lines[0]?.message, 'job failed');
});

test('a job is given up at its deadline', async () => {
  const { run, runs } = longJob();
  const { clock, log, scheduler, tick } = setUp({ run, deadlineMs: 10_000 });
  scheduler.start();
  tick();
  await clock.advance(9_999);
  assert.equal(runs[0]?.signal.aborted, false);
  await clock.advance(1);
  assert.equal(runs[0]?.signal.aborted, true);
  assert.match(String(log.lines[0]?.fields['error']), /not done within 10000 ms/);
  tick();
  assert.equal(runs.length, 2);
  await scheduler.stop();
});

test('stopping ends what runs and every later time, as often as it is asked for', async () => {
  const { run, runs } = longJob();
  const { clock, log, ticks, scheduler, tick } = setUp({ run });
  scheduler.start();
  tick();
  await Promise.all([scheduler.stop(), scheduler.stop()]);
  await scheduler.stop();
  assert.equal(runs[0]?.signal.aborted, true);
  assert.equal(ticks.size, 0);
  assert.equal(clock.sleeping, 0);
  scheduler.start();
  await scheduler.runNow('news-refresh');
  assert.equal(ticks.size, 0);
  assert.equal(runs.length, 1);
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['debug'],
  );
});

test('a scheduler that was never started can be stopped', async () => {
  const { scheduler } = setUp({ run: () => Promise.resolve() });
  await scheduler.stop();
});

test('a job that does not exist cannot be run', async () => {
  const { scheduler } = setUp({ run: () => Promise.resolve() });
  await assert.rejects(scheduler.runNow('nonsense'), /no job called nonsense/);
});

test('a schedule that is no cron expression is refused at start-up by name', () => {
  const jobs = [
    {
      name: 'news-refresh',
      schedule: 'every day',
      atStart: false,
      deadlineMs: 1,
      run: () => Promise.resolve(),
    },
  ];
  assert.throws(
    () => createScheduler({ jobs, clock: manualClock(), log: recordingLog() }),
    (error) => hasCode(error, 'config-invalid') && error.message.includes('"every day" of news-refresh'),
  );
});

test('node-cron says when it is time, until it is stopped', async (t: TestContext) => {
  const trigger = cronTrigger(recordingLog());
  assert.equal(trigger.problemWith('*/10 * * * *'), undefined);
  assert.match(trigger.problemWith('61 * * * *') ?? '', /minute|61/);
  let stop: (() => void) | undefined;
  t.after(() => stop?.());
  // Its timers do not keep a process alive; this test has to wait for one.
  const keepAlive = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(keepAlive));
  await new Promise<void>((resolve) => {
    stop = trigger.every('* * * * * *', resolve);
  });
  stop?.();
  stop?.();
});
