import { mkdir, open, readdir, rename, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Pcm, pcmToBytes } from '../audio/pcm.ts';
import { messageOf, ParleyError } from '../errors.ts';

/**
 * A WAV file that grows while a call runs. Its header is right after each write, but for what was written last when the
 * process is killed; `repairWavs` sets that right. Until it is closed its name ends in `.part`.
 */

export const headerBytes = 44;
/** The caller left, the bot right. */
export const channels = 2;
const partSuffix = '.part';
/** Of a disk that does not keep up, this much is waited for: two minutes of a call. */
const mostWaitingBytes = 8_000_000;
/** At the end of a call it is not waited for longer. */
const closeDeadlineMs = 3_000;

/** RIFF WAVE with 16-bit stereo PCM; see audio/wav.ts for the layout. */
function header(dataBytes: number, sampleRateHz: number): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(headerBytes - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(sampleRateHz * channels * 2, 28);
  bytes.writeUInt16LE(channels * 2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}

/** Writes never throw and never wait: when the disk fails or is too slow, the recording is given up. */
export class GrowingWav {
  readonly #file: string;
  readonly #sampleRateHz: number;
  readonly #onLost: (error: ParleyError) => void;
  #handle: FileHandle | undefined;
  #dataBytes = 0;
  #waitingBytes = 0;
  #lost = false;
  #work: Promise<void>;

  /** @param onLost told once when it is given up. */
  constructor(file: string, sampleRateHz: number, onLost: (error: ParleyError) => void) {
    this.#file = file;
    this.#sampleRateHz = sampleRateHz;
    this.#onLost = onLost;
    this.#work = this.#try(async () => {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      this.#handle = await open(`${file}${partSuffix}`, 'w', 0o600);
      await this.#handle.write(header(0, sampleRateHz), 0, headerBytes, 0);
    });
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** @param samples left and right in turn. */
  write(samples: Pcm): void {
    if (this.#lost || samples.length === 0) return;
    const bytes = pcmToBytes(samples);
    if (this.#waitingBytes + bytes.length > mostWaitingBytes) {
      this.#lose('the disk is too slow');
      return;
    }
    this.#waitingBytes += bytes.length;
    this.#work = this.#work.then(() =>
      this.#try(async () => {
        this.#waitingBytes -= bytes.length;
        const at = headerBytes + this.#dataBytes;
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = (await this.#handle?.write(
            bytes,
            done,
            bytes.length - done,
            at + done,
          )) ?? {
            bytesWritten: bytes.length,
          };
          done += bytesWritten;
        }
        this.#dataBytes += bytes.length;
        await this.#handle?.write(header(this.#dataBytes, this.#sampleRateHz), 0, headerBytes, 0);
      }),
    );
  }

  /** @returns how long it is; undefined when it was given up. To be called once. */
  async close(): Promise<{ readonly ms: number; readonly bytes: number } | undefined> {
    const closed = this.#work.then(async () => {
      await this.#handle?.close().catch(() => undefined);
      await this.#try(() => rename(`${this.#file}${partSuffix}`, this.#file));
    });
    const inTime = new AbortController();
    const deadline = sleep(closeDeadlineMs, undefined, { signal: inTime.signal }).then(
      () => {
        this.#lose('the disk is too slow');
      },
      () => undefined,
    );
    await Promise.race([closed, deadline]);
    inTime.abort();
    if (this.#lost) return undefined;
    return sizeOf(this.#dataBytes, this.#sampleRateHz);
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#lost) return;
    try {
      await work();
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#onLost(new ParleyError('recording-lost', { reason }));
  }
}

function sizeOf(dataBytes: number, sampleRateHz: number): { ms: number; bytes: number } {
  return {
    ms: Math.round((dataBytes / (channels * 2) / sampleRateHz) * 1000),
    bytes: headerBytes + dataBytes,
  };
}

/** A file that a dead process had begun, made whole. */
export interface RepairedWav {
  /** Below the folder. */
  readonly file: string;
  readonly ms: number;
  readonly bytes: number;
  readonly sampleRateHz: number;
}

/** Makes whole what was begun in the folders below `dir` before a moment. What cannot be read is passed over. */
export async function repairWavs(dir: string, beforeMs: number): Promise<RepairedWav[]> {
  const repaired: RepairedWav[] = [];
  for (const folder of await readdir(dir).catch(() => [])) {
    const names = await readdir(path.join(dir, folder)).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(`.wav${partSuffix}`))) {
      const file = path.join(folder, name.slice(0, -partSuffix.length));
      const size = await repair(path.join(dir, file), beforeMs).catch(() => undefined);
      if (size !== undefined) repaired.push({ file, ...size });
    }
  }
  return repaired;
}

async function repair(file: string, beforeMs: number): Promise<Omit<RepairedWav, 'file'> | undefined> {
  const part = `${file}${partSuffix}`;
  const { size, mtimeMs } = await stat(part);
  // One that still grows belongs to a process that lives.
  if (mtimeMs >= beforeMs || size < headerBytes) return undefined;
  const handle = await open(part, 'r+');
  try {
    const found = Buffer.alloc(headerBytes);
    await handle.read(found, 0, headerBytes, 0);
    const sampleRateHz = found.readUInt32LE(24);
    const dataBytes = (size - headerBytes) & ~(channels * 2 - 1);
    await handle.truncate(headerBytes + dataBytes);
    await handle.write(header(dataBytes, sampleRateHz), 0, headerBytes, 0);
    await rename(part, file);
    return { ...sizeOf(dataBytes, sampleRateHz), sampleRateHz };
  } finally {
    await handle.close();
  }
}
