/**
 * As much of WASI (wasi_snapshot_preview1) as Flite uses: arguments, standard output, and one file that is written in
 * memory. The numbers are those of the WASI specification (witx/typenames.witx): errno, filetype, oflags, whence.
 */

const errno = { success: 0, badDescriptor: 8, noEntry: 44, seekOnPipe: 70 } as const;
const fileType = { directory: 3, regular: 4 } as const;
const createFlag = 1;
const allRights = 0xffff_ffffn;
const folderDescriptor = 3;
const firstFileDescriptor = 4;

/** Thrown out of the program when it calls exit. */
class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit status ${status}`);
    this.status = status;
  }
}

interface MemoryFile {
  bytes: Uint8Array;
  length: number;
  at: number;
}

function isEntry(value: unknown): value is () => void {
  return typeof value === 'function';
}

export interface WasiResult {
  readonly status: number;
  /** What was written to standard output and standard error. */
  readonly printed: string;
  /** What was written to files, one after the other; a view. */
  readonly written: Uint8Array;
}

/** One run of a program. An instance may be made ahead; it can run once. */
export class WasiRun {
  readonly #instance: WebAssembly.Instance;
  readonly #memory: WebAssembly.Memory;
  readonly #file: MemoryFile = { bytes: new Uint8Array(0), length: 0, at: 0 };
  #arguments: readonly Uint8Array[] = [];
  #printed = '';
  #nextDescriptor = firstFileDescriptor;

  constructor(module: WebAssembly.Module) {
    this.#instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#calls() });
    const { memory } = this.#instance.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('the program exports no memory');
    this.#memory = memory;
  }

  run(args: readonly string[]): WasiResult {
    this.#arguments = args.map((argument) => new TextEncoder().encode(`${argument}\0`));
    const { _start: start } = this.#instance.exports;
    if (!isEntry(start)) throw new Error('the program exports no _start');
    let status = 0;
    try {
      start();
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      status = error.status;
    }
    return {
      status,
      printed: this.#printed,
      written: this.#file.bytes.subarray(0, this.#file.length),
    };
  }

  // Views are made anew for each call: the memory's buffer changes whenever it grows.
  get #view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  get #bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  #calls(): Record<string, (...args: never[]) => number> {
    return {
      args_sizes_get: (count: number, size: number) => {
        this.#view.setUint32(count, this.#arguments.length, true);
        this.#view.setUint32(
          size,
          this.#arguments.reduce((sum, one) => sum + one.length, 0),
          true,
        );
        return errno.success;
      },
      args_get: (pointers: number, text: number) => {
        let at = text;
        this.#arguments.forEach((argument, i) => {
          this.#view.setUint32(pointers + 4 * i, at, true);
          this.#bytes.set(argument, at);
          at += argument.length;
        });
        return errno.success;
      },
      // Always the same moment, so that the same text always gives the same samples.
      clock_time_get: (_clock: number, _precision: bigint, result: number) => {
        this.#view.setBigUint64(result, 0n, true);
        return errno.success;
      },
      proc_exit: (status: number) => {
        throw new Exit(status);
      },
      fd_prestat_get: (descriptor: number, result: number) => {
        if (descriptor !== folderDescriptor) return errno.badDescriptor;
        this.#view.setUint32(result, 0, true);
        this.#view.setUint32(result + 4, 1, true);
        return errno.success;
      },
      fd_prestat_dir_name: (_descriptor: number, path: number) => {
        this.#bytes[path] = '/'.charCodeAt(0);
        return errno.success;
      },
      fd_fdstat_get: (descriptor: number, result: number) => {
        const isFolder = descriptor === folderDescriptor;
        this.#view.setUint8(result, isFolder ? fileType.directory : fileType.regular);
        this.#view.setUint16(result + 2, 0, true);
        this.#view.setBigUint64(result + 8, allRights, true);
        this.#view.setBigUint64(result + 16, allRights, true);
        return errno.success;
      },
      fd_fdstat_set_flags: () => errno.success,
      path_open: (
        _folder: number,
        _lookup: number,
        _path: number,
        _length: number,
        flags: number,
        _rights: bigint,
        _inherited: bigint,
        _fdFlags: number,
        result: number,
      ) => {
        // There is nothing to read: Flite's voices are inside the program.
        if ((flags & createFlag) === 0) return errno.noEntry;
        this.#file.at = 0;
        this.#view.setUint32(result, this.#nextDescriptor++, true);
        return errno.success;
      },
      fd_close: () => errno.success,
      fd_read: (_descriptor: number, _parts: number, _count: number, result: number) => {
        this.#view.setUint32(result, 0, true);
        return errno.success;
      },
      fd_seek: (descriptor: number, offset: bigint, whence: number, result: number) => {
        if (descriptor < firstFileDescriptor) return errno.seekOnPipe;
        const base = [0, this.#file.at, this.#file.length][whence] ?? 0;
        this.#file.at = base + Number(offset);
        this.#view.setBigUint64(result, BigInt(this.#file.at), true);
        return errno.success;
      },
      fd_write: (descriptor: number, parts: number, count: number, result: number) => {
        let written = 0;
        for (let i = 0; i < count; i++) {
          const start = this.#view.getUint32(parts + 8 * i, true);
          const length = this.#view.getUint32(parts + 8 * i + 4, true);
          const bytes = this.#bytes.subarray(start, start + length);
          if (descriptor < firstFileDescriptor) this.#printed += new TextDecoder().decode(bytes);
          else this.#write(bytes);
          written += length;
        }
        this.#view.setUint32(result, written, true);
        return errno.success;
      },
    };
  }

  #write(bytes: Uint8Array): void {
    const end = this.#file.at + bytes.length;
    if (end > this.#file.bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#file.bytes.length * 2));
      larger.set(this.#file.bytes.subarray(0, this.#file.length));
      this.#file.bytes = larger;
    }
    this.#file.bytes.set(bytes, this.#file.at);
    this.#file.at = end;
    this.#file.length = Math.max(this.#file.length, end);
  }
}
