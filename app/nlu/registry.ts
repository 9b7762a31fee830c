import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { Breaker } from '../ops/breaker.ts';
import { createCityList } from './cities.ts';
import { builtInContent, loadBotContent } from './content.ts';
import { createLadder, type LadderOptions } from './ladder.ts';
import { createLocalUnderstander } from './local/understander.ts';
import { createScriptedUnderstander, type Script } from './scripted/understander.ts';
import type { Language } from '../speech/spec.ts';
import type { Understander } from './spec.ts';

export interface UnderstanderParts {
  /** Of the content that comes with Parley; English when absent. */
  readonly language?: Language;
  /** Names that callers may ask for, and the phone of each. */
  readonly directory: Readonly<Record<string, string>>;
  /** Folder with a bot's content; the one that comes with Parley when absent. */
  readonly contentDir?: string;
  /** IANA name of the zone that callers are taken to be in; the machine's when absent. */
  readonly timeZone?: string;
  /** What the scripted one answers. */
  readonly script?: Script;
}

/** Each kind of understanding by its name in the configuration (`nlu.understander`). */
export const understanders: Readonly<Record<string, (parts: UnderstanderParts) => Understander>> = {
  local: ({ language, directory, contentDir, timeZone }) => {
    const content = contentDir === undefined ? builtInContent(language) : loadBotContent(contentDir);
    return createLocalUnderstander({
      content,
      cities: createCityList(content.places),
      directory: Object.keys(directory),
      ...(timeZone !== undefined && { timeZone }),
    });
  },
  scripted: ({ script }) => createScriptedUnderstander(script),
};

/**
 * Makes an understander ready for use; the own one is trained here, which takes some hundred milliseconds.
 * @throws ParleyError `provider-unknown`, `bot-content-invalid`.
 */
export function createUnderstander(name: string, parts: UnderstanderParts): Understander {
  const create = Object.hasOwn(understanders, name) ? understanders[name] : undefined;
  if (create === undefined) {
    throw new ParleyError('provider-unknown', {
      kind: 'understanding',
      name,
      known: Object.keys(understanders).join(', '),
    });
  }
  return create(parts);
}

/**
 * All understanders that the configuration names, as one: each is asked when those before it were not sure.
 * @throws ParleyError `provider-unknown`, `bot-content-invalid`.
 */
export function createUnderstanding(
  config: Config['nlu'],
  parts: UnderstanderParts,
  ops: Omit<LadderOptions, 'rungs'>,
): Understander {
  const { acceptAbove, rungAcceptAbove, breakerFailures, breakerOpenMs } = config;
  const deadlinesMs: Readonly<Record<string, number>> = { model: config.model.deadlineMs };
  const rungs = config.understander.map((name) => ({
    understander: createUnderstander(name, parts),
    acceptAbove: rungAcceptAbove[name] ?? acceptAbove,
    deadlineMs: deadlinesMs[name] ?? config.deadlineMs,
    breaker: new Breaker({ name, failures: breakerFailures, openMs: breakerOpenMs }),
  }));
  return createLadder({ ...ops, rungs });
}
