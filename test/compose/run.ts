/**
 * `npm run test:compose`: builds the images, starts both containers, places a SIP call with speech into the
 * published ports, and looks at the console. Prometheus and Grafana are not started: their images are not ours.
 *
 * It needs a Docker engine. Where none runs, a program that makes one for the occasion can be named in COMPOSE_RUNNER
 * (or lie on the PATH as verify-compose): it is called with the project's folder and a shell text, which it runs
 * where the published ports are, between `up --wait` and `down`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../app/config/load.ts';
import { runCommand } from '../../app/cli/command.ts';
import { prepareMachine } from '../../app/cli/parley-process.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const call = [
  JSON.stringify(process.execPath),
  '--disable-warning=ExperimentalWarning app/cli/call.ts --from 127.0.0.1:5060 --user 6099',
  '--say "what time is it in Tokyo" --expect Tokyo',
  '--say "goodbye" --expect bye',
].join(' ');
const checks = [
  'set -e',
  // The generated password of the software caller's account.
  'PARLEY_CALL_PASSWORD=$(docker compose exec -T asterisk cat /var/lib/parley/passwords/6099)',
  'export PARLEY_CALL_PASSWORD',
  'docker compose exec -T app sh -c "test ! -w /opt/parley && id -un | grep -qx node"',
  'docker compose exec -T asterisk sh -c "ps -o user= -C asterisk 2>/dev/null | grep -qx asterisk || grep -q \\"^Uid:.*[1-9]\\" /proc/1/status"',
  call,
  // Generated, and kept in the volume of the calls.
  'TOKEN=$(docker compose exec -T app node app/cli/token.ts)',
  `${JSON.stringify(process.execPath)} --disable-warning=ExperimentalWarning test/compose/console.ts "$TOKEN"`,
  // The way of Prometheus, which is not published.
  `docker compose exec -T app node -e "fetch('http://app:8080/metrics').then((r) => process.exit(r.ok ? 0 : 1))"`,
].join('\n');

await runCommand(async (signal) => {
  // The software caller runs on this machine, outside the containers.
  const config = await loadConfig({});
  await prepareMachine(config, process.env, { signal, out: process.stdout });
  const status = await (hasEngine() ? withEngine(signal) : withRunner(signal));
  console.log(status === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  return status;
});

function hasEngine(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}

async function withEngine(signal: AbortSignal): Promise<number> {
  try {
    const up = await run(
      'docker',
      ['compose', 'up', '--build', '--detach', '--wait', '--wait-timeout', '180'],
      signal,
    );
    return up === 0 ? await run('bash', ['-c', checks], signal) : up;
  } finally {
    await run('docker', ['compose', 'down', '--volumes', '--timeout', '15'], new AbortController().signal);
  }
}

function withRunner(signal: AbortSignal): Promise<number> {
  const named = process.env['COMPOSE_RUNNER'];
  const beside = path.join(project, '../shared/tools/verify-compose');
  const runner = named ?? (existsSync(beside) ? beside : 'verify-compose');
  return run(runner, [project, checks], signal);
}

function run(command: string, args: readonly string[], signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: project,
      // The telephone of this test sees this machine as itself.
      env: { ...process.env, PARLEY_EXTERNAL_ADDRESS: '127.0.0.1' },
      stdio: ['ignore', 'inherit', 'inherit'],
      signal,
    });
    child.on('error', (error) => {
      reject(
        'code' in error && error.code === 'ENOENT'
          ? new Error(
              `${command} is not there: install Docker with its compose plugin, or set COMPOSE_RUNNER`,
            )
          : error,
      );
    });
    child.on('exit', (status) => {
      resolve(status ?? 1);
    });
  });
}
