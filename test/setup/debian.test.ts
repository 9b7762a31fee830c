import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import { hasCode } from '../../app/errors.ts';
import { parseIndexTargets, parsePrintUris, sourcesFor } from '../../app/setup/apt.ts';
import { cacheDirOf } from '../../app/setup/cache.ts';
import { debianPrefix } from '../../app/setup/debian-packages.ts';
import { findSox } from '../../app/setup/sox.ts';
import { checkTools, debianSystem } from '../../app/setup/system.ts';
import { script, temporaryFolder } from './support.ts';

const cacheDir = cacheDirOf(process.env, homedir());

test('on Debian the packages come from unstable at the machine’s own mirror', () => {
  const own = parseIndexTargets(
    [
      'http://mirror.example/debian-security/ bookworm-security main',
      'https://vendor.example/apt/ stable main',
      'http://mirror.example/debian/ bookworm main',
      'http://mirror.example/debian/ bookworm-updates main',
      '',
    ].join('\n'),
  );
  const system = { distribution: 'debian', codename: 'bookworm', architecture: 'amd64' } as const;
  assert.equal(
    sourcesFor(system, own),
    [
      'Types: deb',
      'URIs: http://mirror.example/debian/',
      'Suites: sid',
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
    ].join('\n'),
  );
});

test('what is loaded into a program of this machine comes from the machine’s own suite', () => {
  const own = parseIndexTargets('http://mirror.example/debian/ bookworm main\n');
  const system = { distribution: 'debian', codename: 'bookworm', architecture: 'amd64' } as const;
  const sources = sourcesFor(system, own, true);
  assert.match(sources ?? '', /^Suites: bookworm\nComponents: main non-free$/m);
});

test('on Ubuntu the packages come from the machine’s own suites, with universe and without strangers', () => {
  const own = parseIndexTargets(
    [
      'http://ports.example/ubuntu-ports/ noble main',
      'http://ports.example/ubuntu-ports/ noble restricted',
      'http://ports.example/ubuntu-ports/ noble-updates main',
      'http://security.example/ubuntu-ports/ noble-security main',
      'https://vendor.example/linux/ubuntu/ noble stable',
      'https://vendor.example/node/ nodistro main',
    ].join('\n'),
  );
  const system = { distribution: 'ubuntu', codename: 'noble', architecture: 'arm64' } as const;
  assert.equal(
    sourcesFor(system, own),
    [
      'Types: deb',
      'URIs: http://ports.example/ubuntu-ports/',
      'Suites: noble noble-updates',
      'Components: main universe',
      'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
      '',
      'Types: deb',
      'URIs: http://security.example/ubuntu-ports/',
      'Suites: noble-security',
      'Components: main universe',
      'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
      '',
    ].join('\n'),
  );
});

test('a machine that names no mirror gives no sources', () => {
  const system = { distribution: 'debian', codename: 'bookworm', architecture: 'amd64' } as const;
  assert.equal(
    sourcesFor(system, parseIndexTargets('https://vendor.example/x/ nodistro stable\n')),
    undefined,
  );
});

test('what apt would fetch is read with its versions and sizes', () => {
  const files = parsePrintUris(
    [
      'Reading package lists...',
      "'http://m/pool/a/asterisk_22.10.1%2bdfsg-1_amd64.deb' asterisk_1%3a22.10.1+dfsg-1_amd64.deb 2109876 SHA256:00",
      "'http://m/pool/z/zlib1g_1.3-1_amd64.deb' zlib1g_1.3-1_amd64.deb 92424 ",
    ].join('\n'),
  );
  assert.deepEqual(files, [
    {
      name: 'asterisk',
      file: 'asterisk_1%3a22.10.1+dfsg-1_amd64.deb',
      version: '1:22.10.1+dfsg-1',
      bytes: 2_109_876,
    },
    { name: 'zlib1g', file: 'zlib1g_1.3-1_amd64.deb', version: '1.3-1', bytes: 92_424 },
  ]);
});

for (const [system, text] of [
  ['Fedora Linux 44', 'ID=fedora\nPRETTY_NAME="Fedora Linux 44"\n'],
  ['Alpine Linux', 'ID=alpine\nPRETTY_NAME="Alpine Linux"\n'],
  ['linux', ''],
] as const) {
  test(`on ${system} Parley says that it brings no Asterisk, and what to do`, async (t) => {
    const osReleaseFile = path.join(await temporaryFolder(t), 'os-release');
    await writeFile(osReleaseFile, text);
    const prefix = debianPrefix({
      cacheDir: await temporaryFolder(t),
      name: 'asterisk',
      what: 'Asterisk',
      packages: ['asterisk'],
      signal: t.signal,
      osReleaseFile,
    });
    await assert.rejects(prefix, (error) => {
      assert.ok(hasCode(error, 'setup-unsupported-system'));
      assert.equal(error.details.system, system);
      assert.match(error.remedy, /docker-compose up/);
      return true;
    });
  });
}

test('this machine is a Debian or Ubuntu that Parley can use', async (t) => {
  assert.match((await debianSystem()).architecture, /^(amd64|arm64)$/);
  await checkTools(t.signal);
});

test('a sox on the PATH is used', async (t) => {
  const folder = await temporaryFolder(t);
  const installed = await script(folder, 'sox', 'echo "sox: SoX v14.4.2"');
  assert.deepEqual(await findSox({ cacheDir: folder, signal: t.signal, installed }), { path: installed });
});

test('without one, Parley’s own sox runs with its own libraries', async (t) => {
  const folder = await temporaryFolder(t);
  const sox = await findSox({ cacheDir, signal: t.signal, installed: '/no/sox' });
  const wav = path.join(folder, 'tone.wav');
  const env = { PATH: '/usr/bin:/bin' };
  assert.equal(
    spawnSync(sox.path, ['-n', '-b', '16', '-r', '8000', wav, 'synth', '1', 'sine', '440'], { env }).status,
    0,
  );
  const raw = spawnSync(sox.path, ['-V1', wav, '-r', '16000', '-t', 'raw', '-'], { env });
  assert.equal(raw.stdout.length, 2 * 16_000);
});

test('an asterisk on the PATH that is too old is not used', async (t) => {
  const folder = await temporaryFolder(t);
  const installed = await script(folder, 'asterisk', 'echo "Asterisk 18.10.0~dfsg"');
  const own = await findAsterisk({ cacheDir, signal: t.signal, installed: [installed] });
  assert.notEqual(own.command[0], installed);
  assert.match(own.version, /^2\d\.\d+\.\d+$/);
});
