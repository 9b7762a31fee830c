import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecFor } from '../../../app/asterisk/lines/media-codec.ts';
import { rmsDbfs } from '../../../app/audio/level.ts';
import { tone } from '../../../app/audio/mix.ts';

const table = [
  ['(ulaw)', 'ulaw', 8_000],
  ['(alaw)', 'alaw', 8_000],
  ['(ulaw|alaw)', 'slin', 8_000],
  ['(gsm)', 'slin', 8_000],
  ['(silk8)', 'slin', 8_000],
  ['(slin)', 'slin', 8_000],
  ['(g722)', 'slin16', 16_000],
  ['(ulaw|g722)', 'slin16', 16_000],
  ['(opus)', 'slin16', 16_000],
  ['(slin192)', 'slin16', 16_000],
  ['', 'slin16', 16_000],
] as const;

for (const [formats, format, sampleRateHz] of table) {
  test(`a caller with ${formats || 'no known codec'} is carried as ${format}`, () => {
    const codec = codecFor(formats);
    assert.deepEqual([codec.format, codec.sampleRateHz], [format, sampleRateHz]);
    const sent = tone(440, 100, sampleRateHz, -20);
    const back = codec.decode(codec.encode(sent));
    const error = sent.map((sample, at) => sample - (back[at] ?? 0));
    assert.equal(back.length, sent.length);
    assert.ok(rmsDbfs(error) < rmsDbfs(sent) - 35, 'what comes back is what was sent');
  });
}
