import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { before, describe } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import type { Phone } from '../../app/phone/phone.ts';
import { readScenario } from '../../app/phone/scenario/read.ts';
import { Roads } from '../../app/phone/scenario/roads.ts';
import { runScenario, type ScenarioReport } from '../../app/phone/scenario/run.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { startPhone } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';
import { fileOwner } from '../support/owner.ts';
import { startTestParley } from '../support/parley.ts';

/** All conversations in test/scenarios, over real calls, on both kinds of line. */

const folder = path.resolve(import.meta.dirname, '../scenarios');
const all = await Promise.all(
  globSync('*.yaml', { cwd: folder })
    .sort()
    .map(async (file) => ({
      name: path.parse(file).name,
      scenario: await readScenario(path.join(folder, file)),
    })),
);

for (const kind of ['recorded', 'streamed'] as const) {
  // Callers wait most of the time, so some of them may call the one Parley at once.
  describe(`on the ${kind} line`, { concurrency: 4 }, () => {
    const owner = fileOwner();
    const voice = createLocalTts();
    owner.after(() => voice.close());
    const possible = all
      .filter(({ scenario }) => scenario.lines.includes(kind))
      .map(({ scenario }) => scenario);
    let roads: Roads;
    let phone: Phone;

    before(async () => {
      const { parley, sip } = await startTestParley(owner, {
        PARLEY_LINE_KIND: kind,
        // Several callers on a busy machine think for long before they answer.
        PARLEY_CALLS_ASK_AGAIN_MS: '20000',
      });
      const account = { user: '6099', password: parley.secrets.caller, server: sip };
      roads = await Roads.open(possible, account);
      owner.after(() => roads.close());
      phone = await startPhone(owner, roads.accounts);
    });

    for (const scenario of possible) {
      callTest(scenario.title, async () => {
        const report = await runScenario(scenario, { phone, roads, voice, signal: owner.signal });
        const says = describeReport(report);
        // Two machines that talk mishear words now and then; how the bot takes turns must be right.
        if (!report.ok && onlyWordsWereMissed(report))
          throw new ParleyError('phone-expectation-failed', { expected: scenario.title, heard: says });
        assert.ok(report.ok, says);
      });
    }
  });
}

function onlyWordsWereMissed({ checks }: ScenarioReport): boolean {
  return checks.every(
    ({ ok, step, says }) => ok || step === undefined || says.startsWith('Expected to hear'),
  );
}

function describeReport({ greeting, turns, checks, network }: ScenarioReport): string {
  return [
    ...checks.map(({ step, ok, says }) => `${ok ? 'ok  ' : 'FAIL'} step ${step ?? '-'}: ${says}`),
    `network: ${JSON.stringify(network)}`,
    `bot: ${greeting}`,
    ...turns.flatMap(({ said, heard }) => [`caller: ${said}`, `bot: ${heard}`]),
  ].join('\n');
}
