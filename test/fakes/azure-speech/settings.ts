/** A bot that hears and speaks by the loopback service, which shares the machine with everything else. */
export function azureSettings({ url }: { readonly url: string }): Readonly<Record<string, string>> {
  return {
    PARLEY_SPEECH_STT: 'azure',
    PARLEY_SPEECH_TTS: 'azure',
    PARLEY_SPEECH_AZURE_KEY: 'a key',
    PARLEY_SPEECH_AZURE_STT_URL: url,
    PARLEY_SPEECH_AZURE_TTS_URL: url,
    PARLEY_SPEECH_AZURE_DEADLINE_MS: '10000',
    PARLEY_SPEECH_DEADLINE_MS: '15000',
  };
}
