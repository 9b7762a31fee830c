import { builtInContent } from '../content.ts';
import type { OwnBot, OwnIntent } from '../own/spec.ts';
import type { ImportedApp, ImportedUtterance } from './spec.ts';

/** Built-in intents that an app of another kind hardly means to have. */
const notAsked = ['GetWeather', 'GetNews', 'GetTime', 'Call'];

/** Built-in intents that every telephone bot wants, unless the app has one like them. */
const alike: Readonly<Record<string, RegExp>> = {
  Help: /help|menu|options/i,
  Stop: /cancel|stop|abort|never.?mind/i,
  Repeat: /repeat|again/i,
  Goodbye: /bye|exit|quit|hang.?up|end.?call/i,
};

/** The bot that an imported app makes. @param utterances those to learn from; all of them when absent. */
export function botOf(app: ImportedApp, utterances: readonly ImportedUtterance[] = app.utterances): OwnBot {
  const builtIn = new Set(builtInContent().intents.map(({ intent }) => intent));
  const own = new Set(app.intents.map(({ intent }) => intent));
  const like = Object.entries(alike).filter(([intent, pattern]) =>
    app.intents.some(({ was }) => !own.has(intent) && pattern.test(was)),
  );
  const without = [...notAsked, ...like.map(([intent]) => intent)];
  const known = (intent: string): boolean => builtIn.has(intent) && !without.includes(intent);
  const all = [...utterances, ...app.patterns];
  const intents = app.intents.flatMap(({ intent, was }): OwnIntent[] => {
    const samples = all.filter((each) => each.intent === intent).map(({ sample }) => sample);
    // Nobody can say it.
    if (samples.length === 0) return [];
    const answer = {
      intent,
      needs: [],
      remembers: [],
      confirm: [`Is it about this: ${spoken(was)}?`],
      say: [`I understood: ${spoken(was)}.`],
      failed: [],
      hangUp: false,
    };
    return [
      { intent, ...(was !== intent && { was }), common: [], samples, ...(!known(intent) && { answer }) },
    ];
  });
  return { language: app.language, without, intents, entities: app.entities, phrases: app.phrases };
}

/** `Utilities.BookFlight` as words: "book flight". */
function spoken(name: string): string {
  const last = name.split('.').at(-1) ?? name;
  return last
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_\s-]+/g, ' ')
    .toLowerCase()
    .trim();
}
