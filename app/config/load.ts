import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { messageOf, ParleyError } from '../errors.ts';
import { configFields, type Field } from './fields.ts';
import { type Config, configSchema } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read when PARLEY_CONFIG names no other; it need not exist. */
const defaultFile = 'parley.yaml';

/** Read by something else than this loader: itself, `npm run call`, `npm test`, asterisk-conf/render through docker-compose. */
const notFields = [
  /^PARLEY_CONFIG$/,
  /^PARLEY_CALL_PASSWORD$/,
  /^PARLEY_TEST_RESULTS$/,
  /^PARLEY_(CALLER|PHONE_60\d\d)_PASSWORD$/,
  /^PARLEY_(PHONES|EXTERNAL_ADDRESS)$/,
];

/**
 * Reads the configuration from the file and the environment; the environment wins.
 * @throws ParleyError `config-unreadable`, `config-invalid` (all problems at once, each with the name of its field).
 */
export async function loadConfig(environment: Environment): Promise<Config> {
  const file = environment['PARLEY_CONFIG'];
  const tree = await readTree(file ?? defaultFile, file !== undefined);
  const fields = configFields();
  const problems: string[] = [];

  for (const name of Object.keys(environment)) {
    const known = fields.some(({ env }) => env === name) || notFields.some((other) => other.test(name));
    if (name.startsWith('PARLEY_') && !known) problems.push(`${name}: there is no such field`);
  }
  for (const field of fields) {
    const text = environment[field.env];
    // Set but empty is what docker-compose gives for a variable that is not there.
    if (text !== undefined && text !== '') assign(tree, field.path.split('.'), parseText(text, field));
  }

  const result = configSchema.safeParse(tree);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const path = issue.path.join('.');
      const field = fields.find(
        (candidate) => path === candidate.path || path.startsWith(`${candidate.path}.`),
      );
      const where = field && environment[field.env] ? `${field.env} (${path})` : path;
      problems.push(where === '' ? issue.message : `${where}: ${issue.message}`);
    }
  }
  if (result.success) problems.push(...contradictions(result.data));
  if (problems.length > 0 || !result.success)
    throw new ParleyError('config-invalid', {
      problems: problems.map((problem) => `  - ${problem}`).join('\n'),
    });
  return withSecretsFromFiles(result.data, fields);
}

/** Fills each secret that is not given itself from the file that is named beside it: `key` from `keyFile`. */
async function withSecretsFromFiles(config: Config, fields: readonly Field[]): Promise<Config> {
  const filled = structuredClone(config);
  for (const { path } of fields.filter(({ secret }) => secret)) {
    const [given, file] = [valueAt(config, path), valueAt(config, `${path}File`)];
    if (given !== undefined || typeof file !== 'string') continue;
    try {
      const text = (await readFile(file, 'utf8')).trim();
      if (text === '') throw new Error('it is empty');
      assign(filled, path.split('.'), text);
    } catch (error) {
      throw new ParleyError('config-unreadable', { file, reason: messageOf(error) }, { cause: error });
    }
  }
  return filled;
}

function valueAt(config: Config, path: string): unknown {
  return path.split('.').reduce<unknown>((tree, name) => (isTree(tree) ? tree[name] : undefined), config);
}

/** What no single field can tell. */
function contradictions({
  ari,
  asterisk,
  nlu,
  luisEndpoint,
  console: { tlsCertificate, tlsKey },
}: Config): string[] {
  const problems: string[] = [];
  if (ari.url !== undefined && ari.password === undefined && ari.passwordFile === undefined)
    problems.push('ARI_PASSWORD (ari.password) or ARI_PASSWORD_FILE: needed when ari.url is set');
  if (asterisk.rtpFrom !== 0 && asterisk.rtpTo <= asterisk.rtpFrom)
    problems.push('asterisk.rtpTo: must be above asterisk.rtpFrom');
  if ((asterisk.tlsCertificate === undefined) !== (asterisk.tlsKey === undefined))
    problems.push('asterisk.tlsCertificate and asterisk.tlsKey: give both or none');
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    problems.push('console.tlsCertificate and console.tlsKey: give both or none');
  if (nlu.confirmAbove > nlu.acceptAbove)
    problems.push('nlu.confirmAbove: must not be above nlu.acceptAbove');
  const { baseUrl, model } = nlu.model;
  if (nlu.understander.includes('model') && (baseUrl === undefined || model === undefined))
    problems.push('nlu.model.baseUrl and nlu.model.model: needed when nlu.understander names the model');
  problems.push(...missingServices(nlu));
  const { port, bind, key, keyFile } = luisEndpoint;
  if (port !== undefined && !isLoopback(bind) && key === undefined && keyFile === undefined)
    problems.push('luisEndpoint.key: needed when luisEndpoint.bind is not this machine alone');
  return problems;
}

/** What the configured services of understanding need. */
function missingServices({ understander, luis, clu }: Config['nlu']): string[] {
  const needed = { luis: ['endpoint', 'appId'], clu: ['endpoint', 'project'] } as const;
  const given: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { luis, clu };
  return Object.entries(needed).flatMap(([name, fields]) =>
    understander.includes(name)
      ? fields
          .filter((field) => given[name]?.[field] === undefined)
          .map((field) => `nlu.${name}.${field}: needed when nlu.understander names ${name}`)
      : [],
  );
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || address.startsWith('127.');
}

async function readTree(file: string, mustExist: boolean): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!mustExist && error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw new ParleyError('config-unreadable', { file, reason: messageOf(error) }, { cause: error });
  }
  try {
    const tree: unknown = parse(text) ?? {};
    if (!isTree(tree)) throw new Error('it holds no fields');
    return tree;
  } catch (error) {
    throw new ParleyError('config-unreadable', { file, reason: messageOf(error) }, { cause: error });
  }
}

/** A text from the environment as the field wants it; what cannot be read so is left to the schema to refuse. */
function parseText(text: string, { type }: Field): unknown {
  if (type.includes('number')) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'true or false') return text === 'true' ? true : text === 'false' ? false : text;
  if (type.startsWith('list') || type === 'names and values') {
    try {
      return JSON.parse(text);
    } catch {
      return type === 'list' ? text.split(',').map((item) => item.trim()) : text;
    }
  }
  return text;
}

function assign(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const child = tree[head];
  const next = isTree(child) ? child : {};
  tree[head] = next;
  assign(next, rest, value);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
