/** Calls as the store and the console are told of them; everything random is the same each time. */
import { gain, seededRandom, silence, whiteNoise } from '../../app/audio/mix.ts';
import { writeWav } from '../../app/audio/wav.ts';
import type { TurnRecord } from '../../app/conversation/turn-record.ts';
import type { StoredTurn, StoreRecord } from '../../app/store/spec.ts';

/** A name as nobody honest sends one: markup, marks that turn the writing direction, and no end. */
export const hostileName = `<img src=x onerror="document.title='taken'">\u202Etxt.exe\u2066${'W'.repeat(5_000)}`;
export const hostileWords =
  '<script>document.title="taken"</script> {city} </p><style>*{display:none}</style>';

interface Talk {
  readonly heard: string;
  readonly intent: string;
  readonly said: readonly string[];
  readonly confidence?: number;
  readonly slots?: StoredTurn['slots'];
  readonly more?: Partial<StoredTurn>;
}

const seattle = {
  name: 'Seattle',
  region: 'Washington',
  country: 'United States of America',
  latitude: 47.6,
  longitude: -122.3,
  timeZone: 'America/Los_Angeles',
  population: 737_015,
};

const talks: readonly Talk[] = [
  {
    heard: "what's the weather like in Seattle tomorrow",
    intent: 'GetWeather',
    confidence: 0.97,
    slots: { city: seattle, day: { daysFromToday: 1, days: 1 } },
    said: ['Tomorrow in Seattle: light rain.', 'Between nine and thirteen degrees.'],
  },
  {
    heard: 'and what time is it there',
    intent: 'GetTime',
    confidence: 0.81,
    slots: { city: seattle },
    said: ['It is ten past three in the afternoon in Seattle.'],
  },
  {
    heard: 'read me three headlines please',
    intent: 'GetNews',
    confidence: 0.93,
    slots: { count: 3 },
    said: [
      'From the BBC: ministers meet about the harbour.',
      'A comet can be seen tonight.',
      'Trains run again.',
    ],
  },
  {
    heard: 'can you order me a taxi',
    intent: 'None',
    confidence: 0.41,
    said: ['I did not quite get that. You can ask for the weather, the time, or the news.'],
    more: { decision: 'not-understood' },
  },
  {
    heard: 'no thank you goodbye',
    intent: 'Goodbye',
    confidence: 0.98,
    said: ['Goodbye, and thank you for calling.'],
  },
];

/** A call of some turns as the store is told of it. Everything random is the same for the same seed. */
export function kept(
  id: string,
  startedAtMs: number,
  {
    seed = 1,
    turns = talks.length,
    name = '',
    number = '+44 20 7946 0958',
    endedBy = 'bot',
    recorded = false,
    words = talks,
  }: {
    readonly seed?: number;
    readonly turns?: number;
    readonly name?: string;
    readonly number?: string;
    readonly endedBy?: 'caller' | 'bot' | 'failure' | 'turned-away';
    readonly recorded?: boolean;
    readonly words?: readonly Talk[];
  },
): { readonly records: StoreRecord[]; readonly voices: readonly Voice[]; readonly ms: number } {
  const random = seededRandom(seed);
  const records: StoreRecord[] = [
    {
      kind: 'call-began',
      call: { id, startedAtMs, caller: { number, name }, dialled: '1000', language: 'en-US', resumed: false },
    },
  ];
  const voices: Voice[] = [];
  let seq = 0;
  const event = (atMs: number, kind: string, details: Record<string, unknown> = {}): void => {
    seq += 1;
    records.push({ kind: 'event', id, seq, event: { atMs, kind, details } });
  };
  const say = (atMs: number, text: string, turn?: number): number => {
    event(atMs, 'saying', { text, ...(turn === undefined ? {} : { turn }) });
    const ms = text.length * 62;
    voices.push({ who: 'bot', atMs, ms });
    return atMs + ms;
  };
  let atMs = 80;
  if (endedBy !== 'turned-away') {
    records.push({ kind: 'call-answered', id, answeredAtMs: startedAtMs + 40, lineKind: 'streamed' });
    atMs = say(atMs, 'Hello, this is Parley. What can I do for you?') + 700;
    for (let number = 1; number <= turns; number += 1) {
      const talk = words[(number - 1) % words.length];
      if (talk === undefined) break;
      const turn = storedTurn(number, talk, atMs, random);
      const { speechStarted = atMs, speechEnded = atMs, started = atMs } = turn.times;
      voices.push({ who: 'caller', atMs: speechStarted, ms: speechEnded - speechStarted });
      records.push({ kind: 'turn', id, turn });
      let saidTo = started;
      for (const sentence of talk.said) saidTo = say(saidTo, sentence, number) + 120;
      if (number === 2) event(saidTo - 400, 'barge-in');
      if (number === 2) event(saidTo - 380, 'stopped', { heardMs: 1_840 });
      atMs = saidTo + 500 + random() * 900;
    }
  }
  const recording = recorded
    ? {
        file: `2026-11-22/${id}.wav`,
        startsAtMs: -40,
        ms: atMs,
        bytes: Math.round(atMs * 32) + 44,
        sampleRateHz: 8_000,
      }
    : null;
  records.push({ kind: 'call-ended', id, endedAtMs: startedAtMs + atMs, endedBy, recording });
  return { records, voices, ms: atMs };
}

function storedTurn(
  number: number,
  { heard, intent, said, confidence = 0.9, slots = {}, more }: Talk,
  atMs: number,
  random: () => number,
): StoredTurn {
  const speechStarted = Math.round(atMs);
  const speechEnded = speechStarted + heard.length * 60;
  const finalText = speechEnded + Math.round(90 + random() * 80);
  const understood = finalText + Math.round(3 + random() * 9);
  const done = understood + Math.round(intent === 'GetWeather' ? 60 + random() * 220 : 2 + random() * 4);
  const synthesised = done + Math.round(40 + random() * 60);
  const turnOver = speechEnded + Math.round(random() < 0.7 ? 240 : 480);
  const sent = Math.max(turnOver, synthesised) + 2;
  return {
    number,
    heard,
    intent,
    confidence,
    slots,
    rungs: [
      { name: 'local', ms: 2.4, outcome: confidence < 0.85 ? 'unsure' : 'accepted', intent, confidence },
      ...(confidence < 0.85
        ? [{ name: 'model', ms: 310, outcome: 'accepted' as const, intent, confidence: 0.88 }]
        : []),
    ],
    decision: 'run',
    outcome: 'ok',
    keyed: false,
    said,
    times: {
      speechStarted,
      speechEnded,
      firstText: speechStarted + 380,
      finalText,
      understood,
      done,
      turnOver,
      synthesised,
      sent,
      started: sent + 21,
    },
    engines: { heardBy: 'local', spokenBy: 'rhvoice' },
    ...more,
  };
}

interface Voice {
  readonly who: 'caller' | 'bot';
  readonly atMs: number;
  readonly ms: number;
}

const rateHz = 8_000;

/** Noise in the rhythm of syllables, where somebody speaks. */
export function recordingOf(voices: readonly Voice[], ms: number): Buffer {
  const channels = (['caller', 'bot'] as const).map((who, seed) => {
    const samples = silence(ms, rateHz);
    for (const voice of voices.filter((one) => one.who === who)) {
      const noise = gain(whiteNoise(voice.ms, rateHz, -20, seed + voice.atMs), who === 'caller' ? -4 : 0);
      noise.forEach((sample, at) => {
        const second = at / rateHz;
        const loud = Math.abs(Math.sin(second * 9.4)) * (0.55 + 0.45 * Math.sin(second * 2.1 + voice.atMs));
        samples[Math.round(((voice.atMs + 40) / 1_000) * rateHz) + at] = sample * loud;
      });
    }
    return samples;
  });
  return writeWav({ sampleRateHz: rateHz, channels });
}

/** A few days of calls, more by day than by night. */
export function manyCalls(nowMs: number): StoreRecord[] {
  const random = seededRandom(42);
  const names = ['', 'Tomás Iglesias', '', 'Reception', 'Mei-Ling Tan', '', 'Front desk', 'O. Brennan'];
  return Array.from({ length: 140 }, (_, at) => {
    const agoMs = (random() ** 1.6 * 5 * 24 + 0.4) * 3_600_000;
    const dice = random();
    return kept(`call${at}`, Math.round(nowMs - agoMs), {
      seed: at + 100,
      turns: Math.floor(random() * 5),
      name: names[at % names.length] ?? '',
      number: `+1 206 555 ${String(1_000 + Math.floor(random() * 8_999))}`,
      endedBy: dice > 0.97 ? 'failure' : dice > 0.94 ? 'turned-away' : dice > 0.4 ? 'caller' : 'bot',
    }).records;
  }).flat();
}

export function incidents(nowMs: number): StoreRecord[] {
  return [2, 3, 3.2, 9, 30].flatMap((hours, at): StoreRecord[] => [
    {
      kind: 'incident',
      incident: {
        atMs: Math.round(nowMs - hours * 3_600_000),
        what: 'failed',
        kind: 'stt',
        provider: at === 3 ? 'sherpa' : 'azure',
        detail: 'stt-unavailable',
      },
    },
    {
      kind: 'incident',
      incident: {
        atMs: Math.round(nowMs - hours * 3_600_000) + 5,
        what: 'failover',
        kind: 'stt',
        provider: 'azure',
        detail: 'local',
      },
    },
  ]);
}

/** A turn as a conversation tells of it while the call runs. */
export function liveTurn(
  turn: number,
  heard: string,
  said: readonly string[],
  speechStarted: number,
): TurnRecord {
  return {
    turn,
    heard,
    said,
    intent: 'GetWeather',
    confidence: 0.94,
    slots: {},
    decision: 'run',
    keyed: false,
    rungs: [],
    outcome: 'ok',
    times: { speechStarted, speechEnded: speechStarted + 1_800 },
    engines: {},
  };
}
