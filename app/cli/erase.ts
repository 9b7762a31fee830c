/** `npm run erase`: removes what is kept of a person, from the database and the recordings. */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import { ParleyError } from '../errors.ts';
import { openStore, recordingsDirOf } from '../store/open.ts';
import { RecordingsFolder } from '../store/recordings.ts';
import { runCommand } from './command.ts';

const usage = `npm run erase -- --caller NUMBER [--yes]

Removes all calls of a caller: what was heard, understood and said, and the recordings on this machine. Spaces and
signs in the number do not matter. A call that runs is removed as far as it is kept already: end it first.
  --yes      does not ask first`;

await runCommand(async (signal) => {
  const { caller, yes, help } = readOptions();
  if (help) {
    console.log(usage);
    return 0;
  }
  if (caller === undefined || caller.trim() === '')
    throw new ParleyError('erase-usage', { reason: 'Say whose calls are to be removed: --caller NUMBER.' });
  const config = await loadConfig(process.env);
  if (!yes && !(await confirmed(caller, signal))) {
    console.log('Nothing was removed.');
    return 1;
  }
  const store = openStore(config);
  try {
    const removed = await store.erase({ caller }, { signal });
    const files = await new RecordingsFolder(recordingsDirOf(config)).remove(removed.recordings);
    const { calls, turns, events } = removed;
    console.log(`Removed: ${calls} calls, ${turns} turns, ${events} events, ${files} recordings.`);
    const elsewhere = removed.recordings.length - files;
    if (elsewhere > 0)
      console.log(
        `Not on this machine, or gone already: ${elsewhere} recordings.\n${removed.recordings.join('\n')}`,
      );
  } finally {
    await store.close();
  }
  return 0;
});

function readOptions(): { caller?: string | undefined; yes: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        caller: { type: 'string' },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new ParleyError('erase-usage', { reason: error instanceof Error ? error.message : String(error) });
  }
}

async function confirmed(caller: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new ParleyError('erase-usage', { reason: 'Nobody can be asked here: say --yes.' });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`Remove all that is kept of ${caller}? [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
