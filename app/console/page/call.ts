/** One call: its voices, its words, and what the bot thought of them. */
import type { Call, Peaks, Status, WholeCall } from '../contract.ts';
import { withQuery } from './api.ts';
import { endings } from './calls.ts';
import { dayOf, durationOf, languageOf, millis, momentOf, shortly, timeOf } from './format.ts';
import { useLoad } from './hooks.ts';
import { html, useMemo, useRef, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Caller, Empty, Loading, Pill, Problem, Stat, View } from './parts.ts';
import { type HearFrom, Player } from './player.ts';
import { sentencesOf, talkOf } from './talk.ts';
import { Transcript } from './transcript.ts';

/** As fine as the widest view of a call shows it. */
const peaksPerSecond = 20;

export function CallView({
  id,
  keeps,
}: {
  readonly id: string;
  readonly keeps: Status['keeps'] | undefined;
}): VNode {
  const path = `/api/calls/${encodeURIComponent(id)}`;
  const { data, error, reload } = useLoad<WholeCall>(path);
  const back = html`<a class="back" href="#/calls"><${Icon} name="back" /> Calls</a>`;
  if (data === undefined)
    return html`<section class="view">
      ${back}
      ${error === undefined ? html`<${Loading} rows=${6} />` : html`<${Problem} error=${error} retry=${reload} />`}
    </section>`;
  return html`${back}<${KnownCall} path=${path} whole=${data} keeps=${keeps} />`;
}

function KnownCall({
  path,
  whole: { call, turns, events },
  keeps,
}: {
  readonly path: string;
  readonly whole: WholeCall;
  readonly keeps: Status['keeps'] | undefined;
}): VNode {
  const talk = useMemo(() => talkOf(turns, sentencesOf(events)), [turns, events]);
  const handle = useRef<HearFrom>(undefined);
  const [atMs, setAt] = useState<number>();
  const { recording } = call;
  const current = atMs === undefined ? undefined : talk.findLast((utterance) => utterance.atMs <= atMs + 150);
  const hear = recording === null ? undefined : (ms: number): void => handle.current?.(ms);
  return html`<${View}
    title=${html`<${Caller} caller=${call.caller} />`}
    note=${html`<span title=${momentOf(call.startedAtMs)}>
      ${dayOf(call.startedAtMs)}, ${timeOf(call.startedAtMs)}
    </span>`}
    tools=${html`<${Ending} call=${call} />`}
  >
    <${Facts} call=${call} />
    ${
      recording === null
        ? html`<${NoRecording} call=${call} keeps=${keeps} />`
        : html`<${Recorded}
            path=${path}
            recording=${recording}
            talk=${talk}
            handle=${handle}
            onMoved=${setAt}
          />`
    }
    ${
      turns.length === 0 && events.length === 0
        ? html`<${Empty} icon="bot" title="Nothing was said">
            <p>The call ended before there was anything to hear or to say.</p>
          <//>`
        : html`<${Transcript} talk=${talk} turns=${turns} events=${events} current=${current} hear=${hear} />`
    }
  <//>`;
}

function Recorded({
  path,
  recording: { startsAtMs, ms },
  ...rest
}: {
  readonly path: string;
  readonly recording: NonNullable<Call['recording']>;
}): VNode {
  const count = Math.min(4_000, Math.max(1, Math.ceil((ms / 1_000) * peaksPerSecond)));
  const { data, error, reload } = useLoad<Peaks>(withQuery(`${path}/peaks`, { count }));
  const span = useMemo(() => ({ startMs: startsAtMs, ms: Math.max(1, ms) }), [startsAtMs, ms]);
  return html`${error === undefined ? null : html`<${Problem} error=${error} retry=${reload} />`}
    <${Player} ...${rest} src=${`${path}/recording`} span=${span} peaks=${data} />`;
}

function Ending({ call }: { readonly call: Call }): VNode {
  if (call.endedBy === null) return html`<${Pill} tone="bot">Running<//>`;
  const [says, tone] = endings[call.endedBy];
  return html`<${Pill} tone=${tone}>${says}<//>`;
}

function Facts({ call }: { readonly call: Call }): VNode {
  return html`<dl class="stats">
    <${Stat} label="Length" value=${call.durationMs === null ? '–' : durationOf(call.durationMs)} />
    <${Stat} label="Turns" value=${call.turns} />
    <${Stat}
      label="Answer, median"
      value=${call.answerP50Ms === null ? '–' : millis(call.answerP50Ms)}
      hint=${call.answerWorstMs === null ? undefined : `slowest ${millis(call.answerWorstMs)}`}
    />
    <${Stat}
      label="Dialled"
      value=${html`<bdi>${shortly(call.dialled, 24)}</bdi>`}
      hint=${languageOf(call.language)}
    />
    <${Stat}
      label="Line"
      value=${call.lineKind === null ? '–' : call.lineKind === 'streamed' ? 'Streamed' : 'Recorded'}
      hint=${call.resumed ? 'taken over after a restart' : undefined}
    />
  </dl>`;
}

function NoRecording({
  call,
  keeps,
}: {
  readonly call: Call;
  readonly keeps: Status['keeps'] | undefined;
}): VNode {
  const says =
    call.endedBy === null
      ? html`The call is still running; <a href="#/live">hear it live</a>.`
      : keeps?.recordings === true
        ? 'No recording of this call is there: it was made before recordings were kept, or it was removed by age or size.'
        : html`Only the words of this call were kept. To hear calls afterwards, set
            <code>PARLEY_STORE_KEEP_RECORDINGS=true</code> and start Parley again; tell callers that you do.`;
  return html`<p class="note"><${Icon} name="live" /><span>${says}</span></p>`;
}
