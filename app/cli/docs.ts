/** `npm run docs`: writes the generated documents; `--check` only tells whether they are up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { configFields, type Field } from '../config/fields.ts';
import { type ErrorEntry, errorTable } from '../errors.ts';
import { providersPage } from './providers-page.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const documents: Readonly<Record<string, string>> = {
  '.env.example': envExample(configFields()),
  'docs/configuration.md': configurationPage(configFields()),
  'docs/errors.md': errorsPage(),
  'docs/providers.md': providersPage(),
};

let stale = 0;
for (const [file, text] of Object.entries(documents)) {
  const url = new URL(`../../${file}`, import.meta.url);
  const current = await readFile(url, 'utf8').catch(() => '');
  if (current === text) continue;
  if (values.check) {
    stale += 1;
    console.error(`${file} is not up to date: run npm run docs`);
  } else {
    await writeFile(url, text);
    console.log(`${file} written`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;

function shown(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function groupOf({ path }: Field): string {
  return path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '';
}

function envExample(fields: readonly Field[]): string {
  const lines = [
    '# All settings with their defaults. Copy what you change to .env (docker-compose reads it) or export it.',
    '# The same fields can stand in parley.yaml; the environment wins. Made by npm run docs.',
  ];
  let group = '';
  for (const field of fields) {
    if (groupOf(field) !== group) {
      group = groupOf(field);
      lines.push('', `# --- ${group} ---`);
    }
    lines.push(`# ${field.says}`, `#${field.env}=${shown(field.default)}`);
  }
  return `${lines.join('\n')}\n`;
}

function configurationPage(fields: readonly Field[]): string {
  const lines = [
    '# Configuration',
    '',
    'Made by `npm run docs` from `app/config/schema.ts`.',
    '',
    'Settings come from the file `parley.yaml` (or the one that `PARLEY_CONFIG` names) and from the environment, which wins.',
    'All of them have a default. A wrong value or an unknown name is refused at start-up, all problems at once.',
    '',
    '```yaml',
    '# parley.yaml',
    'line:',
    '  silenceMs: 700',
    'skills:',
    '  call:',
    '    directory: { Alice: "6001", Bob: "6002" }',
    '```',
  ];
  let group: string | undefined;
  for (const field of fields) {
    if (groupOf(field) !== group) {
      group = groupOf(field);
      lines.push('', `## ${group === '' ? 'General' : group}`, '');
      lines.push(
        '| Field | Environment | Type | Default | What it does |',
        '| --- | --- | --- | --- | --- |',
      );
    }
    const fallback = shown(field.default);
    const name = field.path.slice(group === '' ? 0 : group.length + 1);
    lines.push(
      `| \`${name}\` | \`${field.env}\` | ${field.type} | ${fallback === '' ? '' : `\`${fallback.replaceAll('|', '\\|')}\``} | ${field.says}${field.secret ? ' Secret.' : ''} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function errorsPage(): string {
  const lines = [
    '# Errors',
    '',
    'Made by `npm run docs` from `app/errors.ts`. Every error that Parley reports has a code; this is what each means and what to do about it.',
  ];
  const entries: [string, ErrorEntry][] = Object.entries(errorTable);
  for (const stage of new Set(entries.map(([, { stage }]) => stage))) {
    lines.push('', `## ${stage}`);
    for (const [code, entry] of entries) {
      if (entry.stage !== stage) continue;
      lines.push(
        '',
        `### ${code}`,
        '',
        entry.says,
        '',
        `${entry.remedy}${entry.retryable ? ' (The same request may succeed later.)' : ''}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
