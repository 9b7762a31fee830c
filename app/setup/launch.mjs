// Makes sure that the npm packages are there (Node 24 is one of them), then runs a program under that Node.
//
//   FILE.ts ARGUMENTS...          a program of Parley
//   --bin NAME ARGUMENTS...       a program out of node_modules/.bin
//
// Plain JavaScript without dependencies: this runs on a bare machine under Node 18.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, openSync, closeSync, readFileSync, realpathSync } from 'node:fs';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { constants as osConstants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { takeLock } from './lock.mjs';

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const modules = path.join(project, 'node_modules');
const bin = path.join(modules, '.bin');
const packagedNode = path.join(modules, 'node/bin/node');
/** Written last: what it says was installed completely. */
const stampFile = path.join(modules, '.parley-ready');
const wantedMajor = 24;
/** Where Node keeps what it has compiled, for all processes of Parley: half a second less at each start. */
const compileCache = path.join(modules, '.cache/compiled');
const nodeFlags = ['--disable-warning=ExperimentalWarning'];
/** Enough of what npm says to see why it failed. */
const reasonLines = 4;

/** An error with a code of app/errors.ts and its two sentences. */
class SetupError extends Error {
  constructor(code, says, remedy) {
    super(`${code}: ${says}\n  ${remedy}`);
  }
}

/** Runs what the arguments name and takes over its exit status. */
export async function launch(args) {
  try {
    const stamp = wantedStamp();
    if (readStamp() !== stamp) await install(stamp, isVerbose(args));
    await run(args);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function isVerbose(args) {
  return Boolean(process.env.CI) || args.includes('--verbose');
}

// --- are the packages there? ---

/** The lock file's hash, and the machine: a folder that is shared by two kinds of machine needs other binaries on each. */
function wantedStamp() {
  const hash = createHash('sha256').update(readFileSync(path.join(project, 'package-lock.json')));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`;
}

function readStamp() {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Whether somebody has run `npm ci` or `npm install` by hand: npm writes what it installed into a file of its own, at
 * the end. Optional packages for other machines may be missing.
 */
function installedByHand() {
  try {
    const wanted = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages;
    const there = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([name, entry]) =>
        name === '' || (there[name] ? there[name].integrity === entry.integrity : entry.optional === true),
    );
  } catch {
    return false;
  }
}

async function install(stamp, verbose) {
  const release = await takeLock(path.join(project, '.parley/npm-lock'), {
    onWait: () => console.error('set-up  ...   npm packages: another Parley installs them'),
  });
  try {
    // Another process may have done it in the meantime.
    if (readStamp() === stamp) return;
    if (!installedByHand()) await npmCi(verbose);
    await checkNode();
    await writeFile(`${stampFile}.part`, stamp);
    await rename(`${stampFile}.part`, stampFile);
  } finally {
    await release();
  }
}

async function npmCi(verbose) {
  const started = Date.now();
  const title = 'npm packages';
  const wanted = Object.keys(
    JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages,
  ).length;
  const live = process.stderr.isTTY && !verbose;
  const timer = live
    ? setInterval(async () => {
        const share = Math.min(99, Math.floor(((await countPackages()) / wanted) * 100));
        process.stderr.write(`\rset-up  ...   ${title}: ${share} %\u001b[K`);
      }, 250)
    : undefined;
  const flags = ['--no-audit', '--no-fund', '--loglevel=notice'];
  let npm;
  try {
    npm = await runNpm(['ci', ...flags], verbose);
  } finally {
    clearInterval(timer);
  }
  if (live) process.stderr.write('\r\u001b[K');
  if (npm.signal) endLike(npm.signal);
  if (npm.status !== 0) {
    if (!verbose) process.stderr.write(npm.said);
    throw npmFailed(reasonIn(npm.said) || `npm ended with status ${npm.status}`);
  }
  console.error(`set-up  ok    ${title}, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** The first lines in which npm says what was wrong, without the advice that follows them. */
function reasonIn(said) {
  const lines = said.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
  return lines
    .slice(0, reasonLines)
    .map((line) => line.replace(/^npm (error|ERR!) /, ''))
    .join('\n  ');
}

/** How many packages npm has put in place so far. */
async function countPackages() {
  const list = (folder) => readdir(folder).catch(() => []);
  let count = 0;
  for (const name of await list(modules)) {
    if (name.startsWith('@')) count += (await list(path.join(modules, name))).length;
    else if (!name.startsWith('.')) count += 1;
  }
  return count;
}

/** npm must not run under the Node inside node_modules, which it is about to replace. */
function pathWithoutProject() {
  const entries = (process.env.PATH ?? '').split(path.delimiter);
  return entries.filter((entry) => path.resolve(entry) !== bin).join(path.delimiter);
}

async function runNpm(args, verbose) {
  const child = spawn('npm', args, {
    cwd: project,
    env: {
      ...process.env,
      PATH: pathWithoutProject(),
      // The CPU library is inside this package; its installer would download libraries for graphics cards.
      ONNXRUNTIME_NODE_INSTALL: 'skip',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      pieces.push(piece);
      if (verbose) process.stderr.write(piece);
    });
  }
  const ended = await waitFor(child).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new SetupError(
      'setup-tool-missing',
      'The program npm is not on this machine.',
      'Install it with the package manager of this machine (it belongs to the package npm) and run the command again.',
    );
  });
  return { ...ended, said: Buffer.concat(pieces).toString('utf8') };
}

function npmFailed(reason) {
  return new SetupError(
    'setup-npm-failed',
    `npm could not install the packages: ${reason}`,
    'Check the network and the npm registry settings (npm config get registry), then run the command again; it resumes.',
  );
}

// --- which Node? ---

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The Node of node_modules; this one, when it is new enough and the other did not come. */
function chooseNode() {
  if (isExecutable(packagedNode)) return packagedNode;
  if (parseInt(process.versions.node, 10) >= wantedMajor) return process.execPath;
  throw npmFailed(
    `the package "node" did not bring Node ${wantedMajor} (are install scripts switched off?), and this is Node ${process.versions.node}`,
  );
}

/** Once after each installation: a Node that does not run here is put aside. */
async function checkNode() {
  if (!isExecutable(packagedNode)) return void chooseNode();
  const child = spawn(packagedNode, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (piece) => (said += piece));
  await waitFor(child).catch(() => undefined);
  if (parseInt(said.slice(1), 10) >= wantedMajor) return;
  await rename(packagedNode, `${packagedNode}.broken`);
  chooseNode();
}

// --- run ---

async function run(args) {
  const [first, ...rest] = args;
  if (first === undefined || (first === '--bin' && rest[0] === undefined)) {
    console.error('usage: node app/setup/bootstrap.mjs FILE.ts ARGUMENTS... | --bin NAME ARGUMENTS...');
    process.exitCode = 2;
    return;
  }
  const file = first === '--bin' ? realpathSync(path.join(bin, rest.shift())) : path.resolve(first);
  const node = chooseNode();
  const words = [...nodeFlags, file, ...rest];
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env };
  if (typeof process.execve === 'function') {
    // This process becomes the program: nothing stands between it and signals.
    process.removeAllListeners('warning');
    process.execve(node, [node, ...words], env);
  }
  const ended = await waitFor(spawn(node, words, { stdio: 'inherit', env }));
  if (ended.signal) endLike(ended.signal);
  else process.exitCode = ended.status;
}

/**
 * Waits for a child and passes signals on to it. A Ctrl-C at the terminal is not passed on: the terminal gives it to
 * the whole process group, and a second one would mean "at once" to the program.
 */
function waitFor(child) {
  const passOn = (signal) => {
    if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal }));
  }).finally(() => {
    for (const signal of signals) process.removeListener(signal, passOn);
  });
}

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Ends this process the way its child ended, so that a shell sees a Ctrl-C as a Ctrl-C. */
function endLike(signal) {
  process.exitCode = 128 + (osConstants.signals[signal] ?? 0);
  process.kill(process.pid, signal);
}
