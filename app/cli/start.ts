/** `npm start`: sets everything up, starts Asterisk and the app, and says what to do. Ctrl-C stops all of it. */
import { networkInterfaces } from 'node:os';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { isLoopback } from '../console/guard.ts';
import { writeRunning } from '../setup/running.ts';
import { runCommand } from './command.ts';
import { ParleyProcess, prepareMachine } from './parley-process.ts';

await runCommand(async (signal) => {
  const config = await loadConfig(process.env);
  await prepareMachine(config, process.env, { signal, out: process.stderr });
  const began = performance.now();
  const parley = await ParleyProcess.start({
    config,
    env: process.env,
    output: 'inherit',
    signal,
    onTrouble: (what) => {
      console.error(`parley: ${what}`);
    },
  });
  let forget: () => Promise<void> = () => Promise.resolve();
  try {
    const { asterisk } = parley;
    if (asterisk !== undefined)
      forget = await writeRunning(config.stateDir, {
        pid: process.pid,
        sip: { host: '127.0.0.1', port: asterisk.sipPort },
        ariUrl: asterisk.ariUrl,
        caller: { user: '6099', passwordFile: 'secrets.json' },
      });
    console.log(welcome(config, parley, performance.now() - began));
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
      if (signal.aborted) resolve();
    });
    console.log('\nStopping: running calls are told goodbye.');
  } finally {
    await forget();
    await parley.stop();
  }
});

function welcome(config: Config, parley: ParleyProcess, tookMs: number): string {
  const seconds = (tookMs / 1000).toFixed(1);
  const { asterisk } = parley;
  const page = consoleLines(config, parley);
  if (asterisk === undefined)
    return [
      '',
      `Parley answers the calls that ${config.ari.url ?? ''} hands to Stasis(${config.ari.app}) (ready in ${seconds} s).`,
      '',
      ...page,
    ].join('\n');
  const host = config.asterisk.externalAddress ?? ownAddress(config.asterisk.bind);
  const server = asterisk.sipPort === 5060 ? host : `${host}:${asterisk.sipPort}`;
  const phones = config.asterisk.phones
    .slice(0, 2)
    .map((phone) => `  user ${phone}   password ${parley.secrets.phones[phone] ?? ''}`);
  return [
    '',
    `Parley is ready (in ${seconds} s, Asterisk ${asterisk.version}).`,
    '',
    ...page,
    `Set up any SIP phone with the server  ${server}  (UDP or TCP) and one of these accounts:`,
    ...phones,
    `All passwords are in ${config.stateDir}/secrets.json.`,
    '',
    'Dial  1000  to talk with the bot, 600 for an echo test, or another phone by its number.',
    '',
    'No phone at hand? In a second terminal:',
    '  npm run call -- --say "what time is it in Tokyo" --expect Tokyo --say goodbye --expect bye',
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

/** Where the operator's page is, and how it is opened. */
function consoleLines(config: Config, { app, secrets }: ParleyProcess): string[] {
  const url = app?.consoleUrl;
  if (url === undefined) return [];
  const { bind, hosts, token } = config.console;
  const open = isLoopback(bind) && hosts.length === 0 && token === undefined;
  return [
    `Open  ${url}  in a browser: call the bot from there, and see calls as they happen.`,
    ...(open ? [] : [`Its token is  ${token === undefined ? secrets.console : 'console.token'}`]),
    '',
  ];
}

/** The address under which telephones on the local network reach this machine. */
function ownAddress(bind: string): string {
  if (bind !== '0.0.0.0' && bind !== '::') return bind;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
