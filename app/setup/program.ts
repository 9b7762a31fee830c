import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ParleyError } from '../errors.ts';

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  readonly cwd?: string;
  /** The whole environment of the program; unset, it is that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that the program writes to its file descriptor 3 (apt reports progress there). */
  readonly onStatusLine?: (line: string) => void;
  /** The Debian package that holds the program, for the message when it is missing. */
  readonly package?: string;
}

export interface ProgramResult {
  /** Null when the program was ended by a signal or the deadline. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a program has to end by itself after SIGTERM. */
const killAfterMs = 3_000;
/** What is kept of each output; nothing that Parley runs at set-up says more that matters. */
const outputLimitBytes = 8 * 1024 * 1024;

/**
 * Runs a program to its end and collects what it says. A status other than 0 is not an error here, nor is a deadline
 * that passes: the program is ended, the status is null and the last line of `stderr` says why.
 * When `signal` aborts, the program is ended first, then the promise rejects.
 * @throws ParleyError `setup-tool-missing`; the signal's reason when it aborts.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  options.signal.throwIfAborted();
  const deadline = AbortSignal.timeout(options.deadlineMs);
  const ending = AbortSignal.any([options.signal, deadline]);
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  // Made by the 'pipe' entries above; the types of Node know only of three.
  const [, stdoutPipe, stderrPipe, statusPipe] = child.stdio as unknown as [
    null,
    Readable,
    Readable,
    Readable,
  ];
  const stdout = collect(stdoutPipe);
  const stderr = collect(stderrPipe);
  const onStatusLine = options.onStatusLine;
  if (onStatusLine) createInterface({ input: statusPipe }).on('line', onStatusLine);
  else statusPipe.resume();

  let forced: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill('SIGTERM');
    forced = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  };
  ending.addEventListener('abort', end, { once: true });
  try {
    const exitStatus = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal.throwIfAborted();
    if (deadline.aborted) {
      const late = `${file} did not end within ${String(options.deadlineMs / 1000)} s`;
      return { status: null, stdout: stdout(), stderr: `${stderr()}\n${late}` };
    }
    return { status: exitStatus, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    if (isMissing(error)) {
      throw new ParleyError('setup-tool-missing', { tool: file, package: options.package ?? file });
    }
    throw error;
  } finally {
    ending.removeEventListener('abort', end);
    clearTimeout(forced);
  }
}

/** The last lines of what a program said, for an error's reason. */
export function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}

function collect(stream: Readable): () => string {
  const pieces: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes <= outputLimitBytes) pieces.push(piece);
  });
  return () => Buffer.concat(pieces).toString('utf8');
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
