import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorBody, Session } from '../../app/console/contract.ts';
import { manualClock } from '../fakes/clock.ts';
import { type Answer, arriving, type Stage, startStage } from './stage.ts';

const token = 'a-token-for-this-test';
const wide = { bind: '0.0.0.0', token };
const codeOf = (answer: Answer): string => (answer.json() as ErrorBody).error.code;

/** Signs in. @returns what the browser and the page then send. */
async function signIn(stage: Stage): Promise<{ readonly cookie: string; readonly 'x-csrf-token': string }> {
  const answer = await stage.ask('/api/session', { method: 'POST', body: { token } });
  assert.equal(answer.status, 200, answer.bytes.toString());
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(setCookie, /^parley-session=[^;]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/);
  return {
    cookie: setCookie.split(';', 1)[0] ?? '',
    'x-csrf-token': (answer.json() as Session).csrf,
  };
}

test('an operator on this machine needs no token, and changes nothing without the page’s own header', async (t) => {
  const stage = await startStage(t);
  const session = (await stage.ask('/api/session')).json() as Session;
  assert.deepEqual([session.authenticated, session.needsToken], [true, false]);
  assert.equal((await stage.ask('/api/status')).status, 200);
  stage.calls.callBegan(arriving('one'));
  const hangUp = (headers = {}) => stage.ask('/api/calls/live/one/hang-up', { method: 'POST', headers });
  assert.equal(codeOf(await hangUp()), 'console-csrf');
  assert.equal(codeOf(await hangUp({ 'x-csrf-token': 'guessed' })), 'console-csrf');
  assert.deepEqual(stage.hungUp, []);
  assert.equal((await hangUp({ 'x-csrf-token': session.csrf })).status, 200);
  assert.deepEqual(stage.hungUp, ['one']);
});

test('beyond this machine nothing is told without the token but that it lives', async (t) => {
  const stage = await startStage(t, { config: wide });
  const closed = ['/api/status', '/api/calls', '/api/calls/live', '/api/calls/x/recording', '/api/events'];
  for (const path of [...closed, '/api/figures', '/api/content', '/api/openapi.json', '/metrics']) {
    const answer = await stage.ask(path);
    assert.deepEqual([path, answer.status, codeOf(answer)], [path, 401, 'console-token-needed']);
  }
  for (const path of ['/live', '/ready', '/', '/page/icon.svg'])
    assert.equal((await stage.ask(path)).status, 200, path);
  const session = (await stage.ask('/api/session')).json() as Session;
  assert.deepEqual(session, { authenticated: false, csrf: '', needsToken: true });
});

test('the token gives a session, which ends when the operator signs out', async (t) => {
  const stage = await startStage(t, { config: wide });
  const { cookie, ...csrf } = await signIn(stage);
  assert.equal((await stage.ask('/api/status', { headers: { cookie } })).status, 200);
  const change = { method: 'DELETE', headers: { cookie } };
  assert.equal(codeOf(await stage.ask('/api/session', change)), 'console-csrf');
  const out = await stage.ask('/api/session', { method: 'DELETE', headers: { cookie, ...csrf } });
  assert.match(out.headers['set-cookie']?.[0] ?? '', /Max-Age=0/);
  assert.equal(codeOf(await stage.ask('/api/status', { headers: { cookie } })), 'console-token-needed');
});

test('a session outlives Parley’s process, but no other token, no change of the cookie and no week', async (t) => {
  const clock = manualClock();
  const before = await startStage(t, { config: wide, clock });
  const { cookie } = await signIn(before);
  const statusOf = async (stage: Stage, value: string): Promise<number> =>
    (await stage.ask('/api/status', { headers: { cookie: value } })).status;
  const after = await startStage(t, { config: wide, clock });
  assert.equal(await statusOf(after, cookie), 200);
  assert.equal(await statusOf(await startStage(t, { config: { ...wide, token: `${token}2` } }), cookie), 401);
  const [id = '', expires = '', signature = ''] = cookie.split('.');
  for (const forged of [
    `${id}.${Number(expires) + 1}.${signature}`,
    `${id}.${expires}.`,
    'parley-session=..',
  ])
    assert.equal(await statusOf(after, forged), 401, forged);
  clock.setNow(new Date(clock.now().getTime() + 7 * 24 * 3_600_000));
  assert.equal(await statusOf(after, cookie), 401);
});

test('a program sends the token with each request and needs no session', async (t) => {
  const stage = await startStage(t, { config: wide });
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await stage.ask('/metrics', { headers })).status, 200);
  stage.calls.callBegan(arriving('one'));
  assert.equal((await stage.ask('/api/calls/live/one/hang-up', { method: 'POST', headers })).status, 200);
});

test('who tries tokens is sent away after a few, for a minute', async (t) => {
  const clock = manualClock();
  const stage = await startStage(t, { config: wide, clock });
  const tryIt = (what: string) => stage.ask('/api/session', { method: 'POST', body: { token: what } });
  for (let times = 0; times < 5; times++) assert.equal(codeOf(await tryIt('wrong')), 'console-token-wrong');
  const refused = await tryIt(token);
  assert.deepEqual([refused.status, codeOf(refused)], [429, 'console-too-many-tries']);
  assert.equal(refused.headers['retry-after'], '60');
  const bearer = await stage.ask('/api/status', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(bearer.status, 429);
  await clock.advance(60_000);
  assert.equal((await tryIt(token)).status, 200);
});

test('a name that another site lets point to this machine is refused (DNS rebinding)', async (t) => {
  const stage = await startStage(t, { config: { hosts: ['parley.example'] } });
  const statusAs = async (host: string): Promise<number> =>
    (await stage.ask('/api/status', { headers: { host } })).status;
  for (const host of ['localhost', 'localhost:8090', '127.0.0.1:8090', '[::1]:8090', 'parley.example'])
    assert.equal(await statusAs(host), 200, host);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1'])
    assert.equal(await statusAs(host), 403, host);
  const page = await stage.ask('/', { headers: { host: 'evil.example' } });
  assert.equal(codeOf(page), 'console-host-refused');
});

test('another site’s page gets nothing and changes nothing; a link to the console opens it', async (t) => {
  const stage = await startStage(t);
  const own = { host: 'localhost:8090' };
  const ask = (path: string, headers: Record<string, string>) =>
    stage.ask(path, { headers: { ...own, ...headers } });
  assert.equal((await ask('/api/status', { origin: 'http://localhost:8090' })).status, 200);
  for (const origin of [
    'http://localhost:3000',
    'http://evil.example',
    'null',
    'http://evil.example/localhost:8090',
  ]) {
    const answer = await ask('/api/status', { origin });
    assert.equal(codeOf(answer), 'console-origin-refused', origin);
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
  const image = await ask('/api/calls/x/recording', { 'sec-fetch-site': 'cross-site' });
  assert.equal(codeOf(image), 'console-origin-refused');
  const link = await ask('/', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' });
  assert.equal(link.status, 200);
});

test('the page may load nothing from elsewhere, runs no script of its own text, and is framed by nobody', async (t) => {
  const stage = await startStage(t);
  const page = await stage.ask('/');
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; script-src 'self' 'sha256-[A-Za-z0-9+/]+=*';/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(policy, /frame-ancestors 'none'/);
  const data = await stage.ask('/api/status');
  for (const { headers } of [page, data]) {
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  }
  assert.equal(data.headers['content-security-policy'], "default-src 'none'");
  assert.equal(data.headers['cache-control'], 'no-store');
});
