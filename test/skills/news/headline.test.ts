import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEntities } from '../../../app/skills/news/entities.ts';
import { asSentence, cleanHeadline, keywords, tellSameStory } from '../../../app/skills/news/headline.ts';

const cleaned: readonly (readonly [string, string])[] = [
  ['Plain words', 'Plain words'],
  ['  Two\n\t lines &nbsp; and   gaps ', 'Two lines and gaps'],
  ['Fish &amp; chips', 'Fish & chips'],
  ['Fish &amp;amp; chips', 'Fish & chips'],
  ['It&#8217;s &#x2018;on&#x2019;', 'It’s ‘on’'],
  ['Windows&#146;s own apostrophe', 'Windows’s own apostrophe'],
  [
    'Caf&eacute; in M&uuml;nchen, na&iuml;ve &Ccedil;a, &Aring;rhus, &oslash;re',
    'Café in München, naïve Ça, Århus, øre',
  ],
  ['A <b>bold</b> move<br/>today', 'A bold move today'],
  ['&lt;p&gt;Escaped &lt;em&gt;markup&lt;/em&gt;&lt;/p&gt;', 'Escaped markup'],
  ['Why 3 &lt; 5 and 5 &gt; 3', 'Why 3 < 5 and 5 > 3'],
  ['<![CDATA[Left <i>over</i>]]>', 'Left over'],
  ['<!-- tracking -->News<script>alert(1)</script><style>p{}</style>', 'News'],
  ['Soft&shy;hyphen and zero\u200bwidth', 'Softhyphen and zero width'],
  ['Right\u202eto left', 'Right to left'],
  ['Markets fall - BBC News', 'Markets fall'],
  ['Markets fall | BBC news', 'Markets fall'],
  ['Markets fall – BBC News', 'Markets fall'],
  ['BBC News wins a prize', 'BBC News wins a prize'],
  ['&unknown; &#0; &#xD800; &#99999999; & AT&T;', '&unknown; &#0; &#xD800; &#99999999; & AT&T;'],
  ['<b></b> &nbsp;', ''],
];

for (const [text, says] of cleaned) {
  test(`a headline "${text.replaceAll('\n', ' ')}" is cleaned for the ear`, () => {
    assert.equal(cleanHeadline(text, 'BBC News'), says);
  });
}

test('a headline that never ends is cut at a word', () => {
  const long = cleanHeadline(`${'many words, '.repeat(40)}end`, 'BBC News');
  assert.ok(long.length <= 220 && /many(?: words)?$/.test(long), long);
  assert.equal(cleanHeadline('x'.repeat(300), 'BBC News').length, 220);
});

test('a source name is taken as it is written, whatever characters it has', () => {
  assert.equal(cleanHeadline('Up we go - C++ (daily)', 'C++ (daily)'), 'Up we go');
});

test('a headline is spoken as a sentence', () => {
  assert.equal(asSentence('Markets fall'), 'Markets fall.');
  assert.equal(asSentence('Who won?'), 'Who won?');
  assert.equal(asSentence('He said: ‘Go!’'), 'He said: ‘Go!’');
});

test('the same story in other words is the same, another one about the same thing is not', () => {
  const same = (a: string, b: string) => tellSameStory(keywords(a), keywords(b));
  assert.ok(same('Storm Bert hits the coast of Wales', 'Storm Bert hits Wales’ coast'));
  assert.ok(same('President’s visit to Tokyo begins', 'President’s visit begins in Tokyo'));
  assert.ok(!same('Storm Bert hits the coast of Wales', 'Storm Bert: trains cancelled across Wales'));
  assert.ok(!same('What is it?', 'Who was it?'));
  assert.ok(!same('The', 'A'));
});

test('entities are resolved once', () => {
  assert.equal(decodeEntities('&amp;lt;'), '&lt;');
  assert.equal(decodeEntities('&constructor; &toString;'), '&constructor; &toString;');
});
