import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ParleyError } from '../errors.ts';
import { lastLines, runProgram } from './program.ts';
import type { ProgramResult } from './program.ts';
import type { OnProgress } from './steps.ts';
import type { DebianSystem } from './system.ts';

/**
 * apt with a state of its own: what the machine has installed, and root, play no part. Only the mirror, the proxy and
 * the certificates are taken from the machine's own configuration.
 */
export interface Apt {
  readonly folder: string;
  /** The words that run it. */
  readonly command: readonly [string, ...string[]];
}

/** One .deb that apt would fetch. */
export interface DebianFile {
  /** Of the package. */
  readonly name: string;
  /** As apt calls it in its archive folder. */
  readonly file: string;
  /** Upstream and Debian version, such as `1:22.10.1~dfsg-1`. */
  readonly version: string;
  readonly bytes: number;
}

const aptDeadlineMs = 30 * 60_000;
/** A package list younger than this is not fetched again. */
const listsFreshMs = 60 * 60_000;

/** What the machine's own apt fetches packages from. */
export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly component: string;
}

/**
 * The sources that Parley uses, in deb822 form (sources.list(5)).
 * On Debian: the machine's own mirror with the suite sid, because no stable release has a usable Asterisk.
 * On Ubuntu: the machine's own suites, with universe.
 * @param fitting packages that fit this machine's own libraries, rather than recent ones: of its own suite, with what
 * is not free.
 */
export function sourcesFor(
  system: DebianSystem,
  own: readonly AptSource[],
  fitting = false,
): string | undefined {
  const archive = own.filter(({ component }) =>
    ['main', 'universe', 'restricted', 'multiverse'].includes(component),
  );
  const stanza = (uri: string, suites: string[], components: string): string =>
    [
      'Types: deb',
      `URIs: ${uri}`,
      `Suites: ${suites.join(' ')}`,
      `Components: ${components}`,
      `Signed-By: /usr/share/keyrings/${system.distribution}-archive-keyring.gpg`,
      '',
    ].join('\n');

  if (system.distribution === 'debian') {
    const mirror =
      archive.find(({ suite, component }) => suite === system.codename && component === 'main') ??
      archive.find(({ suite, component }) => component === 'main' && !/[-/]/.test(suite));
    if (fitting) return mirror && stanza(mirror.uri, [system.codename], 'main non-free');
    return mirror && stanza(mirror.uri, ['sid'], 'main');
  }
  const suitesByUri = new Map<string, Set<string>>();
  for (const { uri, suite } of archive) {
    if (suite !== system.codename && !suite.startsWith(`${system.codename}-`)) continue;
    suitesByUri.set(uri, (suitesByUri.get(uri) ?? new Set()).add(suite));
  }
  if (suitesByUri.size === 0) return undefined;
  return [...suitesByUri]
    .map(([uri, suites]) => stanza(uri, [...suites], fitting ? 'main universe multiverse' : 'main universe'))
    .join('\n');
}

/** Reads the lines of `apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)'`. */
export function parseIndexTargets(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const [uri, suite, component] = line.trim().split(' ');
    return uri !== undefined && suite !== undefined && component !== undefined
      ? [{ uri, suite: suite.replace(/\/$/, ''), component }]
      : [];
  });
}

/** Makes (or finds again) apt's private state in `folder` and brings its package lists up to date. */
export async function openApt(
  folder: string,
  system: DebianSystem,
  options: {
    readonly signal: AbortSignal;
    readonly progress?: OnProgress | undefined;
    /** See {@link sourcesFor}. */
    readonly fitting?: boolean | undefined;
  },
): Promise<Apt> {
  const apt = await configure(folder, system, options.fitting ?? false, options.signal);
  const stamp = path.join(folder, 'lists-fetched');
  const age = await stat(stamp).then(
    (found) => Date.now() - found.mtimeMs,
    () => Infinity,
  );
  if (age > listsFreshMs) {
    options.progress?.({ doing: 'reading the package lists' });
    // Without the option a mirror that cannot be reached is only a warning.
    const updated = await run(apt, ['update', '-o', 'APT::Update::Error-Mode=any'], options.signal);
    if (updated.status !== 0) throw failed('The package lists of the Debian mirror', updated);
    await writeFile(stamp, '');
  }
  return apt;
}

/** What has to be fetched for `packages` on a machine that has none installed. */
export async function resolve(
  apt: Apt,
  packages: readonly string[],
  signal: AbortSignal,
): Promise<DebianFile[]> {
  // What is in the archive folder already would be left out.
  const result = await install(apt, packages, path.join(apt.folder, 'none'), ['--print-uris'], signal);
  if (result.status !== 0) throw failed(`The packages ${packages.join(', ')}`, result);
  return parsePrintUris(result.stdout);
}

/** Reads lines such as `'http://…/asterisk_22.10.1_amd64.deb' asterisk_1%3a22.10.1_amd64.deb 2109876 SHA256:…`. */
export function parsePrintUris(text: string): DebianFile[] {
  return text.split('\n').flatMap((line) => {
    const match = /^'.+' (([^_\s]+)_([^_\s]+)_[^_\s]+\.deb) (\d+)( |$)/.exec(line);
    const [, file, name, version, bytes] = match ?? [];
    return file !== undefined && name !== undefined && version !== undefined
      ? [{ name, file, version: decodeURIComponent(version), bytes: Number(bytes) }]
      : [];
  });
}

/**
 * Fetches the packages into `archives`; what is there already, and half a file, is used. apt checks each against the
 * signed package lists.
 */
export async function download(
  apt: Apt,
  packages: readonly string[],
  archives: string,
  options: { readonly signal: AbortSignal; readonly onFraction: (fraction: number) => void },
): Promise<void> {
  await mkdir(path.join(archives, 'partial'), { recursive: true });
  const result = await install(
    apt,
    packages,
    archives,
    ['--download-only', '-o', 'APT::Status-Fd=3'],
    options.signal,
    (line) => {
      // dlstatus:<number>:<percent>:<text>, see README.progress-reporting of apt.
      const percent = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1];
      if (percent !== undefined) options.onFraction(Number(percent) / 100);
    },
  );
  if (result.status !== 0) throw failed(`The packages ${packages.join(', ')}`, result);
}

async function configure(
  folder: string,
  system: DebianSystem,
  fitting: boolean,
  signal: AbortSignal,
): Promise<Apt> {
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['lists/partial', 'none/partial']) {
    await mkdir(at(name), { recursive: true });
  }
  const own = await runProgram(
    'apt-get',
    ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'],
    { signal, deadlineMs: 60_000 },
  );
  const sources = sourcesFor(system, parseIndexTargets(own.stdout), fitting);
  if (sources === undefined) {
    throw new ParleyError('setup-no-network', {
      what: 'The packages',
      reason: `the package sources of this machine name no mirror for ${system.distribution} ${system.codename}`,
    });
  }
  await writeFile(at('sources.sources'), sources);
  await writeFile(at('status'), '', { flag: 'a' });
  await writeFile(
    at('apt.conf'),
    [
      `Dir::State "${folder}";`,
      `Dir::State::lists "${at('lists')}";`,
      `Dir::State::status "${at('status')}";`,
      `Dir::State::extended_states "${at('extended_states')}";`,
      `Dir::Cache "${folder}";`,
      'Dir::Cache::pkgcache "";',
      'Dir::Cache::srcpkgcache "";',
      `Dir::Etc::sourcelist "${at('sources.sources')}";`,
      `Dir::Etc::sourceparts "${at('none')}";`,
      `Dir::Etc::preferences "${at('none/preferences')}";`,
      `Dir::Etc::preferencesparts "${at('none')}";`,
      `Dir::Log "${folder}";`,
      `APT::Architecture "${system.architecture}";`,
      '#clear APT::Architectures;',
      `APT::Architectures { "${system.architecture}"; };`,
      'APT::Install-Recommends "false";',
      'APT::Install-Suggests "false";',
      'APT::Get::Assume-Yes "true";',
      // The user _apt cannot look into a home folder.
      'APT::Sandbox::User "root";',
      // Hooks of the machine (desktop caches and the like) have no business here.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
      '#clear DPkg::Pre-Install-Pkgs;',
      // Mirrors lag behind the validity of the release file; the signature is still checked.
      'Acquire::Check-Valid-Until "false";',
      'Acquire::Languages "none";',
      'Acquire::GzipIndexes "true";',
      'Acquire::Retries "3";',
      'Acquire::http::Timeout "30";',
      'Acquire::https::Timeout "30";',
      '#clear Acquire::IndexTargets::deb::DEP-11;',
      '#clear Acquire::IndexTargets::deb::CNF;',
      '',
    ].join('\n'),
  );
  return { folder, command: ['env', 'LC_ALL=C', 'apt-get', '-c', at('apt.conf')] };
}

/**
 * apt's own locks are off: two sets of packages may be fetched at once, each into an archive folder of its own, and
 * Parley has a lock for each set.
 */
function install(
  apt: Apt,
  packages: readonly string[],
  archives: string,
  options: readonly string[],
  signal: AbortSignal,
  onStatusLine?: (line: string) => void,
): Promise<ProgramResult> {
  const own = ['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=true'];
  return run(apt, ['install', ...own, ...options, ...packages], signal, onStatusLine);
}

function run(
  apt: Apt,
  args: readonly string[],
  signal: AbortSignal,
  onStatusLine?: (line: string) => void,
): Promise<ProgramResult> {
  const [file, ...words] = apt.command;
  return runProgram(file, [...words, ...args], {
    signal,
    deadlineMs: aptDeadlineMs,
    ...(onStatusLine ? { onStatusLine } : {}),
  });
}

/** apt's own words, which start with E: or W:, say what was wrong. */
function failed(what: string, result: ProgramResult): ParleyError {
  const said = result.stderr.split('\n').filter((line) => /^[EW]: /.test(line));
  const mismatch = result.stderr.includes('Hash Sum mismatch');
  if (mismatch) {
    const hashes = [...result.stderr.matchAll(/SHA256:([0-9a-f]{64})/g)].map((match) => match[1] ?? '');
    return new ParleyError('setup-checksum', {
      file: what,
      expected: hashes[0] ?? '?',
      found: hashes[1] ?? '?',
    });
  }
  return new ParleyError('setup-no-network', {
    what,
    reason: said.length > 0 ? said.slice(0, 4).join('\n') : lastLines(result.stderr, 4),
  });
}
