import type { UnderstandOptions } from '../../nlu/spec.ts';
import type { TurnWords } from './words.ts';

/** What the bot has asked for, if anything. */
type Expecting = UnderstandOptions['expecting'];

/** More keys than any number has. */
const mostKeys = 20;

/**
 * Whether the keys pressed so far are all there will be: `#` ends a number, a menu needs one key alone.
 * What is not complete is taken as it is when no further key comes for a while.
 */
export function isComplete(keys: string, expecting: Expecting, words: TurnWords): boolean {
  return keys.endsWith('#') || keys.length >= mostKeys || menuText(keys, expecting, words) !== undefined;
}

/** The words that keys stand for; undefined for none, as a `#` alone. */
export function textOf(keys: string, expecting: Expecting, words: TurnWords): string | undefined {
  const digits = keys.replace(/#$/, '');
  const menu = menuText(digits, expecting, words);
  if (menu !== undefined) return menu;
  const number = digits.replace(/\D/g, '');
  if (number === '') return undefined;
  return expecting === undefined ? words.number.replace('{number}', number) : number;
}

function menuText(keys: string, expecting: Expecting, words: TurnWords): string | undefined {
  if (expecting === 'confirmation') return words.confirmationKeys[keys];
  return expecting === undefined ? words.keys[keys] : undefined;
}
