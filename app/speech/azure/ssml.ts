export interface Ssml {
  readonly text: string;
  readonly language: string;
  readonly voice: string;
  /** 1 is as the voice speaks by itself. */
  readonly rate: number;
}

/**
 * A text as the service wants it (https://www.w3.org/TR/speech-synthesis11/). Nothing in the text, nor in what was
 * configured, can be taken for markup.
 */
export function ssmlOf({ text, language, voice, rate }: Ssml): string {
  const words = rate === 1 ? escapeXml(text) : `<prosody rate="${rate}">${escapeXml(text)}</prosody>`;
  return (
    `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="${escapeXml(language)}">` +
    `<voice name="${escapeXml(voice)}">${words}</voice></speak>`
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Control characters, halves of surrogate pairs and the two non-characters of the first plane; XML 1.0 has none of them. */
const notInXml = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

/** Text in XML, between tags or in quotes. What XML cannot hold becomes a space, line ends among it. */
function escapeXml(text: string): string {
  return text.replace(notInXml, ' ').replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
