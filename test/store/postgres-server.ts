import { spawn } from 'node:child_process';
import { chown, cp, mkdir, mkdtemp, readdir, rm, chmod, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirOf } from '../../app/setup/cache.ts';
import { debianPrefix } from '../../app/setup/debian-packages.ts';
import { runProgram } from '../../app/setup/program.ts';

/** A real Postgres from the machine's own Debian release, in a folder of its own, on a socket alone. */
export interface PostgresServer {
  /** Of an empty database. */
  url(database: string): string;
  start(): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Runs it no more and leaves nothing. */
  close(): Promise<void>;
}

const deadlineMs = 60_000;
/** Postgres refuses to be run by root; this account owns nothing. */
const nobody = 65_534;

export async function postgresServer(signal: AbortSignal): Promise<PostgresServer> {
  const { XDG_CACHE_HOME } = process.env;
  const cacheDir = cacheDirOf(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }, homedir());
  const prefix = await debianPrefix({
    cacheDir,
    name: 'postgres',
    what: 'Postgres for the tests',
    packages: ['postgresql'],
    // It is run by the machine's own loader: it starts itself anew for each connection.
    fitting: true,
    signal,
  });
  const asRoot = process.getuid?.() === 0;
  // Short, for a socket's path has an end.
  const folder = await mkdtemp(join(tmpdir(), 'pg-'));
  const data = join(folder, 'data');
  await chmod(folder, 0o755);
  await mkdir(data, { mode: 0o700 });
  let home = prefix;
  if (asRoot) {
    // What lies in root's cache may be closed to others.
    home = join(folder, 'prefix');
    for (const part of ['usr/lib/postgresql', 'usr/share/postgresql', 'usr/lib/x86_64-linux-gnu'])
      await cp(join(prefix, part), join(home, part), { recursive: true, verbatimSymlinks: true });
    await chown(folder, nobody, nobody);
    await chown(data, nobody, nobody);
  }
  const [version = ''] = await readdir(join(home, 'usr/lib/postgresql'));
  const bin = join(home, 'usr/lib/postgresql', version, 'bin');
  const env = {
    PATH: '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    LD_LIBRARY_PATH: await libraries(home),
  };
  const command = (program: string, args: readonly string[]): [string, string[]] => {
    const words = [join(bin, program), ...args];
    return asRoot
      ? ['setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...words]]
      : [words[0] ?? '', words.slice(1)];
  };
  const run = async (program: string, args: readonly string[]): Promise<void> => {
    const [file, words] = command(program, args);
    const { status, stderr, stdout } = await runProgram(file, words, {
      signal,
      deadlineMs,
      env,
      cwd: folder,
    });
    if (status !== 0) throw new Error(`${program} ended with ${status}:\n${stdout}\n${stderr}`);
  };
  await run('initdb', [
    '-D',
    data,
    '-U',
    'parley',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
    '--no-instructions',
  ]);
  await writeFile(join(data, 'postgresql.auto.conf'), settings(folder));

  let server: ReturnType<typeof spawn> | undefined;
  let ended: Promise<void> = Promise.resolve();
  const kill = async (): Promise<void> => {
    // Its children notice that it is gone and end themselves.
    server?.kill('SIGKILL');
    await ended;
    server = undefined;
  };
  return {
    url: (database) => `postgres://parley@localhost/${database}?host=${encodeURIComponent(folder)}`,
    async start() {
      const [file, words] = command('postgres', ['-D', data]);
      const child = spawn(file, words, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
      server = child;
      ended = new Promise((resolve) => {
        child.once('exit', () => {
          resolve();
        });
      });
      // Its log tells when it takes connections.
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr.on('data', (chunk: Buffer) => {
          said = `${said}${chunk.toString()}`.slice(-10_000);
          if (said.includes('ready to accept connections')) resolve();
        });
        void ended.then(() => {
          reject(new Error(`postgres ended:\n${said}`));
        });
      });
    },
    kill,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const settings = (folder: string): string => `
listen_addresses = ''
unix_socket_directories = '${folder}'
fsync = off
shared_buffers = 16MB
max_connections = 40
dynamic_shared_memory_type = mmap
shared_memory_type = mmap
autovacuum = off
logging_collector = off
`;

async function libraries(home: string): Promise<string> {
  const main = join(home, 'usr/lib/x86_64-linux-gnu');
  const folders = (await readdir(main, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return [main, ...folders.map(({ name }) => join(main, name))].join(':');
}
