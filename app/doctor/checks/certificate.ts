import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, ParleyError } from '../../errors.ts';
import { fine, warning } from '../findings.ts';
import type { Check } from '../spec.ts';

const dayMs = 86_400_000;
const soonDays = 14;

/** The certificate of TLS can be read, belongs to the key, and holds today. */
export const certificateCheck: Check = {
  name: 'certificate',
  title: 'TLS certificate',
  deadlineMs: 5_000,
  async examine({ config, clock }) {
    const { tlsCertificate: file, tlsKey: keyFile } = config.asterisk;
    if (config.ari.url !== undefined) return [fine('that of ari.url has its own')];
    if (file === undefined || keyFile === undefined) return [fine('none: telephones use UDP and TCP')];
    const unusable = (reason: string, cause?: unknown): ParleyError =>
      new ParleyError('tls-unusable', { file, reason }, { cause });
    let certificate: X509Certificate;
    let belongs: boolean;
    try {
      certificate = new X509Certificate(await readFile(file));
      belongs = certificate.checkPrivateKey(createPrivateKey(await readFile(keyFile)));
    } catch (error) {
      throw unusable(messageOf(error), error);
    }
    if (!belongs) throw unusable(`${keyFile} is not its private key`);
    const nowMs = clock.now().getTime();
    const [fromMs, toMs] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    if (toMs < nowMs) throw unusable(`it has expired on ${certificate.validTo}`);
    if (fromMs > nowMs) throw unusable(`it holds from ${certificate.validFrom} on`);
    const leftDays = Math.floor((toMs - nowMs) / dayMs);
    const says = `${certificate.subject.replaceAll('\n', ', ')}, good for ${leftDays} more days`;
    return [leftDays < soonDays ? warning(says, 'Renew it.') : fine(says)];
  },
};
