import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.ts';

/** Where ARI is, and as whom. */
export interface AriAccess {
  /** Such as `http://127.0.0.1:8088`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

const infoSchema = z.object({ system: z.object({ version: z.string() }) });
const modulesSchema = z.array(z.object({ name: z.string(), status: z.string() }));

/**
 * Looks at an Asterisk over plain REST, without becoming an application of it.
 * All throw ParleyError `ari-unreachable`, `ari-rejected`, `ari-not-asterisk`; the signal's reason.
 */
export interface AriInspector {
  /** Such as `22.10.1`. */
  version(options: { readonly signal: AbortSignal }): Promise<string>;
  /** The modules that run, such as `chan_websocket.so`. */
  modules(options: { readonly signal: AbortSignal }): Promise<ReadonlySet<string>>;
  /** Whether a program is connected under this application name. */
  hasApplication(name: string, options: { readonly signal: AbortSignal }): Promise<boolean>;
}

export function inspectAri(access: AriAccess): AriInspector {
  return {
    async version({ signal }) {
      const { response, body } = await get(access, 'asterisk/info?only=system', signal);
      const parsed = infoSchema.safeParse(body);
      if (!parsed.success) throw notAsterisk(access, response);
      return parsed.data.system.version.replace(/^[^\d]*/, '').replace(/[~+-].*$/, '');
    },
    async modules({ signal }) {
      const { response, body } = await get(access, 'asterisk/modules', signal);
      const parsed = modulesSchema.safeParse(body);
      if (!parsed.success) throw notAsterisk(access, response);
      return new Set(parsed.data.filter(({ status }) => status === 'Running').map(({ name }) => name));
    },
    async hasApplication(name, { signal }) {
      const { response } = await get(access, `applications/${encodeURIComponent(name)}`, signal);
      if (response.ok || response.status === 404) return response.ok;
      throw notAsterisk(access, response);
    },
  };
}

async function get(
  { url, user, password }: AriAccess,
  path: string,
  signal: AbortSignal,
): Promise<{ response: Response; body: unknown }> {
  let response: Response;
  let text: string;
  try {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    response = await fetch(new URL(`/ari/${path}`, url), { headers: { authorization }, signal });
    text = await response.text();
  } catch (error) {
    signal.throwIfAborted();
    throw new ParleyError('ari-unreachable', { url, reason: reasonOf(error) }, { cause: error });
  }
  if (response.status === 401 || response.status === 403) throw new ParleyError('ari-rejected', { url });
  try {
    return { response, body: JSON.parse(text) as unknown };
  } catch {
    throw notAsterisk({ url }, response);
  }
}

function notAsterisk({ url }: { readonly url: string }, response: Response): ParleyError {
  const server = response.headers.get('server') ?? '';
  return new ParleyError('ari-not-asterisk', {
    url,
    status: response.status,
    reason: server.startsWith('Asterisk')
      ? 'it is an Asterisk whose ARI is switched off'
      : `it is ${server === '' ? 'some other program' : server}`,
  });
}

/** fetch hides what happened in its cause; that of a name with several addresses has a code alone. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = messageOf(cause);
  return message !== '' || !(cause instanceof Error && 'code' in cause) ? message : String(cause.code);
}
