import { seededRandom } from '../../app/audio/mix.ts';

/** The voices of the own synthesiser, as callers. */
export const callerVoices = ['rms', 'slt', 'awb', 'kal'] as const;

/** What callers ask, each answered without the network and in a sentence or two. */
export const commands = [
  'what time is it in Tokyo',
  "what's the weather in Berlin",
  'tell me the time in Sydney',
  'what time is it',
  'say that again please',
  'what time is it in London',
  'will it rain in Seattle tomorrow',
  "what's the time in New York",
  'never mind',
  'what time is it in Los Angeles',
  'tell me what time it is in Rome',
  'do you know the time in Chicago',
] as const;

/** The one with a number; each voice says each of them in the end. */
export function commandAt(at: number): { readonly text: string; readonly voice: string } {
  const round = Math.floor(at / commands.length);
  return {
    text: commands[at % commands.length] ?? commands[0],
    voice: callerVoices[(at + round) % callerVoices.length] ?? 'rms',
  };
}

/** An answer that takes two minutes to read out. */
export const longCommand = 'give me ten headlines please';

/** What the headlines are made of: they mean nothing, but have little in common and can be spoken. */
const words =
  'harbour garden winter letter mountain village captain orange picture silver morning station yellow island teacher market window river travel cotton number evening summer family butter dinner doctor engine forest golden happen island jacket kitchen ladder medal needle office paper quarter rabbit sailor table uncle valley wagon zebra apple bottle candle dragon eleven farmer guitar hammer insect jungle kettle lemon mirror narrow open pencil quiet ribbon shadow ticket under velvet water young answer basket corner double eagle finger ginger hollow iron jolly'.split(
    ' ',
  );
const headlines = 10;
const longestCharacters = 215;

/** As many headlines as the bot reads out at most, each as long as one may be. */
export function longNews(): { readonly title: string }[] {
  const random = seededRandom(1);
  return Array.from({ length: headlines }, () => {
    let title = 'News';
    while (title.length < longestCharacters - 10)
      title += ` ${words[Math.floor(random() * words.length)] ?? ''}`;
    return { title };
  });
}
