import type { Config } from '../config/schema.ts';
import type { PromptName, Prompts } from '../conversation/prompts.ts';
import { hasCode, type ParleyError } from '../errors.ts';
import type { BotContent } from '../nlu/content.ts';
import type { CallKeeper } from '../store/keeper.ts';
import type { Board } from './board.ts';
import type { Content, Status } from './contract.ts';
import { Console, type ConsoleOptions } from './server.ts';
import type { Telephone } from './telephone/start.ts';

export interface ConsoleParts extends Pick<
  ConsoleOptions,
  'version' | 'live' | 'store' | 'recordings' | 'hangUp' | 'metrics' | 'clock' | 'log'
> {
  /** That is asked for; undefined where the console is for this machine alone. */
  readonly token: string | undefined;
  readonly board: Board;
  readonly keeper: Pick<CallKeeper, 'waiting'>;
  /** What callers hear and may say in each language, the default first. */
  readonly locales: readonly {
    readonly language: string;
    readonly content: BotContent;
    readonly prompts: Prompts;
  }[];
  readonly calls: () => { readonly live: number; readonly draining: boolean };
  readonly ariConnected: () => boolean;
  /** The telephone in the page. */
  readonly telephone: Telephone;
}

/**
 * Serves the console where the configuration asks for it. A port that is taken is a line in the log: calls are answered
 * all the same.
 * @throws ParleyError `tls-unusable`.
 */
export async function startConsole(config: Config, parts: ConsoleParts): Promise<Console | undefined> {
  const { calls, board, keeper, store, locales, ariConnected, telephone, token, log, clock } = parts;
  if (!config.console.enabled) return undefined;
  const { capacity } = config.calls;
  const { keepCalls, keepRecordings, keepDays } = config.store;
  const startedAtMs = clock.now().getTime();
  const status = (): Status => ({
    version: parts.version,
    startedAtMs,
    calls: { ...calls(), capacity },
    asterisk: { connected: ariConnected() },
    engines: board.engines,
    languages: locales.map(({ language }) => language),
    keeps: { calls: keepCalls, recordings: keepRecordings, days: keepDays },
    store: { kind: store.kind, waiting: keeper.waiting, dropped: board.dropped },
    telephone: telephoneIn(telephone.trouble),
  });
  try {
    const started = await Console.start({
      ...parts,
      config: { ...config.console, token },
      content: contentOf(locales, config.skills.call.directory),
      status,
      checks: () => ({
        asterisk: ariConnected(),
        engines: board.enginesAnswer,
        capacity: !calls().draining && calls().live < capacity,
      }),
      plugins: [telephone.plugin],
    });
    log.info('the console is open', {
      url: started.url,
      // A field whose name ends in token would be redacted.
      signIn:
        token === undefined
          ? 'none'
          : 'by its token: npm run token prints it, and in a container node app/cli/token.ts',
    });
    return started;
  } catch (error) {
    if (!hasCode(error, 'console-unavailable')) throw error;
    log.error('the console is not there; calls are answered all the same', { error });
    return undefined;
  }
}

const shownPrompts: readonly PromptName[] = ['greeting', 'busy', 'thinking', 'resumed'];
/** Of an entity with thousands of values these are shown. */
const shownValues = 100;

function contentOf(locales: ConsoleParts['locales'], directory: Readonly<Record<string, string>>): Content {
  return {
    languages: locales.map(({ language, content, prompts }) => ({
      language,
      intents: content.intents.map(({ intent, slots, common, samples }) => ({
        intent,
        slots,
        samples: [...new Set([...common, ...samples])],
        own: content.own?.intents.has(intent) === true,
      })),
      entities: (content.own?.entities ?? []).map(({ name, kind }) => ({
        name,
        kind,
        values: (content.own?.values[name] ?? []).slice(0, shownValues),
      })),
      prompts: shownPrompts.map((name) => ({ name, text: prompts.get(name).text })),
    })),
    directory: { ...directory },
  };
}

/** What the page is told of its telephone. */
function telephoneIn(trouble: ParleyError | undefined): Status['telephone'] {
  if (trouble === undefined) return { ready: true };
  const { code, message, remedy } = trouble;
  return { ready: false, problem: { code, message, remedy } };
}
