import llamaTokenizer from 'llama-tokenizer-js';

/** Moonshine's tokens: the Llama vocabulary (32,000 pieces) and 768 special ones that are never text. */
export const beginToken = 1;
export const endToken = 2;
const firstTextToken = 3;
const textTokens = 32_000;

export function encodeText(text: string): number[] {
  return llamaTokenizer.encode(text, false, true);
}

export function decodeTokens(tokens: readonly number[]): string {
  const text = tokens.filter((token) => token >= firstTextToken && token < textTokens);
  return llamaTokenizer.decode(text, false, true).trim();
}
