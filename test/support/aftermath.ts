import assert from 'node:assert/strict';
import { connected, nothingLeft, testAri } from './asterisk.ts';
import type { TestBot } from './bot.ts';
import type { Owner } from './owner.ts';

/** Looks at Asterisk from outside the app until nothing is left of any call. */
export async function nothingRemains(owner: Owner, bot: TestBot): Promise<void> {
  const { asterisk, secrets } = bot.parley;
  assert.ok(asterisk);
  const ari = testAri(owner, asterisk.ariUrl, { app: 'observer', password: secrets.ari });
  const up = connected(ari);
  ari.start();
  await up;
  await nothingLeft(ari);
}

/** Waits for a line of the app's log. */
export async function logged(
  bot: TestBot,
  message: string,
  deadlineMs = 20_000,
): Promise<Record<string, unknown>> {
  for (const until = performance.now() + deadlineMs; performance.now() < until;) {
    const line = (await bot.log()).find((one) => one['message'] === message);
    if (line) return line;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail(`the app never logged "${message}"`);
}
