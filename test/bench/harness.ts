import type { Audio } from '../../app/audio/pcm.ts';
import { messageOf } from '../../app/errors.ts';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import type { PlaceOptions, Phone } from '../../app/phone/phone.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import { synthesise } from '../../app/phone/voice.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { startFeeds } from '../fakes/feeds.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import { machineIsBack } from '../support/machine-watch.ts';
import type { Owner } from '../support/owner.ts';
import { longNews } from './commands.ts';

/** Parleys to be measured; each is started when it is first needed and ends with the bench. */
export type BotKind = 'own' | 'recorded' | 'scripted';

const settingsOf: Readonly<Record<BotKind, Readonly<Record<string, string>>>> = {
  own: { PARLEY_LINE_KIND: 'streamed' },
  recorded: { PARLEY_LINE_KIND: 'recorded' },
  scripted: {
    PARLEY_LINE_KIND: 'streamed',
    PARLEY_SPEECH_STT: 'scripted',
    PARLEY_SPEECH_TTS: 'scripted',
  },
};

/** What all measurements share. */
export interface Bench {
  readonly signal: AbortSignal;
  /** Ends what one measurement starts for itself. */
  readonly owner: Owner;
  /** Few calls, to see that all of it works. */
  readonly quick: boolean;
  /** Settings that name the services of the bench, all on loopback. */
  readonly services: Readonly<Record<string, string>>;
  /** Those that name a news feed which takes minutes to read out. */
  readonly longNews: Readonly<Record<string, string>>;
  bot(kind: BotKind, settings?: Readonly<Record<string, string>>): Promise<TestBot>;
  /** A caller's words as audio of a telephone, made once. */
  voice(text: string, voice: string): Promise<Audio>;
  /** Resolves when the host of a virtual machine has given it its cores for some seconds, or after a minute. */
  calm(): Promise<void>;
  /** One line for whoever waits. */
  progress(line: string): void;
}

const sampleRateHz = 8_000;
const mostCalls = '400';
const calmMoments = 4;

/** @param owner ends all that is started. */
export async function createBench(owner: Owner, options: { readonly quick: boolean }): Promise<Bench> {
  const { signal } = owner;
  const tts = createLocalTts();
  owner.after(() => tts.close());
  const [meteo, feeds] = await Promise.all([
    startOpenMeteo(),
    startFeeds({ '/long.xml': { format: 'rss', title: 'Long', items: longNews() } }),
  ]);
  owner.after(async () => {
    await Promise.all([meteo.close(), feeds.close()]);
  });
  const services = { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url, PARLEY_SKILLS_NEWS_FEEDS: '[]' };
  const feed = { name: 'the bench', url: feeds.addressOf('/long.xml') };
  const eventLoop = new URL('./event-loop.ts', import.meta.url).href;
  const shared = {
    ...services,
    PARLEY_CALLS_CAPACITY: mostCalls,
    // Callers of the bench ask for the same few things: each answer is synthesised anew, as if it were another one.
    PARLEY_SPEECH_KEEP_SPOKEN_MB: '0',
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${eventLoop}`,
  };
  const bots = new Map<string, Promise<TestBot>>();
  const said = new Map<string, Promise<Audio>>();
  return {
    signal,
    owner,
    quick: options.quick,
    services,
    // Headlines are the same for all.
    longNews: { PARLEY_SKILLS_NEWS_FEEDS: JSON.stringify([feed]), PARLEY_SPEECH_KEEP_SPOKEN_MB: '16' },
    bot: (kind, settings = {}) =>
      once(bots, `${kind} ${JSON.stringify(settings)}`, () =>
        startBot(owner, { settings: { ...shared, ...settingsOf[kind], ...settings } }),
      ),
    voice: (text, voice) =>
      once(said, `${voice}: ${text}`, async () => ({
        samples: await synthesise(tts, text, { voice, sampleRateHz, signal }),
        sampleRateHz,
      })),
    calm: () => machineIsBack(signal, calmMoments),
    progress: (line) => void process.stderr.write(`${line}\n`),
  };
}

function once<Key, Value>(
  kept: Map<Key, Promise<Value>>,
  key: Key,
  make: () => Promise<Value>,
): Promise<Value> {
  const found = kept.get(key) ?? make();
  kept.set(key, found);
  return found;
}

/** What a call left behind; without a recording, why. */
export type Outcome =
  | { readonly recording: CallRecording; readonly failure?: string }
  | { readonly recording: undefined; readonly failure: string };

/**
 * One call: what the caller does, and its recording. What goes wrong in it is counted, not thrown.
 * @throws the signal's reason.
 */
export async function holdCall(
  phone: Phone,
  options: PlaceOptions & { readonly number?: string; readonly signal: AbortSignal },
  act: (call: PhoneCall) => Promise<void>,
): Promise<Outcome> {
  const { number = '1000', ...place } = options;
  let failure: string | undefined;
  try {
    const call = await phone.call(number, place);
    try {
      await act(call);
    } catch (error) {
      failure = messageOf(error);
    } finally {
      await call.close();
    }
    place.signal.throwIfAborted();
    const recording = await call.recording();
    return failure === undefined ? { recording } : { recording, failure };
  } catch (error) {
    place.signal.throwIfAborted();
    return { recording: undefined, failure: failure ?? messageOf(error) };
  }
}

/** As many at a time as `lanes`; the results in the order of the jobs. */
export async function inLanes<Job, Result>(
  jobs: readonly Job[],
  lanes: number,
  work: (job: Job, at: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...jobs.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, job] = next;
      results[at] = await work(job, at);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
