import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventData } from '../../../app/nlu/model/sse.ts';

async function read(text: string, size: number): Promise<string[]> {
  const bytes = Buffer.from(text);
  const body = async function* () {
    for (let at = 0; at < bytes.length; at += size)
      yield await Promise.resolve(bytes.subarray(at, at + size));
  };
  const events: string[] = [];
  for await (const data of eventData(body())) events.push(data);
  return events;
}

test('events are read whatever their line ends, and however they are cut', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = [
      'data: añb',
      '',
      ': a comment',
      '',
      'event: x',
      'data:one',
      'data: two',
      '',
      'data: last',
      '',
      '',
    ].join(end);
    for (const size of [1, 2, 7, 1_000])
      assert.deepEqual(await read(text, size), ['añb', 'one\ntwo', 'last'], `${JSON.stringify(end)} ${size}`);
  }
});

test('a last event without its empty line counts', async () => {
  assert.deepEqual(await read('data: a\n\ndata: [DONE]', 5), ['a', '[DONE]']);
  assert.deepEqual(await read('data: a\n\ndata: b\n', 5), ['a', 'b']);
});

test('a line without end is refused', async () => {
  await assert.rejects(read(`data: ${'x'.repeat(1_100_000)}`, 100_000), RangeError);
});
