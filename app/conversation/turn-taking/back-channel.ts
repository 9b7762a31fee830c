import { bare, type TurnWords } from './words.ts';

/** Whether what was said into the bot's speech only means "I am listening". @param expecting whether the bot has asked for something. */
export function isBackChannel(text: string, expecting: boolean, words: TurnWords): boolean {
  return !expecting && words.backChannels.includes(bare(text));
}
