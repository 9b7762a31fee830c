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
export const longCommand = 'read me the top ten headlines';

const subjects =
  'farmers teachers sailors doctors pilots painters bakers gardeners engineers musicians'.split(' ');
const places = 'Norway Peru Kenya Japan Canada Spain Poland Chile Egypt Nepal'.split(' ');

/** Ten headlines that have little in common, each as long as one may be. */
export function longNews(): { readonly title: string }[] {
  return subjects.map((subject, at) => {
    const other = subjects[(at + 3) % subjects.length] ?? '';
    const [here = '', there = ''] = [places[at], places[(at + 4) % places.length]];
    const numbers = ['one', 'two', 'three', 'four', 'five'][at % 5] ?? '';
    return {
      title:
        at % 2 === 0
          ? `After ${numbers} long weeks of rain the ${subject} of ${here} open their new market hall beside the old harbour and invite ${other} from all over ${there} to taste, to sing and to stay until the first snow falls in the valley`
          : `A museum in ${here} shows how ${subject} lived when the railway reached ${there}, with letters that ${other} wrote home each evening, maps drawn by hand and a small wooden boat which crossed the bay ${numbers} hundred times`,
    };
  });
}
