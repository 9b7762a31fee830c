import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { findAsterisk } from '../../../app/asterisk/local/find.ts';
import type { AsteriskProgram } from '../../../app/asterisk/local/find.ts';
import { startAsterisk } from '../../../app/asterisk/local/start.ts';
import type { LocalAsterisk, StartAsteriskOptions } from '../../../app/asterisk/local/start.ts';
import { cacheDirOf } from '../../../app/setup/cache.ts';

/** Passwords of the Asterisks in these tests. */
export const passwords = {
  ari: 'ari-of-the-tests',
  phone: 'phone-of-the-tests',
  caller: 'caller-of-the-tests',
};

/** A folder that is removed after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The Asterisk that `npm test` has made ready. */
export function asteriskProgram(signal: AbortSignal): Promise<AsteriskProgram> {
  return findAsterisk({ cacheDir: cacheDirOf(process.env, homedir()), signal });
}

/** An Asterisk on free ports with the phones 6001 and 6002 and the software caller, stopped after the test. */
export async function runningAsterisk(
  t: TestContext,
  options: Partial<StartAsteriskOptions> = {},
): Promise<LocalAsterisk> {
  const asterisk = await startAsterisk({
    program: await asteriskProgram(t.signal),
    runDir: await temporaryFolder(t),
    ariPassword: passwords.ari,
    phones: { 6001: passwords.phone, 6002: passwords.phone },
    callerPassword: passwords.caller,
    signal: t.signal,
    ...options,
  });
  t.after(() => asterisk.stop());
  return asterisk;
}

/** Sends one SIP request over UDP and gives the first answer to it that is final (not 1xx). */
export async function askSip(
  port: number,
  method: 'INVITE' | 'REGISTER' | 'OPTIONS',
  uri: string,
  signal: AbortSignal,
): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening', { signal });
    const me = `127.0.0.1:${String(socket.address().port)}`;
    const sdp = [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      'm=audio 9 RTP/AVP 0',
      '',
    ].join('\r\n');
    const body = method === 'INVITE' ? sdp : '';
    const request = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${me};branch=z9hG4bK-${String(Math.random())};rport`,
      'Max-Forwards: 70',
      `From: <sip:6001@127.0.0.1>;tag=${String(Math.random())}`,
      'To: <sip:6001@127.0.0.1>',
      `Call-ID: ${String(Math.random())}@test`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:6001@${me}>`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${String(body.length)}`,
      '',
      body,
    ].join('\r\n');
    socket.send(request, port, '127.0.0.1');
    for (;;) {
      const [message] = (await once(socket, 'message', { signal })) as [Buffer];
      const text = message.toString();
      if (!text.startsWith('SIP/2.0 1')) return text;
    }
  } finally {
    socket.close();
  }
}

/** The prompts that the dialplan plays itself, as tones of different pitch, so that a test can tell what was heard. */
export const promptTonesHz = {
  apology: 500,
  'not-available': 800,
  'unknown-number': 1_300,
  'es/apology': 1_800,
} as const;

const toneRateHz = 8_000;
const toneMs = 1_500;

/** A sounds folder with those tones. */
export async function toneSounds(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const language of ['en', 'es']) await mkdir(path.join(folder, language));
  for (const [name, hz] of Object.entries(promptTonesHz)) {
    const samples = new Int16Array((toneRateHz * toneMs) / 1_000);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = 8_000 * Math.sin((2 * Math.PI * hz * i) / toneRateHz);
    }
    const file = name.includes('/') ? name : `en/${name}`;
    await writeFile(path.join(folder, `${file}.wav`), wav(samples));
  }
  return folder;
}

/** RIFF, 16-bit mono: a header of 44 bytes, then the samples. */
function wav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(toneRateHz, 24);
  header.writeUInt32LE(toneRateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}

/**
 * How many milliseconds of a tone are in a WAV file of 8 kHz: windows of 20 ms in which most of the power is at `hz`
 * (Goertzel's algorithm).
 */
export function toneMsIn(file: Buffer, hz: number): number {
  const samples = new Int16Array(
    file.buffer.slice(file.byteOffset + 44, file.byteOffset + (file.length & ~1)),
  );
  const window = toneRateHz / 50;
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / toneRateHz);
  let found = 0;
  for (let start = 0; start + window <= samples.length; start += window) {
    let [before, last, power] = [0, 0, 0];
    for (let i = start; i < start + window; i++) {
      const sample = samples[i] ?? 0;
      [before, last] = [last, sample + coefficient * last - before];
      power += sample * sample;
    }
    const atTone = (before * before + last * last - coefficient * before * last) / (window / 2);
    if (power / window > 1_000 && atTone > 0.8 * power) found += 20;
  }
  return found;
}
