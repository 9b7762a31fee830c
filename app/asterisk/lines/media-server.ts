import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeWav } from '../../audio/wav.ts';
import { type Audio, pcmToBytes } from '../../audio/pcm.ts';

/** A place on the media server that holds one piece of audio at a time. */
export interface MediaSlot {
  /** For ARI `play`, such as `sound:http://127.0.0.1:4001/say/7.wav16`. */
  readonly mediaUri: string;
  /** Gives the place back; the audio is no longer served. */
  release(): void;
}

interface Held {
  readonly wav: Uint8Array;
  readonly version: number;
}

/**
 * Serves what the bot says to Asterisk's media cache (res_http_media_cache).
 *
 * Asterisk keeps a file for each address it ever fetched and never removes one by itself, so the addresses are a
 * small set that is used again and again: a slot is held for one playback, and its answer is stale at once, so that
 * Asterisk asks again and replaces the file. What is spoken often has an address of its own that stays fresh.
 */
export class MediaServer {
  readonly #server: Server;
  readonly #held = new Map<string, Held>();
  readonly #free: number[] = [];
  #slots = 0;
  #version = 0;
  #base: string;

  private constructor(server: Server, base: string) {
    this.#server = server;
    this.#base = base;
  }

  /** @param options.url the address under which Asterisk reaches the server, when it is not the one it listens on. */
  static async start(options: {
    readonly bind: string;
    readonly port: number;
    readonly url?: string | undefined;
  }): Promise<MediaServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.bind, resolve);
    });
    const { port } = server.address() as AddressInfo;
    const host = options.bind.includes(':') ? `[${options.bind}]` : options.bind;
    const media = new MediaServer(server, (options.url ?? `http://${host}:${port}`).replace(/\/$/, ''));
    server.on('request', (request, response) => {
      const path = request.url ?? '';
      const held = request.method === 'GET' || request.method === 'HEAD' ? media.#held.get(path) : undefined;
      if (held === undefined) {
        response.writeHead(404).end();
        return;
      }
      const lasting = path.startsWith('/prompt/');
      response.writeHead(200, {
        'content-type': path.endsWith('.wav') ? 'audio/wav' : 'application/octet-stream',
        'content-length': held.wav.byteLength,
        'cache-control': lasting ? 'max-age=86400' : 'max-age=0, no-cache, must-revalidate',
        etag: `"${held.version}"`,
      });
      response.end(request.method === 'HEAD' ? undefined : held.wav);
    });
    return media;
  }

  /** Offers audio for one playback. */
  offer(audio: Audio): MediaSlot {
    const number = this.#free.pop() ?? ++this.#slots;
    const path = `/say/${number}.${extensionFor(audio)}`;
    this.#held.set(path, { wav: bytesFor(audio), version: ++this.#version });
    let released = false;
    return {
      mediaUri: `sound:${this.#base}${path}`,
      release: () => {
        if (released) return;
        released = true;
        this.#held.delete(path);
        this.#free.push(number);
      },
    };
  }

  /** Offers audio that is played again and again under one name. */
  keep(key: string, audio: Audio): string {
    const path = `/prompt/${encodeURIComponent(key)}.${extensionFor(audio)}`;
    if (!this.#held.has(path)) this.#held.set(path, { wav: bytesFor(audio), version: ++this.#version });
    return `sound:${this.#base}${path}`;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#held.clear();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

/**
 * Asterisk tells format and rate by the extension. Its media cache knows `wav` as 8 kHz and refuses `wav16`, so
 * 16 kHz goes as raw samples.
 */
function extensionFor(audio: Audio): 'wav' | 'sln16' {
  return audio.sampleRateHz === 16_000 ? 'sln16' : 'wav';
}

function bytesFor(audio: Audio): Uint8Array {
  return audio.sampleRateHz === 16_000 ? pcmToBytes(audio.samples) : writeWav(audio);
}
