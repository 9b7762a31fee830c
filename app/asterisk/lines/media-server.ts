import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeWav } from '../../audio/wav.ts';
import { type Audio, pcmToBytes } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';

/** A place on the media server that holds one piece of audio at a time. */
export interface MediaSlot {
  /** For ARI `play`, such as `sound:http://127.0.0.1:4001/say/7.wav16`. */
  readonly mediaUri: string;
  /** Gives the place back; the audio is no longer served. */
  release(): void;
}

/**
 * Part of every address, so that nobody else can listen. Its length matters as well: Asterisk (22.10, main/file.c)
 * copies the name of the cached file into a buffer that is as long as the address, and so fails with "does not exist
 * in any format" where its cache folder has a longer name than that.
 */
const secretBytes = 96;

const promptSeconds = 86_400;
const freshSeconds = 5;
/** Asterisk counts in whole seconds, on its own machine's clock. */
const restMs = (freshSeconds + 2) * 1000;

interface Held {
  readonly wav: Uint8Array;
  readonly version: number;
}

/**
 * Serves what the bot says to Asterisk's media cache (res_http_media_cache).
 *
 * Asterisk keeps a file for each address it ever fetched and never removes one by itself, so the addresses are a
 * small set that is used again and again. One playback asks for its address several times, and a file that goes stale
 * in between is lost (seen: "does not exist in any format"); so an answer is fresh for some seconds, and its address
 * rests for longer than that before it is used again: then Asterisk finds it stale and replaces the file.
 * What is spoken often has an address of its own that stays fresh.
 */
export class MediaServer {
  readonly #server: Server;
  readonly #held = new Map<string, Held>();
  /** In the order in which they were given back. */
  readonly #resting: { readonly number: number; readonly untilMs: number }[] = [];
  readonly #monotonicMs: () => number;
  #slots = 0;
  #version = 0;
  readonly #base: string;

  private constructor(server: Server, base: string, monotonicMs: () => number) {
    this.#server = server;
    this.#monotonicMs = monotonicMs;
    this.#base = base;
  }

  /**
   * @param options.url the address under which Asterisk reaches the server, when it is not the one it listens on.
   * @throws ParleyError `media-server-unavailable`.
   */
  static async start(options: {
    readonly bind: string;
    readonly port: number;
    readonly url?: string | undefined;
    readonly monotonicMs?: () => number;
    /** Told to whoever asks for `/health`: whether calls are answered. */
    readonly healthy?: () => boolean;
    /** Told to whoever asks for `/metrics`, in Prometheus' text format. */
    readonly metrics?: () => Promise<string>;
  }): Promise<MediaServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        const address = `${options.bind}:${options.port}`;
        reject(
          new ParleyError('media-server-unavailable', { address, reason: error.message }, { cause: error }),
        );
      });
      server.listen(options.port, options.bind, resolve);
    });
    const { port } = server.address() as AddressInfo;
    const host = options.bind.includes(':') ? `[${options.bind}]` : options.bind;
    const base = `${(options.url ?? `http://${host}:${port}`).replace(/\/$/, '')}/${randomBytes(secretBytes).toString('hex')}`;
    const media = new MediaServer(server, base, options.monotonicMs ?? (() => performance.now()));
    server.on('request', (request, response) => {
      if (request.url === '/health') {
        const healthy = options.healthy?.() ?? true;
        response.writeHead(healthy ? 200 : 503, { 'content-type': 'text/plain' });
        response.end(healthy ? 'calls are answered\n' : 'no connection to Asterisk\n');
        return;
      }
      if (request.url === '/metrics' && options.metrics !== undefined) {
        options.metrics().then(
          (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
          () => response.writeHead(500).end(),
        );
        return;
      }
      const path = media.#pathOf(request.url ?? '');
      const held = request.method === 'GET' || request.method === 'HEAD' ? media.#held.get(path) : undefined;
      if (held === undefined) {
        response.writeHead(404).end();
        return;
      }
      const lasting = path.startsWith('/prompt/');
      response.writeHead(200, {
        'content-type': path.endsWith('.wav') ? 'audio/wav' : 'application/octet-stream',
        'content-length': held.wav.byteLength,
        'cache-control': `max-age=${lasting ? promptSeconds : freshSeconds}`,
        etag: `"${held.version}"`,
      });
      response.end(request.method === 'HEAD' ? undefined : held.wav);
    });
    return media;
  }

  /** What follows the secret in a request's path; '' without it. */
  #pathOf(requested: string): string {
    const secret = this.#base.slice(this.#base.lastIndexOf('/'));
    return requested.startsWith(`${secret}/`) ? requested.slice(secret.length) : '';
  }

  /** Offers audio for one playback. */
  offer(audio: Audio): MediaSlot {
    const [longest] = this.#resting;
    const rested = longest !== undefined && longest.untilMs <= this.#monotonicMs();
    const number = (rested ? this.#resting.shift()?.number : undefined) ?? ++this.#slots;
    const path = `/say/${number}.${extensionFor(audio)}`;
    this.#held.set(path, { wav: bytesFor(audio), version: ++this.#version });
    let released = false;
    return {
      mediaUri: `sound:${this.#base}${path}`,
      release: () => {
        if (released) return;
        released = true;
        this.#held.delete(path);
        this.#resting.push({ number, untilMs: this.#monotonicMs() + restMs });
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
