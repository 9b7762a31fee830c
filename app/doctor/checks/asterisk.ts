import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { ParleyError } from '../../errors.ts';
import { fine } from '../findings.ts';
import type { Check, ExaminedAsterisk } from '../spec.ts';

const oldestMajor = 20;

const sources: Readonly<Record<ExaminedAsterisk['source'], string>> = {
  configured: 'that of ari.url',
  running: 'that of the Parley that runs',
  started: 'started for these checks, as npm start does',
};

/** An Asterisk is there, is new enough, and lets us in. */
export const asteriskCheck: Check = {
  name: 'asterisk',
  title: 'Asterisk',
  // Where there is none yet, it is fetched.
  deadlineMs: 300_000,
  async examine(exam, { signal }) {
    const asterisk = await exam.asterisk();
    const within = AbortSignal.any([signal, AbortSignal.timeout(exam.config.ari.commandDeadlineMs)]);
    const version = await inspectAri(asterisk)
      .version({ signal: within })
      .catch((error: unknown) => {
        if (!within.aborted || signal.aborted) throw error;
        throw new ParleyError('ari-unreachable', { url: asterisk.url, reason: 'it does not answer' });
      });
    if (Number.parseInt(version, 10) < oldestMajor) throw new ParleyError('asterisk-too-old', { version });
    return [fine(`${version} at ${asterisk.url} (${sources[asterisk.source]})`)];
  },
};
