import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { botOf } from '../../app/nlu/import/bot.ts';
import { readExport } from '../../app/nlu/import/read.ts';
import { writeBot } from '../../app/nlu/import/write.ts';
import { startFakeServer } from '../fakes/http.ts';
import { startBot } from '../support/bot.ts';
import { fileOwner } from '../support/owner.ts';
import { callTest } from '../support/call-test.ts';

const sayLines = /^say:\n(?: .*\n)+/m;

/** A call to a bot that was a LUIS app: a real Asterisk, SIP, RTP, the own engines. */
callTest('an imported bot answers the telephone, and a webhook answers for it', async () => {
  const owner = fileOwner();
  const folder = await mkdtemp(join(tmpdir(), 'parley-clinic-'));
  owner.after(() => rm(folder, { recursive: true }));
  const { signal } = new AbortController();
  const app = await readExport(new URL('../fixtures/luis/clinic.json', import.meta.url).pathname, signal);
  await writeBot(folder, botOf(app), app);
  const hook = await startFakeServer({
    answer: () => ({ status: 200, body: JSON.stringify({ say: 'We are open until seven in the evening.' }) }),
    wrongSchema: { status: 200, body: '{}' },
  });
  owner.after(() => hook.close());
  await answer('speak-to-nurse', 'say: A nurse will call you back tomorrow.');
  await answer('opening-hours', `webhook: ${hook.url}/hours`);

  const about = join(folder, 'bot.yaml');
  await writeFile(
    about,
    `greeting: Good morning, this is the clinic. You can ask me about appointments, or when we are open.\n${await readFile(about, 'utf8')}`,
  );

  const bot = await startBot(owner, { settings: { PARLEY_BOT_DIR: folder } });
  const call = await bot.call();
  await call.say('I want to talk to a nurse');
  await call.expect(/tomorrow/);
  await call.say('what are your opening hours');
  await call.expect(/evening/);
  const asked = JSON.parse(hook.requests[0]?.body ?? '{}') as { intent?: string; callId?: string };
  assert.equal(asked.intent, 'OpeningHours');
  assert.ok(asked.callId);
  await call.hangUp();

  /** Writes what the bot answers to an intent, as whoever imports an app does. */
  async function answer(intent: string, line: string): Promise<void> {
    const file = join(folder, 'intents', `${intent}.yaml`);
    const written = await readFile(file, 'utf8');
    assert.match(written, sayLines);
    await writeFile(file, written.replace(sayLines, `${line}\n`));
  }
});
