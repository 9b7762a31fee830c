import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ParleyError } from '../../app/errors.ts';
import { script, temporaryFolder } from './support.ts';

/** What takes the place of a Node that cannot become another program (before 22.15 and 23.11). */
const withoutExecve = ['--import', 'data:text/javascript,process.execve=undefined'];

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project with the real bootstrap, no dependencies, and an npm of the test's own that installs Node by a link. */
class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(t: TestContext, npm: string[] = []): Promise<Project> {
    const project = new Project(await temporaryFolder(t));
    await mkdir(path.join(project.folder, 'app/setup'), { recursive: true });
    await mkdir(path.join(project.folder, 'bin'));
    for (const name of ['bootstrap.mjs', 'launch.mjs', 'lock.mjs']) {
      const from = path.resolve(import.meta.dirname, '../../app/setup', name);
      await copyFile(from, path.join(project.folder, 'app/setup', name));
    }
    await project.write('package.json', '{"type":"module"}');
    await project.lock('one');
    await project.write(
      'hello.ts',
      'const words: string[] = process.argv.slice(2);\nconsole.log(words.join("+"));',
    );
    await project.npm(...npm);
    return project;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.folder, name), text);
  }

  read(name: string): Promise<string> {
    return readFile(path.join(this.folder, name), 'utf8');
  }

  /** Another content is another hash. */
  lock(version: string): Promise<void> {
    const packages = { '': {}, 'node_modules/a': { version, integrity: version } };
    return this.write('package-lock.json', JSON.stringify({ packages }));
  }

  async npm(...before: string[]): Promise<void> {
    await script(
      path.join(this.folder, 'bin'),
      'npm',
      'echo "$*" >>npm-runs',
      ...before,
      'rm -rf node_modules',
      'mkdir -p node_modules/node/bin',
      `ln -s "${process.execPath}" node_modules/node/bin/node`,
    );
  }

  async npmRuns(): Promise<string[]> {
    return (await this.read('npm-runs').catch(() => '')).split('\n').filter(Boolean);
  }

  start(args: readonly string[], nodeArgs: readonly string[] = []): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [...nodeArgs, 'app/setup/bootstrap.mjs', ...args], {
      cwd: this.folder,
      env: { PATH: `${path.join(this.folder, 'bin')}:/usr/bin:/bin` },
      // No terminal, as in a service.
      detached: true,
    });
  }

  async run(args: readonly string[], nodeArgs: readonly string[] = []): Promise<Ended> {
    return ended(this.start(args, nodeArgs));
  }
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => (stdout += String(piece)));
  child.stderr.on('data', (piece) => (stderr += String(piece)));
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { status, signal, stdout, stderr };
}

test('the first command installs the packages and runs the program; the next one only runs it', async (t) => {
  const project = await Project.make(t);
  const first = await project.run(['hello.ts', 'a b', '--c']);
  assert.equal(first.stdout, 'a b+--c\n');
  assert.match(first.stderr, /^set-up {2}ok {4}npm packages, [\d.]+ s\n$/);
  const second = await project.run(['hello.ts', 'again']);
  assert.deepEqual([second.stdout, second.stderr], ['again\n', '']);
  assert.equal((await project.npmRuns()).length, 1);
});

test('a changed lock file, or an installation that was not finished, is installed again', async (t) => {
  const project = await Project.make(t);
  await project.run(['hello.ts']);
  await project.lock('two');
  await project.run(['hello.ts']);
  assert.equal((await project.npmRuns()).length, 2);

  const child = project.start(['hello.ts']);
  await ended(child);
  await rm(path.join(project.folder, 'node_modules/.parley-ready'));
  await project.run(['hello.ts']);
  assert.equal((await project.npmRuns()).length, 3);
});

test('an installation that is killed half way is not taken for done', async (t) => {
  const project = await Project.make(t, ['mkdir -p node_modules', 'sleep 30 & wait']);
  const child = project.start(['hello.ts']);
  while ((await project.npmRuns()).length === 0) await delay(10, undefined, { signal: t.signal });
  assert.ok(child.pid !== undefined);
  process.kill(-child.pid, 'SIGKILL');
  await once(child, 'exit');
  await project.npm();
  const { stdout } = await project.run(['hello.ts', 'whole']);
  assert.equal(stdout, 'whole\n');
  assert.equal((await project.npmRuns()).length, 2);
});

test('two commands at once in a fresh clone install once', async (t) => {
  const project = await Project.make(t, ['sleep 0.5']);
  const [one, two] = await Promise.all([project.run(['hello.ts', '1']), project.run(['hello.ts', '2'])]);
  assert.deepEqual([one.stdout, two.stdout], ['1\n', '2\n']);
  assert.equal((await project.npmRuns()).length, 1);
  assert.match(one.stderr + two.stderr, /another Parley installs them/);
});

test('packages that were installed by hand are used as they are', async (t) => {
  const project = await Project.make(t);
  await project.run(['hello.ts']);
  await rm(path.join(project.folder, 'node_modules/.parley-ready'));
  await project.write(
    'node_modules/.package-lock.json',
    JSON.stringify({ packages: { 'node_modules/a': { version: 'one', integrity: 'one' } } }),
  );
  await project.run(['hello.ts']);
  assert.equal((await project.npmRuns()).length, 1);
});

test('an npm that fails shows what it said, with the code and the remedy', async (t) => {
  const project = await Project.make(t, [
    'echo "npm error code ENOTFOUND" >&2',
    'echo "npm error request to the registry failed" >&2',
    'exit 1',
  ]);
  const { status, stderr } = await project.run(['hello.ts']);
  assert.equal(status, 1);
  const table = new ParleyError('setup-npm-failed', {
    reason: 'code ENOTFOUND\n  request to the registry failed',
  });
  assert.ok(stderr.endsWith(`${table.explain()}\n`), stderr);
});

test('a machine without npm is told which package it is in', async (t) => {
  const project = await Project.make(t);
  await rm(path.join(project.folder, 'bin/npm'));
  const child = spawn(process.execPath, ['app/setup/bootstrap.mjs', 'hello.ts'], {
    cwd: project.folder,
    env: { PATH: path.join(project.folder, 'bin') },
  });
  const { status, stderr } = await ended(child);
  assert.equal(status, 1);
  const table = new ParleyError('setup-tool-missing', { tool: 'npm', package: 'npm' });
  assert.equal(stderr, `${table.explain()}\n`);
});

test('without the packaged Node the current one is used when it is new enough', async (t) => {
  const project = await Project.make(t);
  await project.run(['hello.ts']);
  await rm(path.join(project.folder, 'node_modules/node'), { recursive: true });
  const { stdout } = await project.run(['hello.ts', 'fine']);
  assert.equal(stdout, 'fine\n');
  const old = [
    '--import',
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"20.1.0"}})',
  ];
  const { status, stderr } = await project.run(['hello.ts'], old);
  assert.equal(status, 1);
  assert.match(stderr, /^setup-npm-failed: .*did not bring Node 24.*this is Node 20\.1\.0/);
});

test('a Node that is too old is told so in the words of the table', async (t) => {
  const project = await Project.make(t);
  const old = [
    '--import',
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"16.20.2"}})',
  ];
  const { status, stderr } = await project.run(['hello.ts'], old);
  assert.equal(status, 1);
  assert.equal(stderr, `${new ParleyError('setup-node-too-old', { found: '16.20.2' }).explain()}\n`);
});

for (const [kind, nodeArgs] of [
  ['a Node that becomes the program', []],
  ['a Node that waits for the program', withoutExecve],
] as const) {
  test(`with ${kind}, its exit status and signals are those of the command`, async (t) => {
    const project = await Project.make(t);
    await project.write('exit.ts', 'process.exitCode = Number(process.argv[2]);');
    assert.equal((await project.run(['exit.ts', '7'], nodeArgs)).status, 7);

    await project.write(
      'wait.ts',
      'let seen = 0; const timer = setInterval(() => undefined, 1000);\n' +
        'for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {\n' +
        '  seen += 1; clearInterval(timer); setTimeout(() => console.log(name, seen), 200);\n});\n' +
        'console.log("ready");',
    );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const child = project.start(['wait.ts'], nodeArgs);
      await once(child.stdout, 'data');
      const end = ended(child);
      child.kill(signal);
      const { status, stdout } = await end;
      assert.deepEqual([status, stdout], [0, `${signal} 1\n`]);
    }

    await project.write(
      'die.ts',
      'process.kill(process.pid, "SIGTERM"); setTimeout(() => undefined, 10_000);',
    );
    assert.equal((await project.run(['die.ts'], nodeArgs)).signal, 'SIGTERM');
  });
}

test('a program out of node_modules/.bin runs under the project’s Node', async (t) => {
  const project = await Project.make(t);
  await project.run(['hello.ts']);
  await mkdir(path.join(project.folder, 'node_modules/.bin'));
  await project.write('node_modules/.bin/tool', 'console.log(process.argv.slice(2).join("+"));');
  const { stdout } = await project.run(['--bin', 'tool', 'x', '--y']);
  assert.equal(stdout, 'x+--y\n');
});
