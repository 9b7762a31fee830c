/** How it went: calls, how fast they were answered, interruptions and failures over time. */
import type { Bucket, Figures } from '../contract.ts';
import { withQuery } from './api.ts';
import { Chart, type Line } from './chart.ts';
import { countOf, millis, percent, shortly } from './format.ts';
import { useLoad, useNow } from './hooks.ts';
import { html, useMemo, type VNode } from './html.ts';
import { Choice, Empty, Loading, Problem, Stat, View } from './parts.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const ranges = {
  hour: { name: 'Hour', ms: hourMs, bucketMs: minuteMs },
  day: { name: 'Day', ms: dayMs, bucketMs: 30 * minuteMs },
  week: { name: 'Week', ms: 7 * dayMs, bucketMs: 3 * hourMs },
  month: { name: 'Month', ms: 30 * dayMs, bucketMs: 12 * hourMs },
} as const;
type Range = keyof typeof ranges;

const isRange = (name: string | null): name is Range => name !== null && Object.hasOwn(ranges, name);

export function FiguresView({ query }: { readonly query: URLSearchParams }): VNode {
  const asked = query.get('range');
  const range = isRange(asked) ? asked : 'day';
  const { ms, bucketMs } = ranges[range];
  // Up to the end of the stretch that is running; loaded anew when that is over, and each minute.
  const toMs = Math.floor(useNow(minuteMs) / minuteMs) * minuteMs + minuteMs;
  const path = withQuery('/api/figures', { fromMs: toMs - ms, toMs, bucketMs });
  const { data, error, reload } = useLoad<Figures>(path);
  const tools = html`<${Choice}
    label="How far back"
    chosen=${range}
    choose=${(next: Range) => location.replace(`#/figures?range=${next}`)}
    options=${Object.entries(ranges).map(([value, { name }]) => [value, name])}
  />`;
  return html`<${View}
    title="Figures"
    note="How many called, and how fast they were answered."
    tools=${tools}
  >
    ${error === undefined ? null : html`<${Problem} error=${error} retry=${reload} />`}
    ${
      data === undefined
        ? error === undefined
          ? html`<${Loading} rows=${6} />`
          : null
        : html`<${Totals} total=${data.total} /><${Charts} figures=${data} />`
    }
  <//>`;
}

function Totals({ total }: { readonly total: Bucket }): VNode {
  const {
    calls,
    turns,
    notUnderstood,
    answerMs,
    bargeIns,
    falseInterruptions,
    takenBack,
    failovers,
    endedBy,
  } = total;
  const failures = Object.values(total.failures).reduce((sum, n) => sum + n, 0);
  const broken = (endedBy.failure ?? 0) + (endedBy.lost ?? 0);
  return html`<dl class="stats stats-large">
    <${Stat}
      label="Calls"
      value=${countOf(calls)}
      hint=${endedBy['turned-away'] === undefined ? `${countOf(turns)} turns` : `${endedBy['turned-away']} turned away`}
    />
    <${Stat}
      label="Answer, median"
      value=${answerMs === null ? '–' : millis(answerMs.p50)}
      hint=${answerMs === null ? 'nothing was answered' : `p95 ${millis(answerMs.p95)}, p99 ${millis(answerMs.p99)}`}
    />
    <${Stat}
      label="Not understood"
      value=${percent(notUnderstood, turns)}
      hint=${`${countOf(notUnderstood)} of ${countOf(turns)} turns`}
    />
    <${Stat}
      label="Interruptions"
      value=${countOf(bargeIns)}
      hint=${`${countOf(falseInterruptions)} false, ${countOf(takenBack)} answered too soon`}
    />
    <${Stat}
      label="Engine failures"
      value=${countOf(failures)}
      hint=${`${countOf(failovers)} times another took over`}
      tone=${failures > 0 ? 'warn' : 'calm'}
    />
    <${Stat}
      label="Calls that failed"
      value=${countOf(broken)}
      hint=${percent(broken, calls)}
      tone=${broken > 0 ? 'bad' : 'calm'}
    />
  </dl>`;
}

const engineColours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'] as const;

function Charts({ figures: { buckets, total } }: { readonly figures: Figures }): VNode {
  const { moments, calls, answers, interruptions, failures } = useMemo(() => {
    const of = (name: string, colour: Line['colour'], value: (bucket: Bucket) => number | null): Line => ({
      name,
      colour,
      values: buckets.map(value),
    });
    return {
      moments: buckets.map(({ atMs }) => atMs),
      calls: [
        of('Ended well', '--series-1', ({ calls: n, endedBy: by }) =>
          Math.max(0, n - (by.failure ?? 0) - (by.lost ?? 0) - (by['turned-away'] ?? 0)),
        ),
        of('Turned away', '--series-2', ({ endedBy }) => endedBy['turned-away'] ?? 0),
        of('Failed', '--series-3', ({ endedBy }) => (endedBy.failure ?? 0) + (endedBy.lost ?? 0)),
      ],
      answers: [
        of('Median', '--series-1', ({ answerMs }) => answerMs?.p50 ?? null),
        of('95 of 100', '--series-2', ({ answerMs }) => answerMs?.p95 ?? null),
        of('99 of 100', '--series-3', ({ answerMs }) => answerMs?.p99 ?? null),
      ],
      interruptions: [
        of('By callers', '--series-1', ({ bargeIns, falseInterruptions: n }) => Math.max(0, bargeIns - n)),
        of('False ones', '--series-2', ({ falseInterruptions }) => falseInterruptions),
        of('Answered too soon', '--series-3', ({ takenBack }) => takenBack),
        of('Not understood', '--series-4', ({ notUnderstood }) => notUnderstood),
      ],
      failures: Object.keys(total.failures)
        .sort()
        .map((engine, at) =>
          of(
            shortly(engine, 30),
            engineColours[at % engineColours.length] ?? '--series-1',
            (bucket) => bucket.failures[engine] ?? 0,
          ),
        ),
    };
  }, [buckets, total]);
  if (total.calls === 0 && failures.length === 0)
    return html`<${Empty} icon="figures" title="No calls in this time">
      <p>Choose a longer time above, or call the bot: its figures are drawn here from the first call on.</p>
    <//>`;
  return html`<div class="charts">
    <${Chart}
      title="Calls"
      hint="by how they ended"
      kind="bars"
      moments=${moments}
      lines=${calls}
      format=${countOf}
    />
    <${Chart}
      title="Time to the answer"
      hint="from the end of what a caller said to the answer’s first sound"
      kind="lines"
      moments=${moments}
      lines=${answers}
      format=${millis}
    />
    <${Chart}
      title="Talking"
      hint="where caller and bot got in each other’s way"
      kind="bars"
      moments=${moments}
      lines=${interruptions}
      format=${countOf}
    />
    ${
      failures.length === 0
        ? html`<figure class="card chart">
            <figcaption><h2>Failures by engine</h2></figcaption>
            <p class="fine"><${GoodNews} /></p>
          </figure>`
        : html`<${Chart}
            title="Failures by engine"
            hint="requests that another engine had to answer, or nobody"
            kind="bars"
            moments=${moments}
            lines=${failures}
            format=${countOf}
          />`
    }
  </div>`;
}

function GoodNews(): VNode {
  return html`<span class="dot dot-good"></span> No engine failed in this time.`;
}
