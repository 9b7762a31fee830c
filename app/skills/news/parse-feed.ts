import { parseFeed as parseAnyFeed, type AnyFeed } from 'feedsmith';
import { messageOf } from '../../errors.ts';
import { garbled } from '../http.ts';
import { cleanHeadline } from './headline.ts';

/** A feed may list thousands; nobody hears more than a few. */
const maxHeadlines = 30;

/**
 * Reads RSS, Atom, RDF or JSON Feed.
 * @returns headlines in the feed's order, cleaned; none that is empty.
 * @throws ParleyError `skill-service-garbled` for anything else.
 */
export function parseFeed(body: Buffer, contentType: string, source: string): string[] {
  let feed: AnyFeed;
  try {
    feed = parseAnyFeed(decode(body, contentType));
  } catch (error) {
    throw garbled(source, messageOf(error), error);
  }
  return titlesOf(feed)
    .slice(0, maxHeadlines)
    .map((title) => cleanHeadline(title, source))
    .filter((headline) => headline !== '');
}

function titlesOf(parsed: AnyFeed): string[] {
  switch (parsed.format) {
    case 'atom':
      return (parsed.feed.entries ?? []).flatMap(({ title }) => title?.value ?? []);
    case 'rss':
      // Some have only a description.
      return (parsed.feed.items ?? []).flatMap(({ title, description }) => title ?? description ?? []);
    case 'rdf':
    case 'json':
      return (parsed.feed.items ?? []).flatMap(({ title }) => title ?? []);
  }
}

/** By the charset of the header, else of the XML declaration, else UTF-8 (its byte order mark is left out). */
function decode(body: Buffer, contentType: string): string {
  const declared =
    /charset\s*=\s*"?([\w-]+)/i.exec(contentType)?.[1] ??
    /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w-]+)/i.exec(body.toString('latin1', 0, 200))?.[1];
  try {
    return new TextDecoder(declared ?? utf16Label(body) ?? 'utf-8').decode(body);
  } catch {
    return new TextDecoder().decode(body); // a charset that nobody knows
  }
}

function utf16Label(body: Buffer): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : undefined;
}
