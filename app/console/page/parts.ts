/** What every view is put together from. */
import type { ApiError } from './api.ts';
import { shortly } from './format.ts';
import { type ComponentChildren, html, type VNode } from './html.ts';
import { Icon, type IconName } from './icons.ts';
import type { Utterance } from './talk.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'bot' | 'caller';

interface Children {
  readonly children?: ComponentChildren;
}

/** A view: its title, what stands beside it, and what it shows. */
export function View({
  title,
  note,
  tools,
  children,
}: Children & {
  readonly title: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly tools?: VNode;
}): VNode {
  return html`<section class="view" aria-labelledby="view-title">
    <header class="view-head">
      <div>
        <h1 id="view-title" tabindex="-1">${title}</h1>
        ${note === undefined ? null : html`<p class="quiet">${note}</p>`}
      </div>
      ${tools === undefined ? null : html`<div class="tools">${tools}</div>`}
    </header>
    ${children}
  </section>`;
}

/** Nothing is here yet, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
}: Children & { readonly icon: IconName; readonly title: string }): VNode {
  return html`<div class="empty">
    <span class="empty-icon"><${Icon} name=${icon} /></span>
    <h2>${title}</h2>
    <div class="empty-text">${children}</div>
  </div>`;
}

/** What went wrong, with its remedy. */
export function Problem({ error, retry }: { readonly error: ApiError; readonly retry?: () => void }): VNode {
  return html`<div class="problem" role="alert">
    <${Icon} name="warning" />
    <div>
      <p class="problem-says">${shortly(error.message, 600)}</p>
      ${error.remedy === '' ? null : html`<p>${shortly(error.remedy, 600)}</p>`}
      <p class="quiet mono">${error.code}</p>
    </div>
    ${retry === undefined ? null : html`<button class="button" onClick=${retry}>Try again</button>`}
  </div>`;
}

export function Pill({ tone = 'calm', children }: Children & { readonly tone?: Tone }): VNode {
  return html`<span class=${`pill pill-${tone}`}>${children}</span>`;
}

/** One figure with its name. */
export function Stat({
  label,
  value,
  hint,
  tone = 'calm',
}: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly hint?: ComponentChildren;
  readonly tone?: Tone;
}): VNode {
  return html`<div class=${`stat stat-${tone}`}>
    <dt>${label}</dt>
    <dd>
      <span class="stat-value">${value}</span>
      ${hint === undefined ? null : html`<span class="stat-hint">${hint}</span>`}
    </dd>
  </div>`;
}

/** The shape of what is being loaded. */
export function Loading({ rows = 4 }: { readonly rows?: number }): VNode {
  return html`<div class="loading" role="status" aria-label="Loading">
    ${Array.from({ length: rows }, (_, row) => html`<span key=${row} class="bone"></span>`)}
  </div>`;
}

/** Who calls, as the network gave it: never to be trusted, so kept apart from the writing direction around it. */
export function Caller({
  caller: { name, number },
}: {
  readonly caller: { readonly name: string; readonly number: string };
}): VNode {
  const [first, second] = name === '' ? [number, ''] : [name, number];
  return html`<span class="caller" title=${shortly(`${name} ${number}`.trim(), 200)}>
    <bdi class="caller-name">${first === '' ? 'Unknown caller' : shortly(first, 300)}</bdi>
    ${second === '' ? null : html`<bdi class="caller-number">${shortly(second, 60)}</bdi>`}
  </span>`;
}

/** One of several, as buttons side by side. */
export function Choice<T extends string>({
  label,
  options,
  chosen,
  choose,
}: {
  readonly label: string;
  readonly options: readonly (readonly [value: T, name: ComponentChildren, title?: string])[];
  readonly chosen: T;
  readonly choose: (value: T) => void;
}): VNode {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([value, name, title]) =>
        html`<button
          key=${value}
          type="button"
          aria-pressed=${value === chosen}
          aria-label=${title}
          title=${title}
          onClick=${() => choose(value)}
        >
          ${name}
        </button>`,
    )}
  </div>`;
}

/** What somebody said. `now`: it is being heard. */
export function Bubble({
  utterance: { who, text, keyed },
  now = false,
}: {
  readonly utterance: Utterance;
  readonly now?: boolean;
}): VNode {
  return html`<p class=${`bubble bubble-${who}${now ? ' now' : ''}`}>
    <span class="sr">${who === 'caller' ? 'Caller: ' : 'Bot: '}</span>
    ${keyed ? html`<span class="keyed">keys</span>` : null}<bdi
      >${text === '' ? '(nothing heard)' : text}</bdi
    >
  </p>`;
}
