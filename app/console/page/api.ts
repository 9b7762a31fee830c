/** The way to the server: the same origin, JSON, and errors that say what to do. */

/** What went wrong, in the words of the server's table of errors. */
export class ApiError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly status: number;

  constructor(error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
    readonly status: number;
  }) {
    super(error.message);
    this.code = error.code;
    this.remedy = error.remedy;
    this.status = error.status;
  }
}

export interface Session {
  readonly authenticated: boolean;
  readonly needsToken: boolean;
  /** To be sent back with whatever changes something. */
  readonly csrf: string;
}

let csrf = '';
let signedOut: () => void = () => undefined;

/** @param listener is told when the server no longer knows who asks. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** How long the server may take; a figure over a month of many calls is the slowest. */
const deadlineMs = 20_000;

/** @throws ApiError; the signal's reason. */
async function request(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const timeout = AbortSignal.timeout(deadlineMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(method === 'GET' ? {} : { 'x-csrf-token': csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ApiError({
      code: 'console-unreachable',
      message: timeout.aborted
        ? 'Parley took too long to answer.'
        : `Parley does not answer (${error instanceof Error ? error.message : 'network'}).`,
      remedy: 'Is it running, and can this computer reach it? This page tries again by itself.',
      status: 0,
    });
  }
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer;
  if (response.status === 401 && path !== '/api/session') signedOut();
  throw errorOf(answer, response.status);
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(answer: unknown, status: number): ApiError {
  const {
    code = 'unknown',
    message = `The server answered ${status}.`,
    remedy = '',
  } = (answer as { error?: Partial<Record<'code' | 'message' | 'remedy', string>> } | undefined)?.error ?? {};
  return new ApiError({ code, message, remedy, status });
}

/** @throws ApiError; the signal's reason. */
export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request('GET', path, undefined, signal)) as T;
}

/** Something that changes something. @throws ApiError. */
export async function post<T>(path: string, body?: unknown): Promise<T> {
  return (await request('POST', path, body)) as T;
}

/** Whether anybody is signed in, and whether anybody has to be. @throws ApiError. */
export async function session(): Promise<Session> {
  return remembered(await get<Session>('/api/session'));
}

/** @throws ApiError when the token is not the right one. */
export async function signIn(token: string): Promise<Session> {
  await post('/api/session', { token });
  return session();
}

export async function signOut(): Promise<Session> {
  await request('DELETE', '/api/session', undefined);
  return session();
}

function remembered(found: Session): Session {
  csrf = found.csrf;
  return found;
}

/** A path with a query, in which what is undefined or '' is left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
