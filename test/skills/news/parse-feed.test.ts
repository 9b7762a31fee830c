import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { parseFeed } from '../../../app/skills/news/parse-feed.ts';

const rss = (title: string, encoding = 'UTF-8') =>
  `<?xml version="1.0" encoding="${encoding}"?><rss version="2.0"><channel><title>T</title>` +
  `<item><title>${title}</title><link>https://x.example/</link></item></channel></rss>`;

const parse = (body: string | Buffer, contentType = 'application/xml') =>
  parseFeed(Buffer.from(body), contentType, 'The Source');

const headline = 'Café “Zürich” — déjà vu';
const latin = 'Café Zürich déjà vu';

const encodings: readonly (readonly [string, Buffer, string, string])[] = [
  ['UTF-8', Buffer.from(rss(headline)), 'application/rss+xml', headline],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${rss(headline)}`), 'text/xml', headline],
  ['a charset in its header', Buffer.from(rss(latin), 'latin1'), 'text/xml; charset=ISO-8859-1', latin],
  ['an encoding in its declaration', Buffer.from(rss(latin, 'iso-8859-1'), 'latin1'), 'text/xml', latin],
  ['UTF-16', Buffer.from(`\ufeff${rss(headline, 'UTF-16')}`, 'utf16le'), 'text/xml', headline],
  ['a charset that nobody knows', Buffer.from(rss(headline)), 'text/xml; charset=klingon', headline],
];

for (const [name, body, contentType, says] of encodings) {
  test(`a feed in ${name} is read`, () => {
    assert.deepEqual(parseFeed(body, contentType, 'The Source'), [says]);
  });
}

test('an item without a title is known by its description, one without both not at all', () => {
  const items =
    '<item><description>&lt;p&gt;Told below&lt;/p&gt;</description></item><item><link>x</link></item>';
  assert.deepEqual(parse(`<rss version="2.0"><channel><title>T</title>${items}</channel></rss>`), [
    'Told below',
  ]);
});

test('an Atom title may be text, HTML or XHTML', () => {
  const entries = [
    '<title>Plain &amp; simple</title>',
    '<title type="html">&lt;b&gt;Bold&lt;/b&gt; &amp;amp; brave</title>',
    '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>fine</em> one</div></title>',
  ].map((title) => `<entry>${title}<id>x</id></entry>`);
  assert.deepEqual(
    parse(`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>${entries.join('')}</feed>`),
    ['Plain & simple', 'Bold & brave', 'A fine one'],
  );
});

test('of an endless feed only the first are kept', () => {
  const items = Array.from({ length: 1_000 }, (_, at) => `<item><title>Number ${at}</title></item>`).join('');
  assert.equal(parse(`<rss version="2.0"><channel><title>T</title>${items}</channel></rss>`).length, 30);
});

test('a feed without items is empty, not wrong', () => {
  assert.deepEqual(parse('<rss version="2.0"><channel><title>Quiet</title></channel></rss>'), []);
});

for (const body of [
  '',
  '<!DOCTYPE html><html><body>Sign in</body></html>',
  '{"items":[{"title":"Not a feed"}]}',
  'Just words',
  rss('cut').slice(0, 100),
]) {
  test(`what is no feed is garbled: ${body.slice(0, 30)}`, () => {
    assert.throws(
      () => parse(body),
      (error) => hasCode(error, 'skill-service-garbled') && error.message.includes('The Source'),
    );
  });
}
