import { ApiError, get } from './api.ts';
import { useCallback, useEffect, useState } from './html.ts';

export interface Loaded<T> {
  /** What came last; stays while it is loaded anew. */
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Loads a path of the API, and again when it changes; what is late for the path before is thrown away. */
export function useLoad<T>(path: string): Loaded<T> {
  const [state, set] = useState<{ path: string; data?: T | undefined; error?: ApiError; loading: boolean }>({
    path,
    loading: true,
  });
  const [times, again] = useState(0);
  useEffect(() => {
    const { abort, signal } = withAbort();
    set((before) => ({ path, data: before.data, loading: true }));
    get<T>(path, signal).then(
      (data) => set({ path, data, loading: false }),
      (error: unknown) => {
        if (!signal.aborted)
          set((before) => ({ path, data: before.data, error: asApiError(error), loading: false }));
      },
    );
    return abort;
  }, [path, times]);
  const reload = useCallback(() => again((n) => n + 1), []);
  return { data: state.data, error: state.error, loading: state.loading, reload };
}

function withAbort(): { readonly abort: () => void; readonly signal: AbortSignal } {
  const controller = new AbortController();
  return { abort: () => controller.abort(), signal: controller.signal };
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: 'page-failed',
    message: error instanceof Error ? error.message : String(error),
    remedy: 'Load the page again.',
    status: 0,
  });
}

/** The time, again and again. */
export function useNow(everyMs: number): number {
  const [now, set] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** The view's path after `#`, such as `/calls/1f2e`, and its query. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

function routeNow(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new URLSearchParams(query),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function useRoute(): Route {
  const [route, set] = useState(routeNow);
  useEffect(() => {
    const changed = (): void => set(routeNow());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}
