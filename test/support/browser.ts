import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../app/setup/chromium.ts';
import { testCacheDir } from './asterisk.ts';
import type { Owner } from './owner.ts';

/** Nothing goes out to a network: no name is looked up, and nothing is fetched, sent home or updated. */
const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE 192.0.2.10',
];

/** Loopback addresses are no candidates of a browser, unless it is told so. */
const telephone = [
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--allow-loopback-in-peer-connection',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns,MediaRouter,OptimizationHints,HttpsUpgrades',
];

export interface TestBrowserOptions {
  /** WAV that the microphone hears, over and over; it ends with silence. Unset: beeps. */
  readonly microphone?: string;
}

/** A headless Chromium, closed with its owner. */
export async function startBrowser(owner: Owner, options: TestBrowserOptions = {}): Promise<Browser> {
  const { microphone } = options;
  const browser = await chromium.launch({
    executablePath: await findChromium({ cacheDir: testCacheDir(), signal: owner.signal }),
    args: [
      ...quiet,
      ...telephone,
      ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`]),
    ],
    // Playwright would mute what a page plays.
    ignoreDefaultArgs: ['--mute-audio'],
  });
  owner.after(() => browser.close());
  return browser;
}

/** A page, and what went wrong in it: errors of its scripts, of its console, and answers of 400 and more. */
export interface TestPage {
  readonly page: Page;
  readonly troubles: readonly string[];
}

/** A page with a storage of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<TestPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
  return { page, troubles };
}

/** Writes a screenshot where PARLEY_TEST_SCREENSHOTS says; without it, nothing. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const { PARLEY_TEST_SCREENSHOTS: folder } = process.env;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}
