import { ParleyError } from '../../errors.ts';
import { fine, note } from '../findings.ts';
import type { Check, Exam, Finding } from '../spec.ts';

/** The Date header counts in seconds, and the answer was on its way for a moment. */
const tolerableSeconds = 30;
const patienceMs = 4_000;

/** Callers are told the time by this machine's clock. */
export const clockCheck: Check = {
  name: 'clock',
  title: 'Clock',
  deadlineMs: 8_000,
  async examine(exam, { signal }) {
    const { clock } = exam;
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const findings: Finding[] = [];
    if (timeZone === 'UTC' || timeZone.startsWith('Etc/'))
      findings.push(
        note(
          `the time zone is ${timeZone}: "what time is it" is answered so`,
          'Set TZ, such as TZ=Europe/Berlin.',
        ),
      );
    const compared = await serverTime(exam, signal);
    if (compared === undefined)
      return [...findings, note(`${clock.now().toISOString()}; no server was reached to compare it with`)];
    const offSeconds = Math.round((clock.now().getTime() - compared.atMs) / 1000);
    if (Math.abs(offSeconds) > tolerableSeconds)
      throw new ParleyError('doctor-clock', { offSeconds, source: compared.source });
    return [...findings, fine(`agrees with ${compared.source}; time zone ${timeZone}`)];
  },
};

/** What time it is by the first server to answer of those that the bot asks anyway. */
async function serverTime(
  { config, fetch }: Exam,
  signal: AbortSignal,
): Promise<{ atMs: number; source: string } | undefined> {
  const urls = [config.skills.weather.baseUrl, ...config.skills.news.feeds.map(({ url }) => url)];
  const answered = new AbortController();
  const within = AbortSignal.any([signal, answered.signal, AbortSignal.timeout(patienceMs)]);
  try {
    return await Promise.any(
      urls.map(async (url) => {
        const response = await fetch(url, { method: 'HEAD', signal: within });
        const atMs = Date.parse(response.headers.get('date') ?? '');
        if (Number.isNaN(atMs)) throw new Error('it does not say what time it is');
        return { atMs, source: new URL(url).host };
      }),
    );
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    answered.abort();
  }
}
