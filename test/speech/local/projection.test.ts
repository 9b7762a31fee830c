import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { withIntegerProjection } from '../../../app/speech/local/moonshine/projection.ts';
import {
  bytesField,
  mapFields,
  numberField,
  readFields,
} from '../../../app/speech/local/moonshine/protobuf.ts';
import { settings } from '../../contract/speech.ts';

test('fields are read as they were written, and the others kept byte by byte', () => {
  const message = Buffer.concat([
    numberField(1, 300),
    bytesField(2, 'text'),
    // A fixed 32-bit and a 64-bit field, as a float and a double are written.
    Uint8Array.of((3 << 3) | 5, 0, 0, 128, 63),
    Uint8Array.of((4 << 3) | 1, 0, 0, 0, 0, 0, 0, 240, 63),
    bytesField(200, new Uint8Array(5_000).fill(7)),
  ]);
  const fields = readFields(message);
  assert.deepEqual(
    fields.map(({ number, body }) => [number, body.length]),
    [
      [1, 0],
      [2, 4],
      [3, 0],
      [4, 0],
      [200, 5_000],
    ],
  );
  assert.deepEqual(Buffer.concat(fields.map((field) => field.whole)), message);
  assert.deepEqual(
    mapFields(message, 2, ({ whole }) => [whole, bytesField(9, 'more')]).length,
    message.length + 6,
  );
});

test('a message that is cut short or of another kind is refused', () => {
  assert.throws(() => readFields(bytesField(1, 'abc').subarray(0, 3)), /cut short/);
  assert.throws(() => readFields(Uint8Array.of(0x80)), /cut short/);
  assert.throws(() => readFields(Uint8Array.of((1 << 3) | 3)), /wire type/);
});

test('the decoder’s two branches get an integer projection, the encoder is refused', async () => {
  const { modelDir } = settings;
  const decoder = await readFile(path.join(modelDir, 'decoder_model_merged.onnx'));
  const changed = withIntegerProjection(decoder);
  const count = (bytes: Uint8Array, text: string): number =>
    Buffer.from(bytes).toString('latin1').split(text).length - 1;
  assert.equal(count(changed, 'projection/logits_int'), 2);
  assert.equal(count(changed, 'model.decoder.embed_tokens.weight_transposed_DequantizeLinear'), 0);
  assert.ok(Math.abs(changed.length - decoder.length) < 2_000);
  const encoder = await readFile(path.join(modelDir, 'encoder_model.onnx'));
  assert.throws(() => withIntegerProjection(encoder), /0 projections/);
});
