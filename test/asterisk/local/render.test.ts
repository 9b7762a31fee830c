import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { temporaryFolder } from './support.ts';

const conf = path.resolve(import.meta.dirname, '../../../asterisk-conf');

const enough = {
  PARLEY_ARI_PASSWORD: 'a-good-long-password',
  PARLEY_PHONES: '6001 6002',
  PARLEY_PHONE_6001_PASSWORD: 'password-of-6001',
  PARLEY_PHONE_6002_PASSWORD: 'password-of-6002',
};

async function render(
  t: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<{ status: number | null; says: string; read: (file: string) => string; folder: string }> {
  const folder = path.join(await temporaryFolder(t), 'etc');
  const result = spawnSync('sh', [path.join(conf, 'render'), folder], {
    env: { PATH: '/usr/bin:/bin', ...env },
    encoding: 'utf8',
  });
  return {
    status: result.status,
    says: result.stderr,
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    folder,
  };
}

test('the files of the project are used unchanged, and only the owner can read what is rendered', async (t) => {
  const { status, read, folder } = await render(t, enough);
  assert.equal(status, 0);
  for (const file of readdirSync(conf).filter((name) => name.endsWith('.conf'))) {
    assert.equal(read(file), readFileSync(path.join(conf, file), 'utf8'));
  }
  for (const file of readdirSync(path.join(folder, 'rendered'))) {
    assert.equal(statSync(path.join(folder, 'rendered', file)).mode & 0o077, 0);
  }
});

test('nothing in the project’s files is a password', () => {
  for (const file of readdirSync(conf).filter((name) => name.endsWith('.conf'))) {
    assert.doesNotMatch(readFileSync(path.join(conf, file), 'utf8'), /^\s*(password|secret)\s*=/m);
  }
});

test('accounts, addresses and ports are what was asked for', async (t) => {
  const { read } = await render(t, {
    ...enough,
    PARLEY_SIP_BIND: '::',
    PARLEY_SIP_PORT: '5070',
    PARLEY_HTTP_PORT: '8099',
    PARLEY_RTP_FROM: '20000',
    PARLEY_RTP_TO: '20019',
    PARLEY_EXTERNAL_ADDRESS: 'parley.example.org',
    PARLEY_LOCAL_NETWORKS: '192.168.1.0/24 10.0.0.0/8',
    PARLEY_CALLER_PASSWORD: 'password-of-6099',
  });
  const transports = read('rendered/transports.conf');
  assert.match(transports, /protocol = udp\nbind = \[::\]:5070\n/);
  assert.match(transports, /external_media_address = parley\.example\.org\nlocal_net = 192\.168\.1\.0\/24\n/);
  assert.doesNotMatch(transports, /tls/);
  assert.doesNotMatch(read('rendered/phones.conf'), /media_encryption/);
  assert.match(read('rendered/http.conf'), /bindaddr = 127\.0\.0\.1\nbindport = 8099\n/);
  assert.match(read('rendered/rtp.conf'), /rtpstart = 20000\nrtpend = 20019\n/);
  assert.match(
    read('rendered/phones.conf'),
    /\[6099\]\(phone-auth\)\nusername = 6099\npassword = password-of-6099/,
  );
  assert.match(read('rendered/phone-numbers.conf'), /exten => 6002,1,/);
  assert.doesNotMatch(read('rendered/phone-numbers.conf'), /6099/);
});

test('a certificate with its key switches TLS and encrypted audio on', async (t) => {
  const file = path.join(conf, 'render');
  const { read } = await render(t, { ...enough, PARLEY_TLS_CERTIFICATE: file, PARLEY_TLS_KEY: file });
  assert.match(read('rendered/transports.conf'), /protocol = tls\nbind = 0\.0\.0\.0:5061\n/);
  assert.match(read('rendered/phones.conf'), /media_encryption = sdes/);
});

const refused: readonly (readonly [what: string, env: Readonly<Record<string, string>>, says: RegExp])[] = [
  ['no ARI password', { PARLEY_ARI_PASSWORD: '' }, /PARLEY_ARI_PASSWORD is missing; there is no default/],
  ['a short password', { PARLEY_ARI_PASSWORD: 'asterisk' }, /PARLEY_ARI_PASSWORD is too short/],
  ['an endless password', { PARLEY_ARI_PASSWORD: 'x'.repeat(129) }, /PARLEY_ARI_PASSWORD is too long/],
  ['a password with a comment in it', { PARLEY_ARI_PASSWORD: 'password;comment' }, /holds a character/],
  ['a password with a second line', { PARLEY_ARI_PASSWORD: 'password\nread_only=no' }, /holds a character/],
  ['a phone without password', { PARLEY_PHONE_6002_PASSWORD: '' }, /PARLEY_PHONE_6002_PASSWORD is missing/],
  ['a phone outside 60xx', { PARLEY_PHONES: '7001' }, /6000 to 6098, not '7001'/],
  ['a command as a phone', { PARLEY_PHONES: '6001$(id)' }, /6000 to 6098/],
  ['the software caller as a phone', { PARLEY_PHONES: '6099' }, /6099 is the account of the software caller/],
  [
    'a short password of the caller',
    { PARLEY_CALLER_PASSWORD: 'short' },
    /PARLEY_CALLER_PASSWORD is too short/,
  ],
  ['a port that is a word', { PARLEY_SIP_PORT: 'sip' }, /PARLEY_SIP_PORT must be a port/],
  ['a port beyond all ports', { PARLEY_HTTP_PORT: '65536' }, /PARLEY_HTTP_PORT must be a port/],
  ['port 0', { PARLEY_SIP_PORT: '0' }, /PARLEY_SIP_PORT must be a port/],
  [
    'a turned port range',
    { PARLEY_RTP_FROM: '20000', PARLEY_RTP_TO: '10000' },
    /must be above PARLEY_RTP_FROM/,
  ],
  ['audio on a reserved port', { PARLEY_RTP_FROM: '80' }, /PARLEY_RTP_FROM must be 1024 or more/],
  ['an address with a line in it', { PARLEY_SIP_BIND: '0.0.0.0\nx=y' }, /PARLEY_SIP_BIND must be an address/],
  [
    'an address with spaces',
    { PARLEY_EXTERNAL_ADDRESS: 'my host' },
    /PARLEY_EXTERNAL_ADDRESS must be an address/,
  ],
  ['a network without its size', { PARLEY_LOCAL_NETWORKS: '192.168.1.0' }, /PARLEY_LOCAL_NETWORKS must hold/],
  ['an application that is code', { PARLEY_ARI_APP: 'a,b)' }, /PARLEY_ARI_APP must be letters/],
  ['a user with brackets', { PARLEY_ARI_USER: 'a]b' }, /PARLEY_ARI_USER must be letters/],
  ['a certificate without key', { PARLEY_TLS_CERTIFICATE: '/etc/hostname' }, /PARLEY_TLS_KEY is missing/],
  [
    'a certificate that is not there',
    { PARLEY_TLS_CERTIFICATE: '/no/cert.pem', PARLEY_TLS_KEY: '/no/key.pem' },
    /PARLEY_TLS_CERTIFICATE cannot be read/,
  ],
  ['a folder beside', { PARLEY_VAR_DIR: 'var' }, /PARLEY_VAR_DIR must be an absolute path/],
  ['an id that is a name', { PARLEY_ENTITY_ID: 'parley' }, /PARLEY_ENTITY_ID must be six bytes/],
];

for (const [what, env, says] of refused) {
  test(`render refuses ${what} by the name of the variable`, async (t) => {
    const result = await render(t, { ...enough, ...env });
    assert.equal(result.status, 2);
    assert.match(result.says, says);
    const password = env.PARLEY_ARI_PASSWORD;
    if (password) assert.ok(!result.says.includes(password));
  });
}

test('a browser is told the address outside where it is given in numbers', async (t) => {
  const section = /^\[ice_host_candidates\]$/m;
  for (const [external, told] of [
    ['', false],
    ['pbx.example.org', false],
    ['203.0.113.7', true],
  ] as const) {
    const { status, read } = await render(t, { ...enough, PARLEY_EXTERNAL_ADDRESS: external });
    assert.equal(status, 0);
    const candidates = read('rendered/ice.conf');
    assert.equal(section.test(candidates), told, external);
    for (const line of candidates.split('\n').filter((one) => one.includes('=>')))
      assert.match(line, /^[\d.]+ => 203\.0\.113\.7,include_local_address$/);
  }
});
