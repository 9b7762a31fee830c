import type { Config } from '../../config/schema.ts';
import { hasCode, type ErrorCode } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import { getWhole, type Fetch } from '../http.ts';
import { createSharedCache, type SharedCache } from '../shared-cache.ts';
import { keywords, tellSameStory } from './headline.ts';
import { parseFeed } from './parse-feed.ts';

export interface Headline {
  /** The feed's spoken name. */
  readonly source: string;
  readonly text: string;
}

/** Keeps the headlines of the configured feeds at hand. */
export interface NewsDesk {
  /** Fetches every feed. Rejects only with the signal's reason: a feed that fails is logged and keeps what it had. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Fetches every feed, but waits only for the first that has something. Rejects only with the signal's reason. */
  refreshUntilFirst(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Up to `count` headlines that are not stale, one source after the other, no story twice. */
  headlines(count: number): Headline[];
  /** Why there are none: the code of the last failure. */
  readonly lastFailure: ErrorCode;
}

interface Feed {
  readonly name: string;
  readonly url: string;
  /** One fetch for all who want it at the same time. */
  readonly once: SharedCache<undefined>;
  headlines: readonly string[];
  fetchedAtMs: number;
  /** What makes the next request conditional. */
  validators: Readonly<Record<string, string>>;
}

const maxBytes = 2_000_000;

export function createNewsDesk(options: {
  readonly config: Config['skills']['news'];
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
}): NewsDesk {
  const { config, fetch, clock, log } = options;
  const feeds = config.feeds.map(({ name, url }): Feed => ({
    name,
    url,
    once: createSharedCache({ clock, maxAgeMs: 0, maxEntries: 1 }),
    headlines: [],
    fetchedAtMs: -Infinity,
    validators: {},
  }));
  let lastFailure: ErrorCode = 'skill-service-unreachable';

  async function fetchFeed(feed: Feed, signal: AbortSignal): Promise<undefined> {
    const { deadlineMs } = config;
    const { status, headers, body } = await getWhole(feed.url, {
      fetch,
      clock,
      service: feed.name,
      deadlineMs,
      maxBytes,
      signal,
      headers: {
        accept:
          'application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5',
        ...feed.validators,
      },
    });
    if (status !== 304) {
      feed.headlines = parseFeed(body, headers.get('content-type') ?? '', feed.name);
      feed.validators = validatorsOf(headers);
    }
    feed.fetchedAtMs = clock.monotonicMs();
    log.debug('feed fetched', { feed: feed.name, status, headlines: feed.headlines.length });
  }

  async function fetchOrLog(feed: Feed, signal: AbortSignal): Promise<undefined> {
    try {
      await fetchFeed(feed, signal);
      return;
    } catch (error) {
      if (hasCode(error, 'skill-service-unreachable', 'skill-service-garbled')) lastFailure = error.code;
      if (!signal.aborted) log.warn('feed not fetched', { feed: feed.name, error });
      throw error;
    }
  }

  /** Shared by all who ask for it at the same time. @throws when the feed has failed, or the signal's reason. */
  const refreshFeed = (feed: Feed, signal: AbortSignal) =>
    feed.once.get('', (shared) => fetchOrLog(feed, shared), signal);

  return {
    async refresh({ signal }) {
      await Promise.allSettled(feeds.map((feed) => refreshFeed(feed, signal)));
      signal.throwIfAborted();
    },
    async refreshUntilFirst({ signal }) {
      await Promise.any(feeds.map((feed) => refreshFeed(feed, signal))).catch(() => undefined);
      signal.throwIfAborted();
    },
    headlines(count) {
      const oldestMs = clock.monotonicMs() - config.staleMs;
      return chosen(
        feeds.filter(({ fetchedAtMs }) => fetchedAtMs >= oldestMs),
        count,
      );
    },
    get lastFailure() {
      return lastFailure;
    },
  };
}

/** The first of each feed, the second of each, and so on; a story that was told already is passed over for the feed's next. */
function chosen(feeds: readonly Pick<Feed, 'name' | 'headlines'>[], count: number): Headline[] {
  const queues = feeds.map(({ name, headlines }) => ({ name, left: [...headlines] }));
  const told: ReadonlySet<string>[] = [];
  const found: Headline[] = [];
  while (found.length < count && queues.some(({ left }) => left.length > 0)) {
    for (const { name, left } of queues) {
      for (let text = left.shift(); text !== undefined; text = left.shift()) {
        const words = keywords(text);
        if (told.some((other) => tellSameStory(other, words))) continue;
        told.push(words);
        found.push({ source: name, text });
        break;
      }
      if (found.length === count) break;
    }
  }
  return found;
}

function validatorsOf(headers: Headers): Record<string, string> {
  const etag = headers.get('etag');
  const lastModified = headers.get('last-modified');
  return {
    ...(etag === null ? {} : { 'if-none-match': etag }),
    ...(lastModified === null ? {} : { 'if-modified-since': lastModified }),
  };
}
