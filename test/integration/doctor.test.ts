import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { before, describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checks } from '../../app/doctor/checks.ts';
import { examine } from '../../app/doctor/examine.ts';
import { openExam } from '../../app/doctor/exam.ts';
import type { Report } from '../../app/doctor/report.ts';
import type { Result } from '../../app/doctor/spec.ts';
import type { LocalAsterisk } from '../../app/asterisk/local/start.ts';
import type { Config } from '../../app/config/schema.ts';
import { writeRunning } from '../../app/setup/running.ts';
import { startFeeds } from '../fakes/feeds.ts';
import { recordingLog } from '../fakes/log.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { configOf } from '../doctor/support.ts';
import {
  ariPassword,
  connected,
  nothingLeft,
  startTestAsterisk,
  testAri,
  testCacheDir,
} from '../support/asterisk.ts';
import { fileOwner } from '../support/owner.ts';
import { startTestParley } from '../support/parley.ts';

/** The doctor at real Asterisks: one of its own, one that is configured, and that of a Parley that runs. */

const command = fileURLToPath(new URL('../../app/cli/doctor.ts', import.meta.url));
const aboutAsterisk = [
  'asterisk',
  'modules',
  'codecs',
  'application',
  'media-socket',
  'call',
  'media-server',
];

async function runDoctor(
  t: TestContext,
  settings: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ status: number | null; out: string; err: string }> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-doctor-state-'));
  t.after(() => rm(stateDir, { recursive: true, force: true }));
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
    PARLEY_STATE_DIR: stateDir,
    PARLEY_ASTERISK_SIP_PORT: '0',
    PARLEY_ASTERISK_HTTP_PORT: '0',
    ...settings,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', command, ...args], { env });
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { status, out, err };
}

/** The checks that have to do with Asterisk, as the command runs them. */
async function examineAsterisk(t: TestContext, config: Config): Promise<Map<string, Result>> {
  const { signal } = t;
  const exam = await openExam({ config, cacheDir: testCacheDir(), log: recordingLog(), signal });
  try {
    const some = checks.filter(({ name }) => aboutAsterisk.includes(name));
    const results = await examine(some, exam, { signal });
    return new Map(results.map((result) => [result.name, result]));
  } finally {
    await exam.close();
  }
}

test('npm run doctor on a machine where all is well: an own Asterisk, a test call, nothing left behind', async (t) => {
  const meteo = await startOpenMeteo();
  const feeds = await startFeeds({
    '/world': {
      format: 'rss',
      title: 'World',
      items: [{ title: 'The river has reached its highest level' }],
    },
  });
  t.after(() => Promise.all([meteo.close(), feeds.close()]));
  const { status, out, err } = await runDoctor(
    t,
    {
      PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url,
      PARLEY_SKILLS_NEWS_FEEDS: JSON.stringify([{ name: 'The Post', url: feeds.addressOf('/world') }]),
    },
    '--json',
  );
  assert.equal(status, 0, `${out}\n${err}`);
  const report = JSON.parse(out) as Report;
  assert.equal(report.ok, true);
  assert.deepEqual(
    report.checks.map(({ name }) => name),
    checks.map(({ name }) => name),
  );
  for (const { name, verdict, findings } of report.checks)
    assert.ok(['fine', 'note'].includes(verdict), `${name}: ${JSON.stringify(findings)}`);
  const said = (name: string): string =>
    (report.checks.find((check) => check.name === name)?.findings ?? []).map(({ says }) => says).join('; ');
  t.diagnostic(said('call'));
  assert.match(
    said('call'),
    /comes back from extension 600 after \d+ ms, whole; extension 1000 answers, and apologises/,
  );
  assert.match(said('speech'), /local hears what local says/);
  const left = (await readdir(tmpdir())).filter(
    (name) => name.startsWith('parley-doctor-') && !name.includes('state'),
  );
  const ours = await Promise.all(
    left.map((name) => readFile(path.join(tmpdir(), name, 'asterisk.pid'), 'utf8').catch(() => '')),
  );
  assert.deepEqual(ours, []);
});

test('npm run doctor says in words what is wrong with a configuration, and ends with status 1', async (t) => {
  const { status, out } = await runDoctor(t, { PARLEY_CALLS_CAPACITY: 'many', ARI_PASSWORD: 'not-for-show' });
  assert.equal(status, 1);
  assert.match(out, /^FAIL {2}Configuration +The configuration is not valid:\n.*PARLEY_CALLS_CAPACITY/);
  assert.match(out, /-> docs\/configuration\.md/);
  assert.doesNotMatch(out, /not-for-show|\u001b/);
});

describe('an Asterisk that is configured', () => {
  const owner = fileOwner();
  let asterisk: LocalAsterisk;
  before(async () => {
    asterisk = await startTestAsterisk(owner);
  });
  const configured = (password: string): Config => configOf({ ari: { url: asterisk.ariUrl, password } });

  test('refuses a wrong password: that is told once, and what depends on it is left out', async (t) => {
    const results = await examineAsterisk(t, configured('wrong'));
    assert.equal(results.get('asterisk')?.findings[0]?.code, 'ari-rejected');
    for (const name of aboutAsterisk.slice(1)) assert.equal(results.get(name)?.verdict, 'left-out', name);
  });

  test('needs no extension of ours: the test call goes through a bridge, both ways, and nothing is left', async (t) => {
    const results = await examineAsterisk(t, configured(ariPassword));
    for (const { name, verdict, findings } of results.values())
      assert.equal(verdict, 'fine', `${name}: ${JSON.stringify(findings)}`);
    const [call] = results.get('call')?.findings ?? [];
    assert.match(call?.says ?? '', /through a bridge after \d+ ms one way and \d+ ms the other, whole/);
    const ari = testAri(t, asterisk.ariUrl, { app: 'observer' });
    const up = connected(ari);
    ari.start();
    await up;
    await nothingLeft(ari);
  });

  test('lacks a module: the doctor names it, with what it is for', async (t) => {
    const never = { signal: t.signal };
    await asterisk.command('module unload res_ari_bridges.so', never);
    const results = await examineAsterisk(t, configured(ariPassword));
    await asterisk.command('module load res_ari_bridges.so', never);
    const [missing] = results.get('modules')?.findings ?? [];
    assert.match(missing?.says ?? '', /res_ari_bridges\.so: callers cannot be put into a bridge/);
    assert.equal(results.get('call')?.verdict, 'failed');
  });
});

test('the Parley that runs is examined, and its bot is heard', async (t) => {
  const parley = await startTestParley(t);
  const running = parley.parley.asterisk;
  assert.ok(running);
  const forget = await writeRunning(parley.stateDir, {
    pid: process.pid,
    sip: parley.sip,
    ariUrl: running.ariUrl,
    caller: { user: '6099', passwordFile: 'secrets.json' },
  });
  t.after(forget);
  const results = await examineAsterisk(t, parley.config);
  for (const { name, verdict, findings } of results.values())
    assert.equal(verdict, 'fine', `${name}: ${JSON.stringify(findings)}`);
  assert.match(results.get('asterisk')?.findings[0]?.says ?? '', /of the Parley that runs/);
  assert.match(results.get('call')?.findings[1]?.says ?? '', /extension 1000 answers and speaks/);
  assert.match(
    results.get('application')?.findings[0]?.says ?? '',
    /the Parley that runs here serves "parley"/,
  );
});
