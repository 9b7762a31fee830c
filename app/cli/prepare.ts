/** Fetches what Parley needs on this machine besides its npm packages, and starts nothing: for container images. */
import { loadConfig } from '../config/load.ts';
import { runCommand } from './command.ts';
import { prepareMachine } from './parley-process.ts';

await runCommand(async (signal) => {
  const config = await loadConfig(process.env);
  await prepareMachine(config, process.env, { signal, out: process.stdout });
});
