import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import { createCityList } from '../cities.ts';
import { builtInContent } from '../content.ts';
import { ownBotFor } from '../own/bot.ts';
import { overlay } from '../own/overlay.ts';
import { createUnderstander } from '../registry.ts';
import { LuisEndpoint } from './server.ts';

export interface StartOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Serves LUIS's prediction interface where the configuration asks for it; undefined where it does not.
 * @throws ParleyError `luis-endpoint-unavailable`.
 */
export async function startLuisEndpoint(
  {
    luisEndpoint,
    bot,
    calls,
    nlu,
    skills,
  }: Pick<Config, 'luisEndpoint' | 'bot' | 'calls' | 'nlu' | 'skills'>,
  { clock, log }: StartOptions,
): Promise<LuisEndpoint | undefined> {
  const { port, bind, appId, key } = luisEndpoint;
  if (port === undefined) return undefined;
  // The own one alone: where calls are understood by LUIS, that may be this very endpoint.
  const { language } = calls;
  const { directory } = skills.call;
  const own = ownBotFor(bot.dir, language);
  const understander = createUnderstander('local', { language, directory, ...(own && { own }) });
  const builtIn = builtInContent(language);
  const content = own === undefined ? builtIn : overlay(builtIn, own);
  const endpoint = await LuisEndpoint.start({
    bind,
    port,
    appId,
    ...(key !== undefined && { key }),
    understander,
    terms: {
      was: content.own?.was ?? {},
      entities: content.own?.entities ?? [],
      cities: createCityList(content.places),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    language,
    deadlineMs: nlu.deadlineMs,
    clock,
    log,
  });
  log.info('clients of LUIS are answered', { port: endpoint.port, bind });
  return endpoint;
}
