import { understanderAbouts } from '../nlu/about.ts';
import { stts, ttss } from '../speech/registry.ts';
import type { ProviderAbout } from '../speech/spec.ts';

const byConfiguration = 'as configured';

/** docs/providers.md, from what the providers declare. */
export function providersPage(): string {
  return `# Providers

Made by \`npm run docs\` from the declarations in \`app/speech/registry.ts\` and \`app/nlu/about.ts\`. A provider that is not
here does not exist, and each of these passes the contract of its kind (\`test/contract\`).

## Hearing: \`speech.stt\`

${table(
  ['Name', 'Languages', 'Rates (Hz)', 'Tells partial texts', 'Phrases', ...aboutHeads],
  Object.entries(stts).map(([name, { can, about }]) => [
    name,
    listed(can.languages),
    listed(can.sampleRatesHz),
    yesOrNo(can.interim),
    yesOrNo(can.phrases),
    ...aboutCells(about),
  ]),
)}

All of them take the audio while it comes. Phrases: can be told what callers are likely to say.

## Speaking: \`speech.tts\`

${table(
  ['Name', 'Languages', 'Voices', 'Rates (Hz)', 'Streams', ...aboutHeads],
  Object.entries(ttss).map(([name, { can, about }]) => [
    name,
    listed(can.languages),
    listed(can.voices),
    listed(can.sampleRatesHz),
    yesOrNo(can.streaming),
    ...aboutCells(about),
  ]),
)}

Streams: the first sound is there before the last is made.

## Understanding: \`nlu.understander\`

${table(
  ['Name', ...aboutHeads],
  Object.entries(understanderAbouts).map(([name, about]) => [name, ...aboutCells(about)]),
)}

All of them understand the languages of the bot’s content.

## Chains

\`speech.stt\` and \`speech.tts\` may name several, in the order in which they are tried:

\`\`\`sh
PARLEY_SPEECH_STT=azure,local PARLEY_SPEECH_TTS=azure,local npm start
\`\`\`

- **Hearing.** What a caller says is kept while it flows, a minute at most. When a recogniser fails, the next one gets all
  of it from the beginning, and the rest as it comes. When it is late (\`speech.failover\`: not connected, no partial text,
  no final text) it is not cut off: the next one listens beside it, and the first that is ready counts.
- **Speaking.** When the first sound of a sentence does not come in time, or the sound breaks off, the next one speaks: the
  sentence, or the rest of it from the word where it was cut. Each has a voice of its own.
- **Left alone.** After \`speech.failover.failures\` failures in a row an engine is passed over without waiting. Every
  \`speech.failover.retryMs\` Parley tries it with a request of its own, never with a caller’s words, and takes it back when
  it answers. When all others fail, one that is left alone is asked all the same.
- **Languages.** Members that do not know the language of a call are passed over. A language that none of them knows, and a
  member that does not work at the rate of the calls, are refused at start-up (\`provider-mismatch\`).
- **What is fixed** and synthesised ahead is made anew when another voice speaks from now on, and kept for when it is back.
- **To be seen** in the log (\`a speech engine failed\`, \`another speech engine took over\`, \`a speech engine is left alone\`,
  \`a speech engine is taken back\`), in each turn (\`heardBy\`, \`spokenBy\` in the line \`a turn\`), and at \`/metrics\`:
  \`parley_provider_up\`, \`parley_provider_failures_total\`, \`parley_speech_failovers_total\`.

Thinking for longer than \`turns.thinkingSoundMs\`, the bot lets its thinking sound be heard, whatever it is waiting for.
`;
}

const aboutHeads = ['What it is', 'Network', 'Key', 'Weights', 'Licence'];

function aboutCells({ what, network, key, weights, licence }: ProviderAbout): string[] {
  return [what, network || 'none', key || 'none', weights || 'none', licence];
}

function listed(items: readonly (string | number)[] | undefined): string {
  return items?.join(', ') ?? byConfiguration;
}

function yesOrNo(can: boolean | undefined): string {
  return can === undefined ? byConfiguration : can ? 'yes' : 'no';
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
