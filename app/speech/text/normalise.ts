/** Stand-in. */
export function normaliseForSpeech(text: string, _language: string): string { return text; }
