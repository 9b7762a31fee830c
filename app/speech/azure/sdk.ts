import type * as sdk from 'microsoft-cognitiveservices-speech-sdk';

export type Sdk = typeof sdk;

let loading: Promise<Sdk> | undefined;

/** The vendor's SDK, loaded when it is first needed: it takes 240 ms and 27 MB, which only those pay who use it. */
export function loadSdk(): Promise<Sdk> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Sdk> {
  const [loaded, { WebsocketMessageAdapter }] = await Promise.all([
    import('microsoft-cognitiveservices-speech-sdk'),
    import('microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js'),
  ]);
  // Node's own WebSocket sends no headers, knows no proxy and does not tell the status of a refusal (401, 429); the SDK
  // takes it where there is one, unless it is told to use `ws` (github.com/microsoft/cognitive-services-speech-sdk-js/issues/980).
  WebsocketMessageAdapter.forceNpmWebSocket = true;
  loaded.Recognizer.enableTelemetry(false);
  return loaded;
}
