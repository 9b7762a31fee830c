import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { rmsDbfs } from '../../app/audio/level.ts';
import { silence } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { hasCode } from '../../app/errors.ts';
import { findSttModel, findTtsModel } from '../../app/speech/sherpa/models.ts';
import { recognizerConfig, ttsConfig } from '../../app/speech/sherpa/native.ts';
import { createSherpaStt } from '../../app/speech/sherpa/stt.ts';
import { createSherpaTts } from '../../app/speech/sherpa/tts.ts';
import type { Heard } from '../../app/speech/spec.ts';

const module = import.meta.resolve('../fakes/sherpa.ts');
const usual = { language: 'en-US', threads: 1, module };

/** A folder with files of a few bytes, or of what is given; a name with a slash at its end is a folder. */
async function folderOf(
  t: TestContext,
  files: readonly string[],
  contents: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-weights-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const name of files) {
    if (name.endsWith('/')) await mkdir(path.join(dir, name));
    else await writeFile(path.join(dir, name), contents[name] ?? 'onnx');
  }
  return dir;
}

const transducer = ['encoder-epoch-99.onnx', 'decoder-epoch-99.onnx', 'joiner-epoch-99.onnx', 'tokens.txt'];
const streaming = { 'encoder-epoch-99.onnx': 'weights ... decode_chunk_len 32 ...' };
const piper = ['en_GB-cori-medium.onnx', 'en_GB-cori-medium.onnx.json', 'tokens.txt', 'espeak-ng-data/'];

async function* pieces(ms: number, rate = 16_000): AsyncGenerator<Pcm> {
  for (let at = 0; at < ms; at += 20) yield await Promise.resolve(silence(20, rate));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('weights for hearing are told apart by their files', async (t) => {
  const streams = findSttModel(await folderOf(t, transducer, streaming));
  assert.equal(streams.kind, 'streaming-transducer');
  const whole = findSttModel(await folderOf(t, transducer));
  assert.deepEqual([whole.kind, whole.kind === 'transducer' && whole.nemo], ['transducer', false]);
  const nemo = findSttModel(
    await folderOf(t, transducer, { 'encoder-epoch-99.onnx': 'model_type EncDecRNNTBPEModel' }),
  );
  assert.ok(nemo.kind === 'transducer' && nemo.nemo);
  const whisper = findSttModel(
    await folderOf(t, ['tiny.en-encoder.onnx', 'tiny.en-decoder.onnx', 'tiny.en-tokens.txt']),
  );
  assert.ok(whisper.kind === 'whisper' && whisper.tokens.endsWith('tiny.en-tokens.txt'));
  const moonshine = findSttModel(
    await folderOf(t, ['encoder_model.ort', 'decoder_model_merged.ort', 'tokens.txt']),
  );
  assert.equal(moonshine.kind, 'moonshine');
});

test('of weights in two sizes the smaller is taken', async (t) => {
  const dir = await folderOf(t, [...transducer, 'encoder-epoch-99.int8.onnx'], {
    'encoder-epoch-99.onnx': 'a long one',
    'encoder-epoch-99.int8.onnx': 'short',
  });
  const model = findSttModel(dir);
  assert.equal(path.basename(model.encoder), 'encoder-epoch-99.int8.onnx');
});

test('weights for speaking are told apart by their files, with the number of speakers', async (t) => {
  const one = findTtsModel(await folderOf(t, piper));
  assert.deepEqual([one.kind, one.speakers], ['vits', 1]);
  const many = findTtsModel(
    await folderOf(t, piper, { 'en_GB-cori-medium.onnx.json': JSON.stringify({ num_speakers: 904 }) }),
  );
  assert.equal(many.speakers, 904);
  const dir = await folderOf(t, ['model.onnx', 'voices.bin', 'tokens.txt', 'espeak-ng-data/']);
  await writeFile(path.join(dir, 'voices.bin'), Buffer.alloc(11 * 510 * 256 * 4));
  const kokoro = findTtsModel(dir);
  assert.deepEqual([kokoro.kind, kokoro.speakers], ['kokoro', 11]);
});

for (const [what, files, missing] of [
  ['an empty folder', [], /it is empty/],
  ['a transducer without its joiner', transducer.filter((name) => !name.startsWith('joiner')), /none of/],
  ['a transducer without its tokens', transducer.slice(0, 3), /tokens\.txt is missing/],
  ['Whisper without its tokens', ['base-encoder.onnx', 'base-decoder.onnx'], /NAME-tokens\.txt is missing/],
] as const) {
  test(`${what} is refused for hearing, with what was expected`, async (t) => {
    const dir = await folderOf(t, files);
    assert.throws(
      () => createSherpaStt({ ...usual, dir }),
      (error) =>
        hasCode(error, 'sherpa-folder') && missing.test(error.message) && error.remedy.includes('Whisper'),
    );
  });
}

test('a folder that is no voice is refused, with what was expected', async (t) => {
  for (const [files, missing] of [
    [['tokens.txt'], 'a file NAME.onnx is missing'],
    [['voice.onnx'], 'tokens.txt is missing'],
    [['voice.onnx', 'tokens.txt'], 'espeak-ng-data and lexicon.txt'],
  ] as const) {
    const dir = await folderOf(t, files);
    assert.throws(
      () => createSherpaTts({ ...usual, dir }),
      (error) =>
        hasCode(error, 'sherpa-folder') && error.message.includes(missing) && error.remedy.includes('Piper'),
    );
  }
  assert.throws(
    () => createSherpaTts({ ...usual, dir: '/nowhere/at/all' }),
    (error) => hasCode(error, 'sherpa-folder') && error.message.includes('cannot be read'),
  );
});

test('no folder, no package and no such speaker are refused', async (t) => {
  const dir = await folderOf(t, piper);
  for (const create of [createSherpaStt, createSherpaTts])
    assert.throws(
      () => create({ ...usual, dir: undefined }),
      (error) => hasCode(error, 'provider-not-configured'),
    );
  assert.throws(
    () => createSherpaTts({ ...usual, dir, module: 'sherpa-onnx-of-another-planet' }),
    (error) => hasCode(error, 'sherpa-missing') && error.remedy.includes('npm install sherpa-onnx-node'),
  );
  assert.throws(
    () => createSherpaTts({ ...usual, dir, speaker: 3 }),
    (error) => hasCode(error, 'provider-mismatch') && error.message.includes('0 to 0'),
  );
});

test('the library gets the files under the names that it wants', async (t) => {
  const streamingModel = findSttModel(await folderOf(t, transducer, streaming));
  const config = JSON.stringify(recognizerConfig(streamingModel, 2, 'en'));
  assert.match(config, /"transducer":\{"encoder":".*encoder-epoch-99\.onnx","decoder":.*"joiner":/);
  assert.match(config, /"numThreads":2.*"enableEndpoint":0/);
  const whisper = findSttModel(
    await folderOf(t, ['tiny-encoder.onnx', 'tiny-decoder.onnx', 'tiny-tokens.txt']),
  );
  assert.match(JSON.stringify(recognizerConfig(whisper, 1, 'es')), /"whisper":.*"language":"es"/);
  const voice = ttsConfig(findTtsModel(await folderOf(t, piper)), 1);
  assert.match(JSON.stringify(voice), /^\{"model":\{"vits":\{"model":".*cori-medium\.onnx","tokens":/);
  assert.match(JSON.stringify(voice), /"dataDir":".*espeak-ng-data"/);
});

test('a streaming model tells what it hears while the caller still speaks, in small letters', async (t) => {
  const stt = createSherpaStt({ ...usual, dir: await folderOf(t, transducer, streaming) });
  t.after(() => stt.close());
  assert.equal(stt.can.interim, true);
  for (const sampleRateHz of [16_000, 8_000]) {
    const { promise: told, resolve: tell } = Promise.withResolvers<undefined>();
    async function* speaking(): AsyncGenerator<Pcm> {
      yield* pieces(900, sampleRateHz);
      // The caller is not finished before something was told.
      await told;
    }
    const heard: Heard[] = [];
    const options = { sampleRateHz, language: 'en', signal: t.signal };
    for await (const one of stt.listen(speaking(), options)) {
      heard.push(one);
      tell(undefined);
    }
    assert.deepEqual(heard.at(0), { kind: 'partial', text: 'one' });
    const last = heard.at(-1);
    assert.ok(last?.kind === 'final');
    assert.equal(last.text, 'one one one');
    assert.ok(Math.abs(last.confidence - 0.9) < 1e-9);
  }
});

test('an offline model hears the utterance when it is over', async (t) => {
  const stt = createSherpaStt({ ...usual, dir: await folderOf(t, transducer) });
  t.after(() => stt.close());
  assert.equal(stt.can.interim, false);
  const options = { language: 'en-US', signal: t.signal };
  const heard = await collect(stt.listen(pieces(800, 8_000), { ...options, sampleRateHz: 8_000 }));
  assert.deepEqual(heard, [{ kind: 'final', text: 'Heard 800 ms.', confidence: 0.8 }]);
  const nothing = await collect(stt.listen(pieces(40), { ...options, sampleRateHz: 16_000 }));
  assert.deepEqual(nothing, [{ kind: 'final', text: '', confidence: 0 }]);
});

test('a voice speaks sentence by sentence, at the rate that is asked for, with the speaker that is chosen', async (t) => {
  const contents = { 'en_GB-cori-medium.onnx.json': JSON.stringify({ num_speakers: 2 }) };
  const dir = await folderOf(t, piper, contents);
  const tts = createSherpaTts({ ...usual, dir, language: 'en-GB' });
  t.after(() => tts.close());
  assert.deepEqual(tts.can.languages, ['en-GB', 'en']);
  assert.deepEqual(tts.can.voices, ['0', '1']);
  const say = (text: string, more: { sampleRateHz?: number; voice?: string } = {}): Promise<Pcm[]> =>
    collect(tts.speak(text, { sampleRateHz: 16_000, language: 'en-GB', signal: t.signal, ...more }));
  const spoken = await say('Hello there, caller. How are you?');
  assert.deepEqual(
    spoken.map(({ length }) => length / 16),
    [300, 300],
  );
  const slow = concatPcm(await say('Hello there, caller.', { sampleRateHz: 8_000 }));
  assert.equal(slow.length / 8, 300);
  const [quiet, loud] = await Promise.all([say('Hello.'), say('Hello.', { voice: '1' })]);
  assert.ok(rmsDbfs(concatPcm(loud)) - rmsDbfs(concatPcm(quiet)) > 5);
  await assert.rejects(say('Please break.'), (error) => hasCode(error, 'tts-unavailable'));
  assert.equal((await say('And go on.')).length, 1);
});
