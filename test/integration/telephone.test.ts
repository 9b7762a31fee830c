import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { concatPcm, durationMs, sliceMs } from '../../app/audio/pcm.ts';
import { monoOf, readWav, writeWav } from '../../app/audio/wav.ts';
import type { CallPage, Session, Visit, WholeCall } from '../../app/console/contract.ts';
import { createEars, type Ears } from '../../app/phone/ears/ears.ts';
import { synthesise } from '../../app/phone/voice.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { percentiles } from '../bench/statistics.ts';
import { connected, nothingLeft, testAri, testCacheDir } from '../support/asterisk.ts';
import { openPage, screenshot, startBrowser, type TestPage } from '../support/browser.ts';
import { heardIn, listenIn } from '../support/heard-in-page.ts';
import { needsAddress } from '../support/own-network.ts';
import { fileOwner } from '../support/owner.ts';
import { startTestParley, type TestParley } from '../support/parley.ts';
import { callTest } from '../support/call-test.ts';

needsAddress();

const owner = fileOwner();
const { signal } = owner;
const question = 'what time is it in Tokyo';
/**
 * The microphone is silent while the bot greets, and hears the question every eight seconds: a browser on a busy machine
 * loses some of it now and then, and then it is asked again.
 */
const [silenceBeforeMs, silenceAfterMs] = [5_800, 700];

let parley: TestParley;
let url: string;
let ears: Ears;
let browser: Browser;

before(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-telephone-'));
  owner.after(() => rm(folder, { recursive: true, force: true }));
  const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal });
  ears = createEars({ modelDir });
  owner.after(() => ears.close());
  const microphone = path.join(folder, 'question.wav');
  [parley] = await Promise.all([
    startTestParley(owner, {
      PARLEY_STORE_KEEP_RECORDINGS: 'true',
      PARLEY_CALLS_LANGUAGES: 'en-GB',
    }),
    writeQuestion(microphone),
    ears.warmUp(),
  ]);
  url = parley.parley.app?.consoleUrl ?? '';
  browser = await startBrowser(owner, { microphone });
});

async function writeQuestion(file: string): Promise<void> {
  const sampleRateHz = 16_000;
  const voice = createLocalTts();
  const spoken = await synthesise(voice, question, { sampleRateHz, signal });
  await voice.close();
  const silence = (ms: number): Int16Array => new Int16Array((sampleRateHz * ms) / 1_000);
  const samples = concatPcm([silence(silenceBeforeMs), spoken, silence(silenceAfterMs)]);
  await writeFile(file, writeWav({ samples, sampleRateHz }));
}

/** The console in a browser, with its telephone. */
async function openConsole(t: TestContext): Promise<TestPage> {
  const opened = await openPage(browser, {
    permissions: ['microphone'],
    viewport: { width: 1440, height: 900 },
  });
  t.after(() => opened.page.context().close());
  await listenIn(opened.page);
  await opened.page.goto(url);
  await opened.page.locator('.phone-call:enabled').waitFor();
  return opened;
}

const click = (page: Page, name: string): Promise<void> =>
  page.locator('.phone').getByRole('button', { name, exact: true }).click();
const until = (page: Page, at: 'talking' | 'over'): Promise<void> =>
  page.locator(`.phone[data-at=${at}]`).waitFor();

async function get<T>(what: string): Promise<T> {
  const response = await fetch(new URL(what, url));
  assert.equal(response.status, 200, what);
  return (await response.json()) as T;
}

async function post<T>(what: string): Promise<T> {
  const { csrf } = await get<Session>('/api/session');
  const response = await fetch(new URL(what, url), { method: 'POST', headers: { 'x-csrf-token': csrf } });
  assert.equal(response.status, 200, what);
  return (await response.json()) as T;
}

/** Looks at what is kept of a call that runs until these keys have arrived. */
async function untilPressed(callId: string, keys: readonly string[]): Promise<void> {
  for (const untilMs = performance.now() + 5_000; ;) {
    const { events } = await get<WholeCall>(`/api/calls/${callId}`);
    const arrived = events.filter(({ kind }) => kind === 'digit').map(({ details }) => details['digit']);
    if (arrived.length === keys.length || performance.now() > untilMs) {
      assert.deepEqual(arrived, keys);
      return;
    }
  }
}

/** Looks at Asterisk until no account and no call of a page is left. */
async function untilGone(): Promise<void> {
  const { asterisk } = parley.parley;
  assert.ok(asterisk);
  const ari = testAri(owner, asterisk.ariUrl, { app: 'observer', password: parley.parley.secrets.ari });
  const up = connected(ari);
  ari.start();
  await up;
  await nothingLeft(ari, 5_000);
  for (const untilMs = performance.now() + 5_000; ;) {
    const visitors = (await ari.commands.listEndpoints('PJSIP')).filter((name) => name.startsWith('visitor'));
    if (visitors.length === 0) break;
    assert.ok(performance.now() < untilMs, `still there: ${visitors.join(', ')}`);
  }
  assert.doesNotMatch(await asterisk.command('pjsip show auths', { signal }), /visitor/);
  await ari.close();
}

callTest(
  'who calls the bot from the page is heard, and hears its answer; the words appear beside',
  async (t) => {
    const { page, troubles } = await openConsole(t);
    await screenshot(page, 'telephone-idle');
    await click(page, 'Call');
    await until(page, 'talking');
    const words = page.locator('.phone-words');
    await words.locator('.bubble-caller', { hasText: /Tokyo/ }).first().waitFor();
    await words
      .locator('.bubble-bot', { hasText: /[AP]M.*Tokyo|Tokyo.*[AP]M/ })
      .first()
      .waitFor();
    await screenshot(page, 'telephone-talking');
    // Its last word is out.
    await words.locator('.bubble.now').waitFor({ state: 'detached' });
    const heard = await heardIn(page);
    const answer = sliceMs(heard, durationMs(heard) - 7_000);
    assert.ok(await ears.spot(answer, ['Tokyo'], { signal }), 'the page heard no answer');
    assert.ok(
      await ears.spot(sliceMs(heard, 0, 6_000), ['weather'], { signal }),
      'the page heard no greeting',
    );

    for (const key of ['4', '#']) await click(page, key);
    const [live] = await get<CallPage['calls']>('/api/calls/live');
    await untilPressed(live?.id ?? '', ['4', '#']);
    await click(page, 'Mute');
    await page.locator('.phone').getByRole('button', { name: 'Unmute' }).waitFor();
    await click(page, 'Hang up');
    await until(page, 'over');
    await page.getByText('You hung up.').waitFor();
    await screenshot(page, 'telephone-over');
    await untilGone();
    // The recorder of this test is what is deprecated.
    assert.deepEqual(
      troubles.filter((trouble) => !trouble.includes('ScriptProcessorNode')),
      [],
    );

    const { calls } = await get<CallPage>('/api/calls?limit=1');
    const [call] = calls;
    assert.ok(call?.recording);
    assert.match(call.caller.number, /^visitor/);
    assert.deepEqual([call.dialled, call.endedBy], ['1000', 'caller']);
    const { turns } = await get<WholeCall>(`/api/calls/${call.id}`);
    const asking = turns.find((turn) => turn.heard.includes('Tokyo'));
    assert.ok(asking);
    const file = await fetch(new URL(`/api/calls/${call.id}/recording`, url));
    const recorded = readWav(new Uint8Array(await file.arrayBuffer()));
    const fromMs = Math.max(0, (asking.times.speechStarted ?? 0) - call.recording.startsAtMs - 1_500);
    const asked = sliceMs(monoOf(recorded, 0), fromMs, fromMs + 5_000);
    assert.ok(await ears.spot(asked, ['Tokyo'], { signal }), 'Asterisk did not hear the page');
  },
);

callTest(
  'who calls in another language is spoken to in it; the bot hangs up, and the page says so',
  async (t) => {
    const { page } = await openConsole(t);
    await page.locator('.phone-language select').selectOption('en-GB');
    await click(page, 'Call');
    await until(page, 'talking');
    const [live] = await get<CallPage['calls']>('/api/calls/live');
    assert.equal(live?.language, 'en-GB');
    await post(`/api/calls/live/${live.id}/hang-up`);
    await page.getByText('The bot hung up.').waitFor();
    await untilGone();
  },
);

callTest('the first sound comes soon after the click', async (t) => {
  const { page } = await openConsole(t);
  const firstSoundsMs: number[] = [];
  for (let call = 0; call < 5; call++) {
    await click(page, 'Call');
    await page.locator('.phone[data-first-sound-ms]').waitFor();
    await click(page, 'Hang up');
    await until(page, 'over');
    firstSoundsMs.push(Number(await page.locator('.phone').getAttribute('data-first-sound-ms')));
  }
  const { p50, p95 } = percentiles(firstSoundsMs);
  t.diagnostic(`click to first sound: p50 ${p50} ms, p95 ${p95} ms (${firstSoundsMs.join(', ')})`);
  await page.context().close();
  await untilGone();
});

callTest('a page that is closed in the middle of a call leaves nothing behind', async (t) => {
  const { page } = await openConsole(t);
  await click(page, 'Call');
  await until(page, 'talking');
  await page.context().close();
  await untilGone();
});

callTest('an account of a visit reaches the bot alone, and nothing after the visit', async (t) => {
  const { page } = await openConsole(t);
  const visit = await post<Visit>('/api/telephone');
  const ends = await page.evaluate<string[]>(dialAll(visit, ['6099', '600', '1034', '1001']));
  assert.deepEqual(ends, ['Not Found', 'Not Found', 'Not Found', 'Not Found']);
  await untilGone();

  // The account of another visit does not open the socket of this one, nor does none.
  const socket = (address: string, options = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const opened = new WebSocket(new URL(address, url.replace('http', 'ws')), 'sip', options);
      opened.on('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode));
      opened.on('open', () => reject(new Error('it opened')));
      opened.on('error', reject);
    });
  assert.equal(await socket(visit.socketPath), 403);
  assert.equal(await socket('/api/telephone/ws'), 403);
  const other = await post<Visit>('/api/telephone');
  assert.equal(await socket(other.socketPath, { origin: 'https://elsewhere.example' }), 403);
  const opened = new WebSocket(new URL(other.socketPath, url.replace('http', 'ws')), 'sip');
  await once(opened, 'open', { signal });
  opened.close();
  await untilGone();
  assert.equal(await socket('/ari/events?app=parley'), 404);
  assert.equal((await fetch(new URL('/ari/asterisk/info', url))).status, 404);
});

/** What Asterisk says of a socket that was closed by the network alone. */
const lostSocket = 'res_http_websocket.c: Error reading from web socket: Connection reset by peer';

/** A script that calls one number after the other with the account of a visit, and tells how each call ended. */
function dialAll(visit: Visit, numbers: readonly string[]): string {
  return `(async () => {
    const { UA, WebSocketInterface } = await import('jssip');
    const socket = new WebSocketInterface(new URL('${visit.socketPath}', location.href.replace('http', 'ws')).href);
    const line = new UA({ sockets: socket, uri: '${visit.uri}', password: '${visit.password}', register: false });
    await new Promise((resolve) => { line.on('connected', resolve); line.start(); });
    const ends = [];
    for (const number of ${JSON.stringify(numbers)})
      ends.push(await new Promise((resolve) => line.call('sip:' + number + '@localhost', {
        mediaConstraints: { audio: true },
        eventHandlers: { failed: ({ cause }) => resolve(cause), accepted: () => resolve('answered') },
      })));
    line.stop();
    return ends;
  })()`;
}

callTest('a browser that refuses the microphone is said to, with what to do', async (t) => {
  const { page } = await openPage(browser, { viewport: { width: 1440, height: 900 } });
  t.after(() => page.context().close());
  await page.addInitScript({
    content:
      'navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));',
  });
  await page.goto(url);
  await click(page, 'Call');
  const problem = page.locator('.phone .problem');
  await problem.getByText('The browser may not use the microphone').waitFor();
  await problem.getByText('microphone-denied').waitFor();
  await screenshot(page, 'telephone-refused');
  await untilGone();
  const log = await readFile(parley.parley.asterisk?.logFile ?? '', 'utf8');
  assert.deepEqual(
    // A browser that is closed closes its socket one way or the other.
    log.split('\n').filter((line) => line.includes(' ERROR[') && !line.endsWith(lostSocket)),
    [],
  );
});
