/** History: what is kept of calls, newest first, filtered and page by page. */
import type { Call, CallPage, EndedBy } from '../contract.ts';
import { type ApiError, get, withQuery } from './api.ts';
import type { FeedState } from './feed.ts';
import { dayOf, durationOf, languageOf, millis, momentOf, minuteOf, shortly, spaced } from './format.ts';
import { asApiError } from './hooks.ts';
import { html, useEffect, useRef, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Caller, Empty, Loading, Pill, Problem, type Tone, View } from './parts.ts';

export const endings: Readonly<Record<EndedBy, readonly [says: string, tone: Tone]>> = {
  caller: ['Caller hung up', 'calm'],
  bot: ['Bot said goodbye', 'good'],
  operator: ['Operator hung up', 'calm'],
  failure: ['Failure', 'bad'],
  'turned-away': ['All lines busy', 'warn'],
  lost: ['Lost', 'bad'],
};

const dayMs = 86_400_000;
const periods = { '': 'Any time', '1': 'Last 24 hours', '7': 'Last 7 days', '30': 'Last 30 days' };
const fields = ['text', 'caller', 'endedBy', 'intent', 'days'] as const;
type Filter = Readonly<Record<(typeof fields)[number], string>>;

function filterOf(query: URLSearchParams): Filter {
  return Object.fromEntries(fields.map((name) => [name, query.get(name) ?? ''])) as Filter;
}

export function CallsView({
  query,
  feed,
  callTheBot,
}: {
  readonly query: URLSearchParams;
  readonly feed: FeedState;
  readonly callTheBot: () => void;
}): VNode {
  const filter = filterOf(query);
  const { calls, next, error, loading, more, reload } = useCalls(filter, feed.ended);
  const filtered = fields.some((name) => filter[name] !== '');
  return html`<${View} title="Calls" note="What was heard and said in the calls so far.">
    <${Filters} filter=${filter} />
    ${error === undefined ? null : html`<${Problem} error=${error} retry=${reload} />`}
    ${
      calls === undefined
        ? loading
          ? html`<${Loading} rows=${8} />`
          : null
        : calls.length === 0
          ? html`<${NoCalls} filtered=${filtered} feed=${feed} callTheBot=${callTheBot} />`
          : html`<${CallTable} calls=${calls} />`
    }
    ${
      next === null || calls === undefined || calls.length === 0
        ? null
        : html`<p class="more">
            <button class="button" disabled=${loading} onClick=${more}>
              ${loading ? 'Loading…' : 'Older calls'}
            </button>
          </p>`
    }
  <//>`;
}

interface Known {
  readonly key: string;
  readonly calls: readonly Call[] | undefined;
  readonly next: string | null;
  readonly error: ApiError | undefined;
  readonly loading: boolean;
}

/** @param ended how many calls have ended meanwhile: the newest are then loaded anew, and the rest stays. */
function useCalls(
  filter: Filter,
  ended: number,
): Known & { readonly more: () => void; readonly reload: () => void } {
  const key = JSON.stringify(filter);
  const [known, set] = useState<Known>({
    key,
    calls: undefined,
    next: null,
    error: undefined,
    loading: true,
  });
  const [times, again] = useState(0);
  const asked = useRef(key);

  const load = (cursor: string | null, signal?: AbortSignal): void => {
    const { days, ...rest } = filter;
    const path = withQuery('/api/calls', {
      ...rest,
      fromMs: days === '' ? undefined : Date.now() - Number(days) * dayMs,
      cursor: cursor ?? undefined,
      limit: 50,
    });
    set((before) => ({ ...before, error: undefined, loading: true }));
    get<CallPage>(path, signal).then(
      (page) => {
        if (asked.current === key) set((before) => withPage(before, key, page, cursor !== null));
      },
      (reason: unknown) => {
        if (asked.current === key && signal?.aborted !== true)
          set((before) => ({ ...before, error: asApiError(reason), loading: false }));
      },
    );
  };
  useEffect(() => {
    const controller = new AbortController();
    asked.current = key;
    load(null, controller.signal);
    return () => controller.abort();
  }, [key, ended, times]);
  return { ...known, more: () => load(known.next), reload: () => again((n) => n + 1) };
}

function withPage(before: Known, key: string, { calls, next }: CallPage, older: boolean): Known {
  const known = before.key === key ? (before.calls ?? []) : [];
  const fresh = new Set(calls.map(({ id }) => id));
  const rest = known.filter(({ id }) => !fresh.has(id));
  const all = older ? [...known.filter(({ id }) => !fresh.has(id)), ...calls] : [...calls, ...rest];
  // The newest were loaded anew: the way to the older ones is still that of the last page.
  return {
    key,
    calls: all,
    next: older || rest.length === 0 ? next : before.next,
    error: undefined,
    loading: false,
  };
}

function Filters({ filter }: { readonly filter: Filter }): VNode {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const go = (name: keyof Filter, value: string): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      location.replace(`#${withQuery('/calls', { ...filter, [name]: value.slice(0, 200) })}`);
    }, 250);
  };
  const input = (name: keyof Filter) => (event: Event) =>
    go(name, (event.currentTarget as HTMLInputElement | HTMLSelectElement).value);
  const option = ([value, name]: readonly [string, string], chosen: string): VNode =>
    html`<option key=${value} value=${value} selected=${value === chosen}>${name}</option>`;
  const active = fields.some((name) => filter[name] !== '');
  return html`<form class="filters" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
    <label class="with-icon filter-text">
      <span class="sr">Words that were heard or said</span>
      <${Icon} name="search" />
      <input
        type="search"
        placeholder="Words heard or said"
        value=${filter.text}
        onInput=${input('text')}
        maxlength="200"
      />
    </label>
    <label>
      <span class="sr">Caller’s number or name</span>
      <input placeholder="Caller" value=${filter.caller} onInput=${input('caller')} maxlength="200" />
    </label>
    <label>
      <span class="sr">How it ended</span>
      <select onChange=${input('endedBy')}>
        ${[
          ['', 'Any ending'] as const,
          ...Object.entries(endings).map(([by, [says]]) => [by, says] as const),
        ].map((entry) => option(entry, filter.endedBy))}
      </select>
    </label>
    <label>
      <span class="sr">When</span>
      <select onChange=${input('days')}>
        ${Object.entries(periods)
          .sort(([a], [b]) => Number(a) - Number(b))
          .map((entry) => option(entry, filter.days))}
      </select>
    </label>
    ${
      filter.intent === ''
        ? null
        : html`<a class="pill pill-bot" href=${`#${withQuery('/calls', { ...filter, intent: '' })}`}>
            ${spaced(shortly(filter.intent, 40))} <span aria-label="remove this filter">×</span>
          </a>`
    }
    ${active ? html`<a class="link" href="#/calls">Clear</a>` : null}
  </form>`;
}

function NoCalls({
  filtered,
  feed: { status },
  callTheBot,
}: {
  readonly filtered: boolean;
  readonly feed: FeedState;
  readonly callTheBot: () => void;
}): VNode {
  if (filtered)
    return html`<${Empty} icon="search" title="No such call">
      <p>No call that is kept fits all of this.</p>
      <p class="actions"><a class="button" href="#/calls">Show all calls</a></p>
    <//>`;
  if (status?.keeps.calls === false)
    return html`<${Empty} icon="calls" title="Calls are not kept">
      <p>
        Set <code>PARLEY_STORE_KEEP_CALLS=true</code> and start Parley again; from then on each call is found
        here.
      </p>
    <//>`;
  return html`<${Empty} icon="calls" title="No calls yet">
    <p>After the first call its words, times and voices are found here.</p>
    <p class="actions">
      <button class="button button-main" onClick=${callTheBot}>
        <${Icon} name="phone" /> Call the bot from here
      </button>
    </p>
  <//>`;
}

function CallTable({ calls }: { readonly calls: readonly Call[] }): VNode {
  const days = new Map<string, Call[]>();
  for (const call of calls) {
    const day = dayOf(call.startedAtMs);
    const those = days.get(day);
    if (those === undefined) days.set(day, [call]);
    else those.push(call);
  }
  return html`<table class="calls">
    <thead>
      <tr>
        <th scope="col">Caller</th>
        <th scope="col">When</th>
        <th scope="col" class="number">Length</th>
        <th scope="col">What it was about</th>
        <th scope="col" class="number">Answer</th>
        <th scope="col">End</th>
      </tr>
    </thead>
    ${[...days].map(
      ([day, those]) =>
        html`<tbody key=${day}>
          <tr class="day">
            <th colspan="6" scope="rowgroup">${day}</th>
          </tr>
          ${those.map((call) => html`<${CallRow} key=${call.id} call=${call} />`)}
        </tbody>`,
    )}
  </table>`;
}

function CallRow({ call }: { readonly call: Call }): VNode {
  const [says, tone] = call.endedBy === null ? (['Running', 'bot'] as const) : endings[call.endedBy];
  return html`<tr class="call-row">
    <td class="cell-caller">
      <a href=${`#/calls/${encodeURIComponent(call.id)}`}><${Caller} caller=${call.caller} /></a>
    </td>
    <td class="cell-when" title=${momentOf(call.startedAtMs)}>${minuteOf(call.startedAtMs)}</td>
    <td class="cell-length number">${call.durationMs === null ? '–' : durationOf(call.durationMs)}</td>
    <td class="cell-about">
      ${
        call.intents.length === 0
          ? html`<span class="quiet">${call.turns === 0 ? 'nothing was said' : '–'}</span>`
          : call.intents
              .slice(0, 3)
              .map((intent) => html`<span class="tag" key=${intent}>${spaced(shortly(intent, 40))}</span>`)
      }
      ${call.intents.length > 3 ? html`<span class="quiet">+${call.intents.length - 3}</span>` : null}
    </td>
    <td
      class="cell-answer number"
      title="Median time from the end of what was said to the answer’s first sound"
    >
      ${call.answerP50Ms === null ? html`<span class="quiet">–</span>` : millis(call.answerP50Ms)}
    </td>
    <td class="cell-end">
      <${Pill} tone=${tone}>${says}<//>
      ${
        call.recording === null
          ? null
          : html`<span class="recorded" title=${`Both voices are kept; ${languageOf(call.language)}`}>
              <${Icon} name="live" /><span class="sr">recorded</span>
            </span>`
      }
    </td>
  </tr>`;
}
