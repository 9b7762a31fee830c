import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** DER (X.690): tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
/** 1.2.840.10045.4.3.2, ECDSA with SHA-256. */
const ecdsaWithSha256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
/** 2.5.4.3, common name. */
const commonName = der(0x06, Buffer.from('550403', 'hex'));

/**
 * Makes a key and a certificate that it has signed itself (RFC 5280), for 127.0.0.1 and one day.
 * @returns the two PEM files.
 */
export function selfSigned(folder: string): { certificate: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(spki).digest().subarray(0, 8);
  serial[0] = 0x01;
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('127.0.0.1')))));
  const utc = (ms: number): Buffer =>
    der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
  const hourMs = 3_600_000;
  const validity = sequence(utc(Date.now() - hourMs), utc(Date.now() + 24 * hourMs));
  const body = sequence(der(0x02, serial), ecdsaWithSha256, name, validity, name, spki);
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const whole = sequence(body, ecdsaWithSha256, signature);

  const certificate = path.join(folder, 'certificate.pem');
  const key = path.join(folder, 'key.pem');
  const base64 = whole.toString('base64').replace(/.{1,64}/g, '$&\n');
  writeFileSync(certificate, `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`);
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { certificate, key };
}
