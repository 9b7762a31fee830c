/** Where a turn's time went, and what the ladder of understanding thought. */
import type { Rung, Turn, TurnTimes } from '../contract.ts';
import { millis, shortly, spaced } from './format.ts';
import { html, type VNode } from './html.ts';
import { Pill, type Tone } from './parts.ts';

interface Stage {
  readonly name: string;
  readonly what: string;
  readonly key: string;
  /** Milliseconds since the caller stopped speaking. */
  readonly fromMs: number;
  readonly toMs: number;
}

const stageNames = [
  ['judging', 'End of turn', 'the caller stopped: has the turn ended?', 'speechEnded', 'turnOver'],
  ['hearing', 'Hearing', 'until the final text', 'speechEnded', 'finalText'],
  ['understanding', 'Understanding', 'what is meant', 'finalText', 'understood'],
  ['doing', 'Doing', 'the skill finds its answer', 'understood', 'done'],
  ['speaking', 'Speaking', 'until the answer’s first sound is made', 'done', 'synthesised'],
  ['playing', 'Playing', 'on its way to the caller', 'ready', 'started'],
] as const;

/** The stages that are known of a turn. They overlap: while the end of the turn is judged, the rest is done already. */
function stagesOf(times: TurnTimes): Stage[] {
  const { speechEnded, finalText, turnOver, synthesised } = times;
  const zero = speechEnded ?? finalText;
  if (zero === undefined) return [];
  const ready = synthesised === undefined ? undefined : Math.max(synthesised, turnOver ?? synthesised);
  const moments = { ...times, ready };
  return stageNames.flatMap(([key, name, what, from, to]) => {
    const [began, ended] = [moments[from], moments[to]];
    if (began === undefined || ended === undefined) return [];
    const fromMs = Math.max(0, began - zero);
    return [{ key, name, what, fromMs, toMs: Math.max(fromMs, ended - zero) }];
  });
}

/** From the end of what the caller said to the answer's first sound. */
function answerMs({ speechEnded, started }: TurnTimes): number | undefined {
  return speechEnded === undefined || started === undefined ? undefined : Math.max(0, started - speechEnded);
}

/** One scale for all turns of a call, so that the eye can compare them: a round number of milliseconds. */
export function scaleOf(turns: readonly Turn[]): number {
  const longest = Math.max(400, ...turns.flatMap(({ times }) => stagesOf(times).map(({ toMs }) => toMs)));
  const step = longest > 2_000 ? 1_000 : 200;
  return Math.ceil(longest / step) * step;
}

export function Waterfall({
  times,
  scaleMs,
}: {
  readonly times: TurnTimes;
  readonly scaleMs: number;
}): VNode | null {
  const stages = stagesOf(times);
  if (stages.length === 0) return null;
  const total = answerMs(times);
  const share = (ms: number): string => `${(100 * ms) / scaleMs}%`;
  return html`<figure class="waterfall">
    <figcaption>
      <span>Time to the answer</span>
      ${total === undefined ? null : html`<strong>${millis(total)}</strong>`}
    </figcaption>
    <ol>
      ${stages.map(
        ({ key, name, what, fromMs, toMs }) =>
          html`<li key=${key} title=${`${name}: ${what}`}>
            <span class="stage-name">${name}</span>
            <span class="stage-track">
              <span
                class=${`stage-bar stage-${key}`}
                style=${{ left: share(fromMs), width: share(toMs - fromMs) }}
              ></span>
            </span>
            <span class="stage-ms">${millis(toMs - fromMs)}</span>
          </li>`,
      )}
    </ol>
    <div class="waterfall-scale" aria-hidden="true"><span>0</span><span>${millis(scaleMs)}</span></div>
  </figure>`;
}

const outcomes: Readonly<Record<Rung['outcome'], readonly [says: string, tone: Tone]>> = {
  accepted: ['sure', 'good'],
  unsure: ['not sure', 'warn'],
  failed: ['failed', 'bad'],
  skipped: ['left alone', 'calm'],
};

/** What each understander said, in the order in which they were asked. */
export function Ladder({ rungs }: { readonly rungs: readonly Rung[] }): VNode | null {
  if (rungs.length === 0) return null;
  return html`<div class="ladder">
    <p class="small-title">Understanding</p>
    <ol>
      ${rungs.map(({ name, ms, outcome, intent, confidence, code }, at) => {
        const [says, tone] = outcomes[outcome];
        return html`<li key=${at}>
          <span class="rung-name">${shortly(name, 40)}</span>
          <${Pill} tone=${tone}>${says}<//>
          <span class="rung-thought">
            ${intent === undefined ? (code ?? '') : spaced(shortly(intent, 40))}
            ${confidence === undefined ? null : html`<${Sureness} confidence=${confidence} />`}
          </span>
          <span class="stage-ms">${millis(ms)}</span>
        </li>`;
      })}
    </ol>
  </div>`;
}

/** How sure, as a bar and in percent. */
export function Sureness({ confidence }: { readonly confidence: number }): VNode {
  const percent = Math.round(100 * confidence);
  return html`<span class="sureness" title="How sure it is">
    <span class="sureness-track" aria-hidden="true"><span style=${{ width: `${percent}%` }}></span></span>
    ${percent} %
  </span>`;
}
