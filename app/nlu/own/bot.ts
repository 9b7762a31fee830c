import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from '../../speech/spec.ts';
import { loadOwnBot } from './load.ts';
import type { OwnBot } from './spec.ts';

/**
 * The integrator's bot for a language: `DIR/en` where there is such a folder, else `DIR` itself if it is of that language.
 * @throws ParleyError `bot-content-invalid`.
 */
export function ownBotFor(dir: string | undefined, language: Language): OwnBot | undefined {
  if (dir === undefined) return undefined;
  const [family = language] = language.split('-', 1);
  const folder = join(dir, family);
  if (existsSync(folder)) return { ...loadOwnBot(folder), language: family };
  const bot = loadOwnBot(dir);
  return bot.language === family ? bot : undefined;
}
