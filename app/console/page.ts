import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ParleyError } from '../errors.ts';
import { contentPolicy } from './headers.ts';
import type { ConsoleApp } from './spec.ts';

const pageDir = fileURLToPath(new URL('page', import.meta.url));
const packagesDir = fileURLToPath(new URL('../../node_modules', import.meta.url));
/** What the page's import map and its modules may load. */
const packages = new Set(['preact', 'htm', 'uplot', 'jssip', '@fontsource-variable/inter']);

const javascript = 'text/javascript; charset=utf-8';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.ts': javascript,
  '.js': javascript,
  '.mjs': javascript,
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

interface Served {
  readonly mtimeMs: number;
  readonly body: Buffer;
  readonly etag: string;
}

/**
 * The page: its own modules as they are written (Node takes the types out), and the packages that they import, from
 * where npm has put them. There is no build; a file that is changed is served anew.
 */
export function servePage(app: ConsoleApp): void {
  const cache = new Map<string, Served>();

  /** @throws ParleyError `console-not-found`. */
  async function load(root: string, name: string): Promise<Served & { readonly type: string }> {
    const file = path.resolve(root, name);
    const type = types[path.extname(file)];
    const info =
      type !== undefined && file.startsWith(`${root}${path.sep}`)
        ? await stat(file).catch(() => undefined)
        : undefined;
    if (type === undefined || info?.isFile() !== true)
      throw new ParleyError('console-not-found', { what: 'page' });
    const { mtimeMs } = info;
    const known = cache.get(file);
    if (known?.mtimeMs === mtimeMs) return { ...known, type };
    const source = await readFile(file);
    const body = file.endsWith('.ts') ? Buffer.from(stripTypeScriptTypes(source.toString())) : source;
    const served = { mtimeMs, body, etag: `"${hashOf(body).toString('base64url')}"` };
    cache.set(file, served);
    return { ...served, type };
  }

  async function send(
    root: string,
    name: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { body, etag, type } = await load(root, name);
    reply.headers({ 'content-type': type, 'cache-control': 'no-cache', etag });
    if (type === types['.html'])
      reply.header('content-security-policy', contentPolicy(inlineScripts(body.toString())));
    return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(body);
  }

  const config = { open: true };
  app.get('/', { config }, (request, reply) => send(pageDir, 'index.html', request, reply));
  app.get('/page/*', { config }, (request, reply) => send(pageDir, restOf(request), request, reply));
  app.get('/vendor/*', { config }, (request, reply) => {
    const rest = restOf(request);
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(rest)?.[0] ?? '';
    if (!packages.has(name)) throw new ParleyError('console-not-found', { what: 'package' });
    return send(path.join(packagesDir, name), rest.slice(name.length + 1), request, reply);
  });
}

function restOf({ params }: FastifyRequest): string {
  return (params as { readonly '*'?: string })['*'] ?? '';
}

/** Hashes of the scripts that stand in a page: the import map must. */
function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `sha256-${hashOf(script).toString('base64')}`,
  );
}

function hashOf(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
