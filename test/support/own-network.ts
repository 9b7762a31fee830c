import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import process from 'node:process';

/** Of no network (RFC 5737): this machine's in a network of its own. */
export const ownAddress = '192.0.2.10';

/**
 * Asterisk offers a browser every address but 127.0.0.0/8. On a machine that has no other, this file is run once more
 * `inOwnNetwork`.
 */
export function needsAddress(): void {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (!own.some((one) => one.family === 'IPv4' && !one.address.startsWith('127.'))) inOwnNetwork();
}

/**
 * Runs this file in a network of its own, which no other machine is in and in which the loopback interface has
 * `ownAddress`, too. The process that was started only waits for it.
 */
export function inOwnNetwork(): void {
  const here = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  if (here.length > 0 && here.every((one) => one.internal) && here.some((one) => one.address === ownAddress))
    return;
  const rights = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const { status, error } = spawnSync(
    'unshare',
    [
      '--net',
      ...rights,
      'sh',
      '-c',
      `ip link set lo up && ip addr add ${ownAddress}/32 dev lo && exec "$@"`,
      'sh',
      process.execPath,
      ...process.execArgv,
      ...process.argv.slice(1),
    ],
    { stdio: 'inherit' },
  );
  if (error) throw error;
  process.exit(status ?? 1);
}
