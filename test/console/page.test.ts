import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { openPage, screenshot, startBrowser } from '../support/browser.ts';
import { fileOwner } from '../support/owner.ts';
import { startDesk } from './desk.ts';
import { hostileName, liveTurn } from './desk-calls.ts';

const owner = fileOwner();
const [desk, browser] = await Promise.all([startDesk(owner), startBrowser(owner)]);

const views = [
  ['live', '#/live', 'Live calls'],
  ['calls', '#/calls', 'Calls'],
  ['call', '#/calls/whole', 'Alice Hargreaves'],
  ['figures', '#/figures?range=week', 'Figures'],
  ['engines', '#/engines', 'Engines'],
  ['bot', '#/bot', 'The bot'],
] as const;

/** How far the page reaches beyond the screen, to the right. */
const beyond = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth');

async function show(page: Page, hash: string, title: string, url = desk.url): Promise<void> {
  await page.goto(`${url}/${hash}`);
  await page.locator('h1', { hasText: title }).waitFor();
  await page.locator('.loading').waitFor({ state: 'detached' });
}

function callBegins(callId: string, caller: { readonly number: string; readonly name: string }): void {
  desk.live.callBegan({
    callId,
    caller,
    startedAt: new Date(),
    dialled: '1000',
    language: 'en-US',
    resumed: false,
  });
  desk.live.happened(callId, { kind: 'answered', lineKind: 'streamed' }, 0);
}

const callEnds = (callId: string): void =>
  desk.live.callEnded(callId, { endedAt: new Date(), endedBy: 'caller' });

test('every view is shown, in light and in dark, on a wide screen and on one of 360 points, and nothing in it fails', async () => {
  const { page, troubles } = await openPage(browser);
  for (const [size, width, height] of [
    ['wide', 1_440, 900],
    ['narrow', 360, 780],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const [name, hash, title] of views) {
        await show(page, hash, title);
        const wider = await beyond(page);
        assert.ok(wider <= 0, `${name} is ${wider} points wider than a ${size} screen`);
        await screenshot(page, `${name}-${size}-${colorScheme}`);
      }
    }
  }
  assert.deepEqual(troubles, []);
  await page.context().close();
});

test('what is said is seen as it is said, with who has the floor, and a call can be hung up', async () => {
  const { page, troubles } = await openPage(browser);
  await show(page, '#/live', 'Live calls');
  await page.getByText('Nobody is on the line').waitFor();
  callBegins('live', { number: '6001', name: 'Alice' });
  const card = page.locator('article.live');
  await card.getByText('Alice').waitFor();
  desk.live.happened('live', { kind: 'floor', floor: 'bot' }, 60);
  desk.live.happened('live', { kind: 'saying', text: 'Hello, this is Parley.' }, 80);
  await card.getByText('The bot speaks').waitFor();
  await card.locator('.bubble-bot.now', { hasText: 'Hello, this is Parley.' }).waitFor();
  desk.live.happened('live', { kind: 'floor', floor: 'caller' }, 2_000);
  desk.live.happened('live', { kind: 'hearing', text: 'what is the' }, 2_300);
  await card.locator('.hearing', { hasText: 'what is the' }).waitFor();
  desk.live.happened('live', { kind: 'hearing', text: 'what is the weather' }, 2_600);
  await card.locator('.hearing', { hasText: 'what is the weather' }).waitFor();
  desk.live.turn('live', liveTurn(1, 'what is the weather in Rome', ['Sunny.'], 2_000));
  desk.live.happened('live', { kind: 'saying', text: 'Sunny.', turn: 1 }, 4_500);
  await card.locator('.bubble-bot', { hasText: 'Sunny.' }).waitFor();
  assert.equal(await card.locator('.hearing').count(), 0);
  const words = await card.locator('.bubble bdi').allTextContents();
  assert.deepEqual(words, ['Hello, this is Parley.', 'what is the weather in Rome', 'Sunny.']);

  await card.getByRole('button', { name: 'Hang up' }).click();
  assert.deepEqual(desk.hungUp, [], 'it asks once more');
  const answered = page.waitForResponse(/hang-up/);
  await card.getByRole('button', { name: 'Hang up' }).click();
  assert.equal((await answered).status(), 200);
  assert.deepEqual(desk.hungUp, ['live']);
  callEnds('live');
  await card.waitFor({ state: 'detached' });
  assert.deepEqual(troubles, []);
  await page.context().close();
});

test('a call is heard again from any of its words, which stand under both voices', async () => {
  const { page, troubles } = await openPage(browser);
  const statuses: number[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/recording')) statuses.push(response.status());
  });
  await show(page, '#/calls/whole', 'Alice Hargreaves');
  const position = (): Promise<number> => page.evaluate("document.querySelector('audio').currentTime");
  await page.evaluate(
    "document.querySelector('audio').addEventListener('play', ({ target }) => { heardFrom = target.currentTime; })",
  );
  const word = page.locator('.word', { hasText: 'read me three headlines' });
  await word.click();
  await page.locator('.bubble.now', { hasText: 'read me three headlines' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  // 56 points to a second.
  const [, left = ''] = /left: ([\d.]+)px/.exec((await word.getAttribute('style')) ?? '') ?? [];
  const heardFrom = await page.evaluate<number>('heardFrom');
  assert.ok(Math.abs(heardFrom - Number(left) / 56) < 0.5, `${left} points along, from ${heardFrom} s`);
  assert.ok(statuses.length > 0 && statuses.every((status) => status === 206), `statuses ${statuses.join()}`);

  const drawn = await page.evaluate<boolean>(`
    const canvas = document.querySelector('canvas');
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)`);
  assert.ok(drawn, 'both voices are drawn');
  const slider = page.getByRole('slider');
  await slider.focus();
  await slider.press('Home');
  assert.equal(await position(), 0);
  await slider.press('ArrowRight');
  assert.equal(await position(), 2);

  const turn = page.locator('.entry-turn').nth(1);
  assert.deepEqual(await turn.locator('.stage-name').allTextContents(), [
    'End of turn',
    'Hearing',
    'Understanding',
    'Doing',
    'Speaking',
    'Playing',
  ]);
  assert.deepEqual(await turn.locator('.rung-name').allTextContents(), ['local', 'model']);
  assert.match((await turn.locator('.ladder').textContent()) ?? '', /not sure.*81 %.*sure.*88 %/s);
  assert.deepEqual(troubles, []);
  await page.context().close();
});

test('what callers send as a name or say is text, however it looks', async () => {
  const { page, troubles } = await openPage(browser, { viewport: { width: 360, height: 780 } });
  callBegins('evil', { number: '<b>0</b>', name: hostileName });
  desk.live.happened('evil', { kind: 'hearing', text: hostileName }, 10);
  for (const [hash, title] of [
    ['#/live', 'Live calls'],
    ['#/calls', 'Calls'],
    ['#/calls/hostile', '<img'],
  ] as const) {
    await show(page, hash, title);
    await page.locator('main .caller-name', { hasText: '<img src=x' }).first().waitFor();
    assert.equal(await page.locator('#app img, #app script, #app style').count(), 0);
    assert.doesNotMatch(await page.title(), /taken/);
    const wider = await beyond(page);
    assert.ok(wider <= 0, `${hash} is ${wider} points too wide`);
  }
  callEnds('evil');
  assert.deepEqual(troubles, []);
  await page.context().close();
});

test('calls are found by what was said and by how they ended, page by page', async () => {
  const { page, troubles } = await openPage(browser);
  await show(page, '#/calls', 'Calls');
  assert.equal(await page.locator('.call-row').count(), 50);
  await page.getByRole('button', { name: 'Older calls' }).click();
  await page.locator('.call-row').nth(99).waitFor();
  await page.getByPlaceholder('Words heard or said').fill('taxi');
  await page.waitForURL(/text=taxi/);
  await page.locator('.call-row').nth(99).waitFor({ state: 'detached' });
  await page.locator('.call-row').first().waitFor();
  await page.getByPlaceholder('Caller').fill('nobody of that name');
  await page.getByText('No such call').waitFor();
  await page.getByRole('link', { name: 'Show all calls' }).click();
  await page.locator('.call-row').nth(49).waitFor();
  await page.locator('.call-row a').first().press('Enter');
  await page.locator('h1', { hasText: 'Alice Hargreaves' }).waitFor();
  assert.deepEqual(troubles, []);
  await page.context().close();
});

test('a console with a token shows nothing without it', async (t) => {
  const guarded = await startDesk(t, { token: 'a-token-for-this-test', empty: true });
  const { page } = await openPage(browser);
  await page.goto(`${guarded.url}/#/calls`);
  const token = page.getByLabel('Token');
  await token.fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('console-token-wrong').waitFor();
  assert.equal(await page.locator('nav').count(), 0);
  await token.fill('a-token-for-this-test');
  await token.press('Enter');
  await page.getByText('No calls yet').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await token.waitFor();
  await page.context().close();
});

test('an operator without calls is told what to do next', async (t) => {
  const fresh = await startDesk(t, { empty: true });
  const { page, troubles } = await openPage(browser, { viewport: { width: 1_000, height: 800 } });
  await show(page, '#/calls', 'Calls', fresh.url);
  await page.getByText('No calls yet').waitFor();
  await show(page, '#/figures', 'Figures', fresh.url);
  await page.getByText('No calls in this time').waitFor();
  await show(page, '#/live', 'Live calls', fresh.url);
  assert.equal(await page.locator('#telephone').isVisible(), false);
  await page.getByRole('button', { name: 'Call the bot from here' }).click();
  await page.locator('#telephone').waitFor();
  fresh.status({ asterisk: { connected: false } });
  await page.getByText('Asterisk is not connected: no call is answered.').waitFor();
  assert.deepEqual(troubles, []);
  await page.goto(`${fresh.url}/#/calls/none`);
  await page.getByRole('alert').getByText('console-not-found').waitFor();
  await page.context().close();
});

test('light or dark is as the system has it, or as the operator chose on this device', async () => {
  const { page } = await openPage(browser, { colorScheme: 'dark' });
  await show(page, '#/engines', 'Engines');
  const ground = (): Promise<string> =>
    page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
  const dark = await ground();
  await page.getByRole('button', { name: 'Light', exact: true }).click();
  const light = await ground();
  assert.notEqual(light, dark);
  await page.reload();
  await page.locator('h1').waitFor();
  assert.equal(await ground(), light);
  await page.getByRole('button', { name: 'As the system' }).click();
  assert.equal(await ground(), dark);
  await page.context().close();
});

test('an operator is told that the connection was lost, and that it is there again', async (t) => {
  const fresh = await startDesk(t, { empty: true });
  const { page } = await openPage(browser);
  await show(page, '#/live', 'Live calls', fresh.url);
  await page.getByText('Answering').waitFor();
  await fresh.close();
  await page.getByText('The connection to Parley was lost.').waitFor();
  await fresh.reopen();
  await page.getByText('Connected again.').waitFor();
  await page.getByText('Answering').waitFor();
  await page.context().close();
});

test('the page is used with the keyboard alone', async () => {
  const { page } = await openPage(browser, { viewport: { width: 1_000, height: 800 } });
  await show(page, '#/live', 'Live calls');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('h1', { hasText: 'Calls' }).waitFor();
  await page.locator('#view-title:focus').waitFor();
  await page.keyboard.press('Shift+Tab');
  assert.notEqual(
    await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
    'none',
    'where the focus is can be seen',
  );
  const nameless = await page.evaluate<string[]>(`
    [...document.querySelectorAll('button, a, input, select')]
      .filter((element) =>
        [element.ariaLabel, element.textContent, ...[...(element.labels ?? [])].map((label) => label.textContent)]
          .every((text) => (text ?? '').trim() === ''))
      .map((element) => element.outerHTML)`);
  assert.deepEqual(nameless, []);
  await page.context().close();
});
