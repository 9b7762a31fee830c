/** As much of the protobuf wire format as it takes to change an ONNX file: fields one after the other, each a key and a value. */

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export interface Field {
  readonly number: number;
  /** What a message, a string or bytes hold; empty for numbers. */
  readonly body: Uint8Array;
  /** The whole field as it stands, key included. */
  readonly whole: Uint8Array;
}

/** The fields of a message; views, nothing is copied. */
export function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    // Not by shifting: lengths reach beyond 31 bits, and negative numbers take ten bytes.
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('the message is cut short');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const key = varint();
    const type = key & 7;
    let body = message.subarray(at, at);
    if (type === wire.varint) varint();
    else if (type === wire.fixed64) at += 8;
    else if (type === wire.fixed32) at += 4;
    else if (type === wire.bytes) {
      const length = varint();
      body = message.subarray(at, at + length);
      at += length;
    } else throw new Error(`unknown wire type ${type}`);
    if (at > message.length) throw new Error('the message is cut short');
    fields.push({ number: Math.floor(key / 8), body, whole: message.subarray(start, at) });
  }
  return fields;
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}

/** A field that holds a message, a string or bytes. */
export function bytesField(number: number, body: Uint8Array | string): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.concat([varintBytes(number * 8 + wire.bytes), varintBytes(bytes.length), bytes]);
}

/** A field that holds a whole number from 0 up. */
export function numberField(number: number, value: number): Uint8Array {
  return Buffer.concat([varintBytes(number * 8 + wire.varint), varintBytes(value)]);
}

/** The message with some of its fields replaced by others, none or several. */
export function mapFields(
  message: Uint8Array,
  number: number,
  replace: (field: Field) => readonly Uint8Array[],
): Uint8Array {
  return Buffer.concat(
    readFields(message).flatMap((field) => (field.number === number ? replace(field) : [field.whole])),
  );
}
