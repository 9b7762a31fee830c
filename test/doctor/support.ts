import { tmpdir } from 'node:os';
import { configSchema, type Config } from '../../app/config/schema.ts';
import type { Check, Exam, ExaminedAsterisk, Finding } from '../../app/doctor/spec.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { type FakeServer, startFakeServer } from '../fakes/http.ts';
import { recordingLog } from '../fakes/log.ts';

/** What the tests of the doctor's checks need. */

const ariPassword = 'known-to-this-test';

/** An exam of a configuration, of which single parts are replaced. */
export function examOf(settings: object = {}, parts: Partial<Exam> = {}): Exam {
  const nothing = (): Promise<never> => Promise.reject(new Error('this test has no Asterisk'));
  return {
    config: configSchema.parse(settings),
    cacheDir: tmpdir(),
    clock: systemClock,
    log: recordingLog(),
    fetch: globalThis.fetch,
    running: false,
    asterisk: nothing,
    ari: nothing,
    ...parts,
  };
}

export function configOf(settings: object): Config {
  return configSchema.parse(settings);
}

/** What a check finds. */
export async function found(check: Check, exam: Exam): Promise<readonly Finding[]> {
  return check.examine(exam, { signal: new AbortController().signal });
}

/** The part of ARI that is asked before anything is done: version, modules, applications. */
export async function startFakeAri(
  options: {
    readonly version?: string;
    readonly modules?: readonly string[];
    readonly applications?: readonly string[];
  } = {},
): Promise<FakeServer & { readonly access: ExaminedAsterisk }> {
  const { version = '22.10.1~dfsg', modules = [], applications = [] } = options;
  const json = (body: unknown, status = 200) => ({
    status,
    headers: { 'content-type': 'application/json', server: `Asterisk/${version}` },
    body: JSON.stringify(body),
  });
  const authorization = `Basic ${Buffer.from(`parley:${ariPassword}`).toString('base64')}`;
  const server = await startFakeServer({
    answer: ({ path, headers }) => {
      if (headers.authorization !== authorization)
        return { ...json({ message: 'Authentication required' }), status: 401 };
      if (path === '/ari/asterisk/info') return json({ system: { version, entity_id: '02:00:00:00:00:01' } });
      if (path === '/ari/asterisk/modules') return json(modules.map((name) => ({ name, status: 'Running' })));
      const name = path.replace('/ari/applications/', '');
      return applications.includes(name) ? json({ name }) : json({ message: 'Application not found' }, 404);
    },
    wrongSchema: { status: 200, body: '{"hello":"world"}' },
  });
  const access: ExaminedAsterisk = {
    url: server.url,
    user: 'parley',
    password: ariPassword,
    source: 'configured',
  };
  return { ...server, access };
}
