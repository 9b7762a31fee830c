/** `npm run token`: prints the token that the console asks for, such as inside a container, where nobody saw it printed. */
import { loadConfig } from '../config/load.ts';
import { consoleToken } from '../setup/console-token.ts';
import { runCommand } from './command.ts';

await runCommand(async (signal) => {
  const token = await consoleToken(await loadConfig(process.env), signal);
  if (token === undefined) console.error('The console asks for none: it is for this machine alone.');
  else console.log(token);
  return 0;
});
