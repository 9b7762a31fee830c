/** What hears, understands and speaks, in the order in which it is asked, and how it is. */
import type { Engine, Status } from '../contract.ts';
import { countOf, dayOf, languageOf, longDurationOf, shortly, timeOf } from './format.ts';
import { useNow } from './hooks.ts';
import { html, type VNode } from './html.ts';
import { Icon, type IconName } from './icons.ts';
import { Loading, Pill, Stat, type Tone, View } from './parts.ts';

const kinds: readonly (readonly [kind: Engine['kind'], name: string, what: string, icon: IconName])[] = [
  ['stt', 'Hearing', 'turns speech into text', 'hear'],
  ['nlu', 'Understanding', 'turns text into what is meant', 'understand'],
  ['tts', 'Speaking', 'turns text into speech', 'speak'],
];

const states: Readonly<Record<Engine['state'], readonly [says: string, tone: Tone, what: string]>> = {
  ok: ['Works', 'good', 'It answers.'],
  failing: ['Failing', 'warn', 'Its latest request failed less than a minute ago.'],
  resting: [
    'Left alone',
    'bad',
    'It failed several times in a row; it is tried again by itself, and no caller waits for it.',
  ],
};

export function EnginesView({ status }: { readonly status: Status | undefined }): VNode {
  return html`<${View}
    title="Engines"
    note="Who hears, understands and speaks, and who steps in when one fails."
  >
    ${status === undefined ? html`<${Loading} />` : html`<${Known} status=${status} />`}
  <//>`;
}

function Known({ status }: { readonly status: Status }): VNode {
  const now = useNow(30_000);
  const { calls, asterisk, engines, languages, keeps, store, version, startedAtMs } = status;
  return html`<div class="engine-kinds">
      ${kinds.map(
        ([kind, name, what, icon]) =>
          html`<section key=${kind} class="card engine-kind" aria-label=${name}>
            <header>
              <span class="kind-icon"><${Icon} name=${icon} /></span>
              <div>
                <h2>${name}</h2>
                <p class="quiet">${what}</p>
              </div>
            </header>
            <ol>
              ${engines
                .filter((engine) => engine.kind === kind)
                .sort((a, b) => a.place - b.place)
                .map((engine) => html`<${EngineRow} key=${engine.name} engine=${engine} />`)}
            </ol>
          </section>`,
      )}
    </div>
    <h2 class="section-title">The house</h2>
    <dl class="stats">
      <${Stat}
        label="Asterisk"
        value=${asterisk.connected ? 'Connected' : 'Not connected'}
        tone=${asterisk.connected ? 'good' : 'bad'}
        hint=${asterisk.connected ? undefined : 'no call is answered; npm run doctor says why'}
      />
      <${Stat}
        label="Lines in use"
        value=${`${calls.live} of ${calls.capacity}`}
        hint=${calls.draining ? 'draining' : undefined}
      />
      <${Stat}
        label="Store"
        value=${store.kind === 'postgres' ? 'Postgres' : 'SQLite'}
        tone=${store.dropped > 0 ? 'bad' : store.waiting > 100 ? 'warn' : 'calm'}
        hint=${
          store.dropped > 0
            ? `${countOf(store.dropped)} records were lost`
            : store.waiting > 0
              ? `${countOf(store.waiting)} records wait`
              : 'nothing waits'
        }
      />
      <${Stat}
        label="Kept"
        value=${keeps.recordings ? 'Words and voices' : keeps.calls ? 'Words' : 'Nothing'}
        hint=${keeps.calls || keeps.recordings ? `for ${keeps.days} days` : undefined}
      />
      <${Stat} label="Languages" value=${languages.length} hint=${languages.map(languageOf).join(', ')} />
      <${Stat} label="Running for" value=${longDurationOf(now - startedAtMs)} hint=${`Parley ${version}`} />
    </dl>`;
}

function EngineRow({
  engine: { name, place, state, failures, lastFailure, failovers },
}: {
  readonly engine: Engine;
}): VNode {
  const [says, tone, what] = states[state];
  const history =
    lastFailure === null
      ? 'no failure since the start'
      : [
          `${countOf(failures)} ${failures === 1 ? 'failure' : 'failures'}`,
          `the last ${dayOf(lastFailure.atMs).toLowerCase()} at ${timeOf(lastFailure.atMs)}`,
          ...(failovers === 0 ? [] : [`another stepped in ${countOf(failovers)} times`]),
        ].join(', ');
  return html`<li>
    <span class="place" aria-label=${place === 0 ? 'asked first' : `number ${place + 1}`}>${place + 1}</span>
    <div class="engine-says">
      <strong>${shortly(name, 60)}</strong>
      <span class="quiet">${history}</span>
      ${lastFailure === null ? null : html`<span class="mono quiet">${shortly(lastFailure.code, 60)}</span>`}
    </div>
    <span title=${what}><${Pill} tone=${tone}>${says}<//></span>
  </li>`;
}
