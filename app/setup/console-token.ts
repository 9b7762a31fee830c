import type { Config } from '../config/schema.ts';
import { isLoopback } from '../console/guard.ts';
import { loadSecrets } from './secrets.ts';

/**
 * The token that the console asks for: the one that is given, else the one that is generated at first use; none where
 * the console is for this machine alone.
 * @throws ParleyError `config-unreadable`.
 */
export async function consoleToken(
  config: Pick<Config, 'console' | 'stateDir'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { token, bind, hosts } = config.console;
  if (token !== undefined || (isLoopback(bind) && hosts.length === 0)) return token;
  return (await loadSecrets(config.stateDir, [], { signal })).console;
}
