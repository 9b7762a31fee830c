import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { configFields } from '../../app/config/fields.ts';
import { loadConfig } from '../../app/config/load.ts';
import { hasCode } from '../../app/errors.ts';

async function file(t: TestContext, name: string, text: string): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-config-'));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(path.join(dir, name), text);
  return path.join(dir, name);
}

/** The problems that are told, one line each. */
async function problems(env: Record<string, string>): Promise<string[]> {
  try {
    await loadConfig(env);
  } catch (error) {
    assert.ok(hasCode(error, 'config-invalid'), String(error));
    return String(error.details['problems']).split('\n');
  }
  return assert.fail('nothing was refused');
}

test('without a file and without an environment everything has its default', async () => {
  const config = await loadConfig({});
  assert.equal(config.line.silenceMs, 600);
  assert.equal(config.ari.url, undefined);
  assert.equal(config.skills.weather.baseUrl, 'https://api.open-meteo.com');
});

test('the environment wins over the file, and the file over the default', async (t) => {
  const PARLEY_CONFIG = await file(t, 'parley.yaml', 'line: { silenceMs: 700, ringMs: 1000 }\n');
  const config = await loadConfig({ PARLEY_CONFIG, PARLEY_LINE_SILENCE_MS: '800' });
  assert.deepEqual([config.line.silenceMs, config.line.ringMs, config.line.bargeIn], [800, 1000, true]);
});

test('lists and names are read from the environment', async () => {
  const config = await loadConfig({
    PARLEY_ASTERISK_PHONES: '6001, 6005',
    PARLEY_SKILLS_CALL_DIRECTORY: '{"Alice":"6001"}',
    PARLEY_SKILLS_NEWS_FEEDS: '[{"name":"A","url":"https://example.org/feed"}]',
    PARLEY_LINE_BARGE_IN: 'false',
  });
  assert.deepEqual(config.asterisk.phones, ['6001', '6005']);
  assert.deepEqual(config.skills.call.directory, { Alice: '6001' });
  assert.equal(config.skills.news.feeds[0]?.name, 'A');
  assert.equal(config.line.bargeIn, false);
});

const refused: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['no number', { PARLEY_LINE_SILENCE_MS: 'soon' }, /PARLEY_LINE_SILENCE_MS \(line\.silenceMs\)/],
  ['a number out of range', { PARLEY_CALLS_CAPACITY: '0' }, /PARLEY_CALLS_CAPACITY/],
  ['a port that is none', { PARLEY_ASTERISK_SIP_PORT: '70000' }, /PARLEY_ASTERISK_SIP_PORT/],
  ['a word that is none of the choices', { PARLEY_LOG_LEVEL: 'loud' }, /PARLEY_LOG_LEVEL/],
  ['neither true nor false', { PARLEY_LINE_BARGE_IN: 'yes' }, /PARLEY_LINE_BARGE_IN/],
  ['an address that is none', { ARI_URL: 'asterisk', ARI_PASSWORD: 'x' }, /ARI_URL/],
  ['a phone outside the range', { PARLEY_ASTERISK_PHONES: '7001' }, /PARLEY_ASTERISK_PHONES/],
  ['broken JSON', { PARLEY_SKILLS_NEWS_FEEDS: '[{' }, /PARLEY_SKILLS_NEWS_FEEDS/],
  [
    'a name that nothing reads',
    { PARLEY_LINE_SILENCE: '600' },
    /PARLEY_LINE_SILENCE: there is no such field/,
  ],
  ['ARI_URL without a password', { ARI_URL: 'http://127.0.0.1:8088' }, /ARI_PASSWORD/],
  ['a certificate without its key', { PARLEY_ASTERISK_TLS_CERTIFICATE: '/c.pem' }, /tlsKey/],
  ['thresholds in the wrong order', { PARLEY_NLU_CONFIRM_ABOVE: '0.9' }, /nlu\.confirmAbove/],
  ['a model without an address', { PARLEY_NLU_UNDERSTANDER: 'local,model' }, /nlu\.model\.baseUrl/],
  ['an RTP range that ends before it begins', { PARLEY_ASTERISK_RTP_TO: '9999' }, /rtpTo/],
];
for (const [name, env, expected] of refused) {
  test(`${name} is refused by name`, async () => {
    assert.match((await problems(env)).join('\n'), expected);
  });
}

test('all problems are told at once', async () => {
  assert.equal(
    (await problems({ PARLEY_LOG_LEVEL: 'loud', PARLEY_CALLS_CAPACITY: '-1', PARLEY_X: '' })).length,
    3,
  );
});

test('an unknown key of the file is refused with its place', async (t) => {
  const PARLEY_CONFIG = await file(t, 'parley.yaml', 'line: { silence: 700 }\n');
  assert.match((await problems({ PARLEY_CONFIG })).join('\n'), /line: .*silence/);
});

test('a file that is not there or no YAML is told as unreadable', async (t) => {
  await assert.rejects(loadConfig({ PARLEY_CONFIG: '/nowhere/parley.yaml' }), { code: 'config-unreadable' });
  const broken = await file(t, 'parley.yaml', 'line: [unclosed\n');
  await assert.rejects(loadConfig({ PARLEY_CONFIG: broken }), { code: 'config-unreadable' });
});

test('the ARI password can come from a file, as containers hand it over', async (t) => {
  const ARI_PASSWORD_FILE = await file(t, 'ari-password', 'from-a-file\n');
  const config = await loadConfig({ ARI_URL: 'http://127.0.0.1:8088', ARI_PASSWORD_FILE });
  assert.equal(config.ari.password, 'from-a-file');
  await assert.rejects(loadConfig({ ARI_URL: 'http://127.0.0.1:8088', ARI_PASSWORD_FILE: '/nowhere' }), {
    code: 'config-unreadable',
  });
});

test('understanders are a list, and a language model has an address, a name and a key from a file', async (t) => {
  const keyFile = await file(t, 'key', 'a-key-for-tests\n');
  const { nlu } = await loadConfig({
    PARLEY_NLU_UNDERSTANDER: 'local,model',
    PARLEY_NLU_RUNG_ACCEPT_ABOVE: '{"local":0.8}',
    PARLEY_NLU_MODEL_BASE_URL: 'http://127.0.0.1:11434/v1',
    PARLEY_NLU_MODEL_MODEL: 'small',
    PARLEY_NLU_MODEL_KEY_FILE: keyFile,
  });
  assert.deepEqual(nlu.understander, ['local', 'model']);
  assert.deepEqual(nlu.rungAcceptAbove, { local: 0.8 });
  assert.equal(nlu.model.key, 'a-key-for-tests');
});

test('each field has a name of its own in the environment and a sentence', () => {
  const fields = configFields();
  assert.equal(new Set(fields.map(({ env }) => env)).size, fields.length);
  for (const { path: name, says } of fields) assert.match(says, /[.)]$/, name);
});
