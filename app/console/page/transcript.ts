/** The words of a call in their order, each turn with its times and what was understood. */
import type { CallEvent, Turn } from '../contract.ts';
import { durationOf, millis, shortly, spaced } from './format.ts';
import { html, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Bubble, Pill } from './parts.ts';
import type { HearFrom } from './player.ts';
import { beginningOf, detail, type Utterance } from './talk.ts';
import { Ladder, scaleOf, Sureness, Waterfall } from './waterfall.ts';

interface Entry {
  readonly atMs: number;
  readonly key: string;
  readonly turn?: Turn;
  readonly talk: readonly Utterance[];
  readonly event?: string;
}

export function Transcript({
  talk,
  turns,
  events,
  current,
  hear,
}: {
  readonly talk: readonly Utterance[];
  readonly turns: readonly Turn[];
  readonly events: readonly CallEvent[];
  /** What is being played. */
  readonly current: Utterance | undefined;
  /** Absent where nothing was recorded. */
  readonly hear: HearFrom | undefined;
}): VNode {
  const scaleMs = scaleOf(turns);
  return html`<ol class="transcript" aria-label="What was said">
    ${entriesOf(talk, turns, events).map(
      (entry) =>
        html`<li key=${entry.key} class=${entry.turn === undefined ? 'entry' : 'entry entry-turn card'}>
          <${When} atMs=${entry.atMs} hear=${hear} />
          <div class="entry-words">
            ${entry.talk.map(
              (utterance) =>
                html`<${Bubble}
                  key=${`${utterance.who}${utterance.atMs}`}
                  utterance=${utterance}
                  now=${utterance === current}
                />`,
            )}
            ${entry.event === undefined ? null : html`<p class="event">${entry.event}</p>`}
            ${entry.turn === undefined ? null : html`<${Meant} turn=${entry.turn} />`}
          </div>
          ${
            entry.turn === undefined
              ? null
              : html`<div class="entry-thought">
                  <${Waterfall} times=${entry.turn.times} scaleMs=${scaleMs} />
                  <${Ladder} rungs=${entry.turn.rungs} />
                </div>`
          }
        </li>`,
    )}
  </ol>`;
}

function When({ atMs, hear }: { readonly atMs: number; readonly hear: HearFrom | undefined }): VNode {
  const at = durationOf(atMs);
  if (hear === undefined) return html`<span class="when">${at}</span>`;
  return html`<button class="when" aria-label=${`Hear from ${at}`} onClick=${() => hear(atMs - 200)}>
    <${Icon} name="play" />${at}
  </button>`;
}

/** A turn's words stand together; what the bot said by itself, and what happened, stands between them. */
function entriesOf(
  talk: readonly Utterance[],
  turns: readonly Turn[],
  events: readonly CallEvent[],
): Entry[] {
  const entries: Entry[] = turns.map((turn) => {
    const own = talk.filter((utterance) => utterance.turn === turn.number);
    const answered = own.some(({ who }) => who === 'bot');
    // An answer that nobody told of as it was spoken: what the turn itself knows of it.
    const said: Utterance[] =
      answered || turn.said.length === 0
        ? []
        : [
            {
              who: 'bot',
              atMs: turn.times.started ?? beginningOf(turn),
              endMs: undefined,
              text: turn.said.join(' '),
              turn: turn.number,
              keyed: false,
            },
          ];
    return { atMs: beginningOf(turn), key: `turn${turn.number}`, turn, talk: [...own, ...said] };
  });
  const known = new Set(turns.map(({ number }) => number));
  for (const utterance of talk) {
    if (utterance.turn === null || !known.has(utterance.turn))
      entries.push({ atMs: utterance.atMs, key: `said${utterance.atMs}`, talk: [utterance] });
  }
  events.forEach((event, at) => {
    const says = eventSays(event);
    if (says !== undefined) entries.push({ atMs: event.atMs, key: `event${at}`, talk: [], event: says });
  });
  return entries.sort((a, b) => a.atMs - b.atMs);
}

/** Undefined for what is shown otherwise. */
function eventSays(event: CallEvent): string | undefined {
  const of = (name: string): string => shortly(detail(event, name), 60);
  switch (event.kind) {
    case 'barge-in':
      return 'The caller spoke into what the bot said';
    case 'stopped':
      return `The bot stopped; the caller had heard ${millis(Number(detail(event, 'heardMs')))} of it`;
    case 'false-interruption':
      return 'It was no interruption: the bot went on';
    case 'taken-back':
      return 'The caller had not finished: the answer was taken back';
    case 'digit':
      return `Key ${of('digit')}`;
    case 'asked-again':
      return 'Nobody spoke: the bot asked again';
    case 'connecting':
      return `Calling ${of('extension')}`;
    case 'connected-back':
      return `Back from the other phone: ${spaced(of('outcome')).toLowerCase()}`;
    case 'farewell':
      return `The bot took its leave (${spaced(of('why')).toLowerCase()})`;
    case 'failed':
      return `Something failed: ${of('code')}`;
    default:
      return undefined;
  }
}

/** What the turn was taken for, and what came of it. */
function Meant({ turn }: { readonly turn: Turn }): VNode {
  const { intent, confidence, slots, decision, outcome, engines } = turn;
  const odd = [
    ...(decision === 'run' ? [] : [spaced(decision)]),
    ...(outcome === 'ok' || outcome === '' ? [] : [outcome]),
  ];
  const engine = [
    engines.heardBy === undefined ? '' : `heard by ${engines.heardBy}`,
    engines.spokenBy === undefined ? '' : `spoken by ${engines.spokenBy}`,
  ].filter((text) => text !== '');
  return html`<div class="meant">
    <a class="tag" href=${`#/calls?intent=${encodeURIComponent(intent)}`} title="Calls like this">
      ${spaced(shortly(intent, 40))}
    </a>
    <${Sureness} confidence=${confidence} />
    ${Object.entries(slots).map(
      ([name, value]) =>
        html`<span key=${name} class="slot"
          ><span class="quiet">${name}</span> <bdi>${slotSays(value)}</bdi></span
        >`,
    )}
    ${odd.map((what) => html`<${Pill} key=${what} tone="warn">${what}<//>`)}
    ${engine.length === 0 ? null : html`<span class="quiet engines-of-turn">${engine.join(', ')}</span>`}
  </div>`;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A slot's value in words: a city by its name, a day counted from the caller's today. */
function slotSays(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shortly(String(value), 80);
  const { name, region, country, daysFromToday, weekday, part } = value as Readonly<Record<string, unknown>>;
  if (typeof name === 'string') {
    const where = [region, country].find((text) => typeof text === 'string' && text !== '');
    return shortly(typeof where === 'string' ? `${name}, ${where}` : name, 80);
  }
  if (typeof daysFromToday !== 'number') return shortly(JSON.stringify(value), 80);
  const named = typeof weekday === 'number' ? days[weekday] : undefined;
  const day =
    named ??
    ({ '-1': 'yesterday', '0': 'today', '1': 'tomorrow' } as Readonly<Record<string, string>>)[
      daysFromToday
    ] ??
    (daysFromToday > 0 ? `in ${daysFromToday} days` : `${-daysFromToday} days ago`);
  return typeof part === 'string' ? `${day}, ${part}` : day;
}
