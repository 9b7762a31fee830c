import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Language } from '../spec.ts';

/** A voice that lies in RHVoice's data folder. */
export interface RhvoiceVoice {
  /** In small letters, such as `slt`. */
  readonly name: string;
  readonly languages: readonly Language[];
}

/** The names of languages in RHVoice's files, and the tags of calls that they serve. */
const languages: Readonly<Record<string, readonly Language[]>> = {
  English: ['en-US', 'en-GB', 'en'],
  Spanish: ['es-ES', 'es-MX', 'es-US', 'es'],
};

/** Those that are understood best over the telephone come first; the others follow by name. */
const preferred = ['slt', 'bdl', 'clb', 'alan'];

/** Free for private use alone (CC BY-NC): not offered. */
const notFree: ReadonlySet<string> = new Set(['evgeniy-eng', 'lyubov']);

/**
 * The voices in a data folder: `voices/NAME/voice.info` has lines such as `name=Slt` and `language=English`.
 * @returns none when there is no such folder.
 */
export function findVoices(dataDir: string): RhvoiceVoice[] {
  const voices = entriesOf(path.join(dataDir, 'voices')).flatMap((entry): RhvoiceVoice[] => {
    const info = readText(path.join(dataDir, 'voices', entry, 'voice.info'));
    const valueOf = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
    const name = valueOf('name').toLowerCase();
    const spoken = languages[valueOf('language')];
    return name === '' || spoken === undefined || notFree.has(name) ? [] : [{ name, languages: spoken }];
  });
  const rank = ({ name }: RhvoiceVoice): number => preferred.indexOf(name) + 1 || preferred.length + 1;
  return voices.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
