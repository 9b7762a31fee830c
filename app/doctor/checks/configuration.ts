import { configFields } from '../../config/fields.ts';
import { configSchema } from '../../config/schema.ts';
import { fine, warning } from '../findings.ts';
import type { Check, Finding } from '../spec.ts';

const loopback = /^(localhost|127\.[\d.]+|\[?::1\]?)$/;

/** What the schema cannot tell: fields that are each right and do not fit together. A file that is wrong never gets here. */
export const configurationCheck: Check = {
  name: 'configuration',
  title: 'Configuration',
  deadlineMs: 1_000,
  examine({ config }) {
    const defaults = configSchema.parse({});
    const valueIn = (tree: object, path: string): string | undefined =>
      JSON.stringify(
        path
          .split('.')
          .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], tree),
      );
    const changed = configFields().filter(({ path }) => valueIn(config, path) !== valueIn(defaults, path));
    const findings: Finding[] = [];
    const { ari, asterisk, media, skills, line } = config;

    const remote = ari.url !== undefined && !loopback.test(new URL(ari.url).hostname);
    if (remote && media.url === undefined && line.kind !== 'streamed')
      findings.push(
        warning(
          'Asterisk is another machine, and media.url does not say where it finds this one',
          'Set PARLEY_MEDIA_URL, PARLEY_MEDIA_BIND and PARLEY_MEDIA_PORT: callers who are recorded hear nothing without.',
        ),
      );
    const unknown = Object.entries(skills.call.directory).filter(
      ([, extension]) => /^60\d\d$/.test(extension) && !asterisk.phones.includes(extension),
    );
    if (ari.url === undefined && unknown.length > 0)
      findings.push(
        warning(
          `the directory names telephones that have no account: ${unknown.map(([, phone]) => phone).join(', ')}`,
          'Add them to asterisk.phones, or correct skills.call.directory.',
        ),
      );
    if (findings.length > 0) return Promise.resolve(findings);
    const says =
      changed.length === 0
        ? 'all defaults'
        : `read and consistent; not the default: ${changed.map(({ path }) => path).join(', ')}`;
    return Promise.resolve([fine(says)]);
  },
};
