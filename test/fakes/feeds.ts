import { createHash } from 'node:crypto';
import { startFakeServer, type FakeRequest, type FakeServer, type Reply } from './http.ts';

interface FakeItem {
  /** Plain text; escaped as the format wants it. */
  readonly title: string;
  readonly link?: string;
  readonly description?: string;
  /** ISO 8601. */
  readonly published?: string;
}

export interface FakeFeed {
  readonly format: 'rss' | 'atom' | 'rdf' | 'json';
  readonly title: string;
  readonly items: readonly FakeItem[];
  /** Titles go out as CDATA (RSS) or as `type="html"` with markup escaped twice (Atom); they may then hold HTML. */
  readonly html?: boolean;
}

/** Any body at all, for what the formats above cannot say. */
export interface RawFeed {
  readonly contentType: string;
  readonly body: string | Buffer;
}

export interface FakeFeeds extends FakeServer {
  /** Offers or replaces a feed at a path such as `/world.xml`. */
  setFeed(path: string, feed: FakeFeed | RawFeed): void;
  addressOf(path: string): string;
}

/**
 * A web server of feeds on loopback: RSS 2.0, Atom 1.0, RDF (RSS 1.0) and JSON Feed 1.1, with ETag and Last-Modified,
 * answering 304 to a conditional request. Paths without a feed are not implemented (501).
 */
export async function startFeeds(
  initial: Readonly<Record<string, FakeFeed | RawFeed>> = {},
): Promise<FakeFeeds> {
  const feeds = new Map<string, { readonly feed: FakeFeed | RawFeed; readonly changedAt: Date }>();
  const changedAt = () => new Date('2026-11-04T08:00:00Z');
  for (const [path, feed] of Object.entries(initial)) feeds.set(path, { feed, changedAt: changedAt() });

  const server = await startFakeServer({
    answer: (request) => {
      const found = feeds.get(request.path);
      if (request.method !== 'GET' || found === undefined) return undefined;
      return reply(request, render(found.feed), found.changedAt);
    },
    wrongSchema: {
      status: 200,
      headers: { 'content-type': 'application/xml; charset=utf-8' },
      body: '<?xml version="1.0"?><catalogue><book title="Not a feed"/></catalogue>',
    },
  });
  return Object.assign(server, {
    setFeed: (path: string, feed: FakeFeed | RawFeed) =>
      void feeds.set(path, { feed, changedAt: changedAt() }),
    addressOf: (path: string) => `${server.url}${path}`,
  });
}

function reply({ headers }: FakeRequest, { contentType, body }: RawFeed, changedAt: Date): Reply {
  const etag = `"${createHash('sha1').update(body).digest('hex').slice(0, 16)}"`;
  const validators = { etag, 'last-modified': changedAt.toUTCString() };
  if (headers['if-none-match'] === etag) return { status: 304, headers: validators, body: '' };
  return { status: 200, headers: { ...validators, 'content-type': contentType }, body };
}

function render(feed: FakeFeed | RawFeed): RawFeed {
  if ('body' in feed) return feed;
  switch (feed.format) {
    case 'rss':
      return { contentType: 'application/rss+xml; charset=utf-8', body: rss(feed) };
    case 'atom':
      return { contentType: 'application/atom+xml; charset=utf-8', body: atom(feed) };
    case 'rdf':
      return { contentType: 'application/rdf+xml; charset=utf-8', body: rdf(feed) };
    case 'json':
      return { contentType: 'application/feed+json', body: jsonFeed(feed) };
  }
}

function rss({ title, items, html = false }: FakeFeed): string {
  const text = (value: string) => (html ? `<![CDATA[${value}]]>` : xml(value));
  const entries = items.map(
    (item) => `
    <item>
      <title>${text(item.title)}</title>
      <description>${text(item.description ?? '')}</description>
      <link>${xml(linkOf(item))}</link>
      <guid isPermaLink="false">${xml(linkOf(item))}#0</guid>
      <pubDate>${new Date(item.published ?? '2026-11-04T07:30:00Z').toUTCString()}</pubDate>
    </item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
  <channel>
    <title>${text(title)}</title>
    <description>${text(title)}</description>
    <link>https://news.example/</link>
    <language>en-gb</language>
    <ttl>15</ttl>${entries.join('')}
  </channel>
</rss>`;
}

function atom({ title, items, html = false }: FakeFeed): string {
  const text = (name: string, value: string) =>
    html ? `<${name} type="html">${xml(value)}</${name}>` : `<${name}>${xml(value)}</${name}>`;
  const entries = items.map(
    (item) => `
  <entry>
    <id>${xml(linkOf(item))}</id>
    ${text('title', item.title)}
    ${text('summary', item.description ?? '')}
    <link rel="alternate" href="${xml(linkOf(item))}"/>
    <updated>${item.published ?? '2026-11-04T07:30:00Z'}</updated>
  </entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <id>https://news.example/</id>
  <title>${xml(title)}</title>
  <updated>2026-11-04T08:00:00Z</updated>${entries.join('')}
</feed>`;
}

function rdf({ title, items }: FakeFeed): string {
  const entries = items.map(
    (item) => `
  <item rdf:about="${xml(linkOf(item))}">
    <title>${xml(item.title)}</title>
    <link>${xml(linkOf(item))}</link>
    <description>${xml(item.description ?? '')}</description>
  </item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
  <channel rdf:about="https://news.example/">
    <title>${xml(title)}</title>
    <link>https://news.example/</link>
    <description>${xml(title)}</description>
  </channel>${entries.join('')}
</rdf:RDF>`;
}

function jsonFeed({ title, items }: FakeFeed): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title,
    home_page_url: 'https://news.example/',
    items: items.map((item) => ({
      id: linkOf(item),
      url: linkOf(item),
      title: item.title,
      content_text: item.description ?? '',
      date_published: item.published ?? '2026-11-04T07:30:00Z',
    })),
  });
}

function linkOf({ title, link }: FakeItem): string {
  return link ?? `https://news.example/${encodeURIComponent(title)}`;
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
