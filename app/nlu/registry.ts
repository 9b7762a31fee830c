import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { Breaker } from '../ops/breaker.ts';
import { type Clock, systemClock } from '../ops/clock.ts';
import { createCityList } from './cities.ts';
import { createCluUnderstander } from './clu/understander.ts';
import { botFolder, type BotContent, builtInContent, loadBotContent } from './content.ts';
import { createLadder, type LadderOptions } from './ladder.ts';
import { createLocalUnderstander } from './local/understander.ts';
import { createLuisUnderstander } from './luis/understander.ts';
import { loadInstructions } from './model/instructions.ts';
import { createModelUnderstander } from './model/understander.ts';
import { overlay } from './own/overlay.ts';
import type { OwnBot } from './own/spec.ts';
import { createPredictionReader, type ReaderParts } from './remote/understanding.ts';
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
  /** A bot of one's own, laid over the content. */
  readonly own?: OwnBot;
  /** How services are reached. */
  readonly services?: Pick<Config['nlu'], 'luis' | 'clu' | 'model'>;
  /** Folder of a bot of one's own; what a language model is told besides stands in it, or in that of the language. */
  readonly ownDir?: string;
  /** The own understanding of the same content, where there is one already. */
  readonly reader?: Understander;
  /** The machine's when absent. */
  readonly clock?: Clock;
}

/** Each kind of understanding by its name in the configuration (`nlu.understander`). */
export const understanders: Readonly<Record<string, (parts: UnderstanderParts) => Understander>> = {
  local,
  scripted: ({ script }) => createScriptedUnderstander(script),
  luis: (parts) => {
    const { endpoint, appId, slot, key = '', intents, entities } = serviceOf('luis', parts.services?.luis);
    const common = remoteParts(parts, { intents, entities });
    return createLuisUnderstander({
      ...common,
      endpoint: needed('luis', 'endpoint', endpoint),
      appId: needed('luis', 'appId', appId),
      slot,
      key,
    });
  },
  clu: (parts) => {
    const service = serviceOf('clu', parts.services?.clu);
    const { endpoint, project, deployment, key = '', intents, entities } = service;
    return createCluUnderstander({
      ...remoteParts(parts, { intents, entities }),
      endpoint: needed('clu', 'endpoint', endpoint),
      project: needed('clu', 'project', project),
      deployment,
      key,
    });
  },
  model: (parts) => {
    const config = serviceOf('model', parts.services?.model);
    needed('model', 'baseUrl', config.baseUrl);
    needed('model', 'model', config.model);
    const { contentDir, language = 'en', ownDir, clock = systemClock } = parts;
    const [family = language] = language.split('-', 1);
    const own = ownDir === undefined ? [] : [ownDir, join(ownDir, family)];
    return createModelUnderstander({
      config,
      content: contentOf(parts),
      instructions: loadInstructions(contentDir ?? botFolder(language), ...own),
      reader: parts.reader ?? local(parts),
      clock,
    });
  },
};

function local(parts: UnderstanderParts): Understander {
  const { directory, timeZone } = parts;
  const content = contentOf(parts);
  return createLocalUnderstander({
    content,
    cities: createCityList(content.places),
    directory: Object.keys(directory),
    ...(timeZone !== undefined && { timeZone }),
  });
}

function contentOf({ contentDir, own, language }: UnderstanderParts): BotContent {
  const content = contentDir === undefined ? builtInContent(language) : loadBotContent(contentDir);
  return own === undefined ? content : overlay(content, own);
}

function remoteParts(parts: UnderstanderParts, names: Pick<ReaderParts, 'intents' | 'entities'>) {
  const content = contentOf(parts);
  const timeZone = parts.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    languages: content.words.languages,
    reader: createPredictionReader({
      ...names,
      content,
      cities: createCityList(content.places),
      directory: Object.keys(parts.directory),
      timeZone,
    }),
    clock: parts.clock ?? systemClock,
    timeZone,
  };
}

function serviceOf<T>(name: string, service: T | undefined): T {
  return needed(name, 'endpoint', service);
}

function needed<T>(name: string, field: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new ParleyError('config-invalid', { problems: `  - nlu.${name}.${field}: it is needed` });
}

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
  // Learnt once, also when the model reads with it.
  const own = config.understander.includes('local') ? (parts.reader ?? local(parts)) : undefined;
  const provided = { ...parts, services: config, ...(own && { reader: own }) };
  const rungs = config.understander.map((name) => ({
    understander: name === own?.name ? own : createUnderstander(name, provided),
    acceptAbove: rungAcceptAbove[name] ?? acceptAbove,
    deadlineMs: deadlinesMs[name] ?? config.deadlineMs,
    breaker: new Breaker({ name, failures: breakerFailures, openMs: breakerOpenMs }),
  }));
  return createLadder({ ...ops, rungs });
}
