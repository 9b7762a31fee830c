// A process that starts an Asterisk and is then killed; see start.test.ts.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { startAsterisk } from '../../../app/asterisk/local/start.ts';
import { asteriskProgram, passwords } from './support.ts';

const [, , runDir] = process.argv;
if (runDir === undefined) throw new Error('usage: parent.ts FOLDER');
const signal = AbortSignal.timeout(60_000);
const asterisk = await startAsterisk({
  program: await asteriskProgram(signal),
  runDir,
  ariPassword: passwords.ari,
  signal,
});
const pid = Number(await readFile(path.join(runDir, 'asterisk.pid'), 'utf8'));
process.send?.({ pid, sipPort: asterisk.sipPort });
setInterval(() => undefined, 60_000);
