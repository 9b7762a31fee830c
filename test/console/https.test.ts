import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestPlainly } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { selfSigned } from '../asterisk/local/certificate.ts';
import { openPage, startBrowser } from '../support/browser.ts';
import { startStage } from './stage.ts';

/** As on a network: by HTTPS, with a token. */

const token = 'a token that nobody guesses';

async function certificateIn(t: TestContext) {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-https-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, ...selfSigned(folder) };
}

test('over HTTPS the session is for HTTPS alone, and who asks without it gets nothing', async (t) => {
  const { certificate, key } = await certificateIn(t);
  const { console: server } = await startStage(t, {
    config: { token, tlsCertificate: certificate, tlsKey: key },
  });
  assert.match(server.url, /^https:/);
  const ca = await readFile(certificate);
  const sent = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/api/session',
    method: 'POST',
    agent: false,
    ca,
    // The certificate names the machine in an old way.
    checkServerIdentity: () => undefined,
    headers: { 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify({ token }));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  assert.equal(answer.statusCode, 200);
  assert.match(answer.headers['set-cookie']?.[0] ?? '', /HttpOnly; SameSite=Strict; Secure$/);

  const plain = requestPlainly({ host: '127.0.0.1', port: server.port, path: '/api/session', agent: false });
  plain.end();
  await assert.rejects(once(plain, 'response'), { code: 'ECONNRESET' });
});

test('the page is opened and signed in to over HTTPS, as a place where a browser gives the microphone', async (t) => {
  const { certificate, key } = await certificateIn(t);
  const { console: server } = await startStage(t, {
    config: { token, tlsCertificate: certificate, tlsKey: key },
  });
  const browser = await startBrowser(t);
  const { page, troubles } = await openPage(browser, { ignoreHTTPSErrors: true });
  await page.goto(server.url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Live calls' }).waitFor();
  assert.equal(await page.evaluate('isSecureContext'), true);
  // Before the token was there the page was told so.
  assert.deepEqual(
    troubles.filter((trouble) => !trouble.includes('401')),
    [],
  );
});

test('a certificate that cannot be used is named', async (t) => {
  const { folder, certificate } = await certificateIn(t);
  const broken = path.join(folder, 'broken.pem');
  await writeFile(broken, 'nothing');
  await assert.rejects(startStage(t, { config: { token, tlsCertificate: certificate, tlsKey: broken } }), {
    code: 'tls-unusable',
  });
  await assert.rejects(
    startStage(t, { config: { token, tlsCertificate: path.join(folder, 'absent.pem'), tlsKey: broken } }),
    { code: 'tls-unusable', message: /absent\.pem/ },
  );
});
