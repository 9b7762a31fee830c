import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import soxStream from 'sox-stream';
import { peakDbfs } from '../audio/level.ts';
import { bytesToPcm, type Audio } from '../audio/pcm.ts';
import { speechLevelDbfs } from '../audio/speech-level.ts';
import { readMonoWav, writeWav } from '../audio/wav.ts';
import { messageOf, ParleyError } from '../errors.ts';

/** Audio through sox: what Asterisk recorded for the recogniser, and prompts for the telephone. */

export interface SoxOptions {
  /** What to call: `sox` or a path. */
  readonly soxPath: string;
  readonly signal: AbortSignal;
  /** A conversion takes about 20 ms; one that takes this long is ended. */
  readonly deadlineMs?: number;
}

const recognitionRateHz = 16_000;
/** A caller far from the telephone is brought up, but noise that is no speech at all must stay under the trimming threshold. */
const mostGainDb = 12;
const speechLevelTargetDbfs = -20;
const recordingPeakDbfs = -1;

/**
 * Any WAV that Asterisk recorded as 16 kHz mono, without rumble, speech brought near -20 dBFS.
 * @throws ParleyError `audio-invalid`, `sox-failed`; the signal's reason when aborted.
 */
export async function normaliseRecording(wav: Uint8Array, options: SoxOptions): Promise<Audio> {
  const recorded = readMonoWav(wav, 'the recording');
  if (recorded.samples.length === 0) return { samples: recorded.samples, sampleRateHz: recognitionRateHz };
  const gainDb = Math.max(-mostGainDb, Math.min(mostGainDb, gainFor(recorded, recordingPeakDbfs)));
  return convert(wav, 'the recording', recognitionRateHz, [['highpass', '60'], gain(gainDb)], options);
}

/**
 * A prompt at the rate it is played with, speech at -20 dBFS and no peak above -3 dBFS.
 * @throws ParleyError `sox-failed`; the signal's reason when aborted.
 */
export async function levelPrompt(
  prompt: Audio,
  options: SoxOptions & { readonly sampleRateHz: number },
): Promise<Audio> {
  if (prompt.samples.length === 0) return { samples: prompt.samples, sampleRateHz: options.sampleRateHz };
  // The filter of the rate change may lift a peak a little.
  const gainDb = gainFor(prompt, -3.5);
  return convert(writeWav(prompt), 'the prompt', options.sampleRateHz, [gain(gainDb)], options);
}

function gainFor({ samples, sampleRateHz }: Audio, highestPeakDbfs: number): number {
  const level = speechLevelDbfs(samples, sampleRateHz);
  if (level === -Infinity) return 0;
  return Math.min(speechLevelTargetDbfs - level, highestPeakDbfs - peakDbfs(samples));
}

function gain(db: number): string[] {
  return ['gain', db.toFixed(2)];
}

/** `-V1`: sox-stream takes a mere warning on standard error for a failure. `-D`: no dither, so the same input gives the same output. */
const globalOptions = { D: true, '-V1': false };

async function convert(
  wav: Uint8Array,
  what: string,
  sampleRateHz: number,
  effects: string[][],
  { soxPath, signal, deadlineMs = 10_000 }: SoxOptions,
): Promise<Audio> {
  signal.throwIfAborted();
  const run = new SoxRun();
  const deadline = AbortSignal.timeout(deadlineMs);
  const ended = AbortSignal.any([signal, deadline]);
  const onEnd = (): void => run.kill();
  ended.addEventListener('abort', onEnd, { once: true });
  try {
    const bytes = await run.start(wav, {
      soxPath,
      global: globalOptions,
      input: { t: 'wav' },
      output: { t: 'raw', r: sampleRateHz, c: 1, b: 16, e: 'signed-integer', L: true },
      effects,
    });
    ended.throwIfAborted();
    return { samples: bytesToPcm(bytes), sampleRateHz };
  } catch (error) {
    signal.throwIfAborted();
    const reason = deadline.aborted ? `it took longer than ${deadlineMs} ms` : messageOf(error).trim();
    throw new ParleyError('sox-failed', { what, reason }, { cause: error });
  } finally {
    ended.removeEventListener('abort', onEnd);
  }
}

/**
 * One run of sox-stream. It spools its input to a temporary file, starts sox when that is written, and removes the file when
 * sox's output has ended; only then is the run over, so that nothing is left whichever way it ended. It keeps the process to
 * itself, so the process is caught as Node announces it.
 */
class SoxRun {
  #child: ChildProcess | undefined;
  #status: Promise<number | null> = Promise.resolve(0);
  #complaint = '';
  #killed = false;

  async start(input: Uint8Array, options: soxStream.SoxOptions): Promise<Buffer> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const output: Buffer[] = [];
    runs.run(this, () => {
      const stream = soxStream(options);
      stream.on('data', (chunk: Buffer) => output.push(chunk));
      // What sox says ends here as an error, too, but so does the file that was removed twice, in any order: once sox runs, its
      // own words and its status tell how it went.
      stream.on('error', (error: unknown) => {
        if (this.#child?.pid === undefined) reject(error);
      });
      stream.on('finish', () => {
        resolve(undefined);
      });
      stream.end(input);
    });
    await promise;
    const status = await this.#status;
    if (!this.#killed) {
      if (this.#complaint !== '') throw new Error(this.#complaint);
      if (status !== 0) throw new Error(`it ended with status ${status}`);
    }
    return Buffer.concat(output);
  }

  /** Ends sox; the temporary file is removed as after any end. */
  kill(): void {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
  }

  /** @param child about to be started. */
  caught(child: ChildProcess): void {
    this.#child = child;
    this.#status = new Promise((resolve) => {
      child.once('close', resolve);
    });
    child.once('spawn', () =>
      child.stderr?.on('data', (chunk: Buffer) => (this.#complaint += chunk.toString())),
    );
    if (this.#killed) child.once('spawn', () => child.kill('SIGKILL'));
  }
}

const runs = new AsyncLocalStorage<SoxRun>();

subscribe('child_process', (message) => {
  const { process: child } = message as { readonly process: ChildProcess };
  runs.getStore()?.caught(child);
});
