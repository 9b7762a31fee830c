import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { ParleyError } from '../../app/errors.ts';
import { createLog, type LogOptions } from '../../app/ops/log.ts';
import { manualClock } from '../fakes/clock.ts';

function captured(options: Partial<LogOptions> = {}, isTTY = false) {
  const pieces: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        pieces.push(chunk.toString('utf8'));
        done();
      },
    }),
    { isTTY },
  );
  const clock = manualClock('2026-11-04T12:00:00.250Z');
  const log = createLog({ level: 'info', format: 'auto', showSpeech: false, stream, clock, ...options });
  const text = () => pieces.join('');
  const json = () =>
    text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, text, json };
}

test('away from a terminal each step is one line of JSON with its call and turn', () => {
  const { log, json } = captured();
  log.with({ callId: 'c1' }).with({ turn: 3 }).info('turn over', { silenceMs: 600 });
  log.warn('feed failed');
  assert.deepEqual(json(), [
    {
      time: '2026-11-04T12:00:00.250Z',
      level: 'info',
      message: 'turn over',
      callId: 'c1',
      turn: 3,
      silenceMs: 600,
    },
    { time: '2026-11-04T12:00:00.250Z', level: 'warn', message: 'feed failed' },
  ]);
});

test('lines less important than the level are left out', () => {
  const { log, json } = captured({ level: 'warn' });
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  assert.deepEqual(
    json().map((line) => line['message']),
    ['c', 'd'],
  );
});

test('what callers say and who they are is redacted by field name, at any depth', () => {
  const { log, json, text } = captured();
  log.info('understood', {
    text: 'weather in Oslo',
    heard: 'weather in Oslo',
    said: ['In Oslo'],
    callerNumber: '+4712345678',
    caller_name: 'Ola Nordmann',
    intent: 'GetWeather',
    understanding: { slots: { city: 'Oslo' }, confidence: 0.9 },
    tries: [{ text: 'Oslo' }],
  });
  assert.doesNotMatch(text(), /Oslo|4712345678|Nordmann/);
  assert.partialDeepStrictEqual(json()[0], {
    text: '[redacted]',
    intent: 'GetWeather',
    understanding: { slots: '[redacted]', confidence: 0.9 },
  });
});

test('showSpeech prints what callers say, and still no secret', () => {
  const { log, json, text } = captured({ showSpeech: true });
  log.info('understood', {
    text: 'weather in Oslo',
    password: 'hunter2',
    apiKey: 'k-1234',
    subscription_key: 'k-5678',
    nested: { authorization: 'Basic abcdefgh', token: 't-1' },
    url: 'ws://parley:hunter2@localhost:8088/ari?api_key=parley:hunter2&app=parley',
    error: new Error('GET http://u:hunter2@host/ failed, sent Authorization: Bearer abcdefghijkl'),
  });
  assert.equal(json()[0]?.['text'], 'weather in Oslo');
  assert.doesNotMatch(text(), /hunter2|k-1234|k-5678|abcdefgh|t-1/);
  assert.equal(json()[0]?.['url'], 'ws://[redacted]@localhost:8088/ari?api_key=[redacted]&app=parley');
});

test('a coded error is logged with its code, remedy and cause', () => {
  const { log, json } = captured();
  const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
  const error = new ParleyError(
    'skill-service-unreachable',
    { service: 'weather', reason: 'no answer' },
    { cause },
  );
  log.error('weather failed', { error });
  assert.partialDeepStrictEqual(json()[0], {
    message: 'weather failed',
    error: {
      code: 'skill-service-unreachable',
      message: 'The weather service cannot be reached: no answer',
      remedy: error.remedy,
      cause: { name: 'Error', message: 'connect refused', code: 'ECONNREFUSED' },
    },
  });
});

test('a field may bear any name and hold anything', () => {
  const { log, json } = captured();
  const loop: Record<string, unknown> = { at: new Date(0) };
  loop['loop'] = loop;
  log.info('odd', {
    message: 'mine',
    level: 'mine',
    time: 1,
    loop,
    big: 10n,
    bytes: new Uint8Array(640),
    map: new Map([['a', 1]]),
    set: new Set([1]),
    nothing: undefined,
    call: () => 1,
    far: { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } },
  });
  const line = json()[0];
  assert.equal(line?.['message'], 'odd');
  assert.equal(line?.['message_'], 'mine');
  assert.equal(line?.['level_'], 'mine');
  assert.deepEqual(line?.['loop'], { at: '1970-01-01T00:00:00.000Z', loop: '[circular]' });
  assert.equal(line?.['big'], '10');
  assert.equal(line?.['bytes'], '[640 bytes]');
  assert.deepEqual(line?.['set'], [1]);
});

test('on a terminal a line is coloured and read by a person: time, level, call and turn, message, fields', () => {
  const { log, text } = captured({}, true);
  log.with({ callId: 'c1', turn: 2 }).info('answered', { outcome: 'ok', note: 'two words' });
  assert.match(text(), /\u001b\[/);
  assert.match(
    stripVTControlCharacters(text()),
    /^\d\d:\d\d:\d\d\.250 {2}info {3}call c1 turn 2 {2}answered {2}outcome=ok {2}note="two words"\n$/,
  );
});

test('a pretty error says what to do on lines of its own', () => {
  const { log, text } = captured({ format: 'pretty' });
  const error = new ParleyError('line-hung-up', {}, { cause: new Error('gone') });
  log.error('call ended badly', { callId: 'c9', error });
  const lines = text().trimEnd().split('\n');
  assert.match(lines[0] ?? '', /error {2}call c9 {2}call ended badly$/);
  assert.equal(lines[1], '    line-hung-up: The caller has hung up.');
  assert.equal(lines[2], '    Nothing: this is how calls end.');
  assert.equal(lines[3], '    caused by Error: gone');
});

test('nothing that a service sends can forge a line or move the cursor', () => {
  const { log, text } = captured({ format: 'pretty' });
  log.info('first\nsecond', { title: 'a\u001b[2Jb\r\nc\u202e' });
  assert.equal(text().trimEnd().split('\n').length, 1);
  assert.doesNotMatch(text().trimEnd(), /[\u001b\r\u202e]/);
});

test('closing twice is fine, and what is logged afterwards is dropped', async () => {
  const { log, json } = captured();
  log.info('last');
  await Promise.all([log.close(), log.close()]);
  log.info('too late');
  assert.deepEqual(
    json().map((line) => line['message']),
    ['last'],
  );
});

test('a log that nobody reads any more does not end the process', async () => {
  const stream = Object.assign(
    new Writable({ write: (_chunk, _encoding, done) => done(new Error('write EPIPE')) }),
    { isTTY: false },
  );
  const log = createLog({ level: 'info', format: 'json', showSpeech: false, stream });
  log.info('first');
  log.info('second');
  await log.close();
});
