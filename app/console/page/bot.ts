/** What the bot knows: what callers may say, what it stands for, and what is always said in the same words. */
import type { Content } from '../contract.ts';
import { countOf, languageOf, spaced } from './format.ts';
import { useLoad } from './hooks.ts';
import { html, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Choice, Empty, Loading, Pill, Problem, View } from './parts.ts';

type Spoken = Content['languages'][number];

const shownAtFirst = 6;

export function BotView(): VNode {
  const { data, error, reload } = useLoad<Content>('/api/content');
  const [chosen, choose] = useState('');
  const [search, setSearch] = useState('');
  const spoken = data?.languages.find(({ language }) => language === chosen) ?? data?.languages[0];
  const tools =
    data === undefined || data.languages.length < 2
      ? undefined
      : html`<${Choice}
          label="Language"
          chosen=${spoken?.language ?? ''}
          choose=${choose}
          options=${data.languages.map(({ language }) => [language, languageOf(language)])}
        />`;
  return html`<${View} title="The bot" note="What callers may ask for, and in which words." tools=${tools}>
    ${error === undefined ? null : html`<${Problem} error=${error} retry=${reload} />`}
    ${
      spoken === undefined
        ? error === undefined
          ? html`<${Loading} rows=${6} />`
          : null
        : html`<form class="filters" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
              <label class="with-icon filter-text">
                <span class="sr">Find in what the bot knows</span>
                <${Icon} name="search" />
                <input
                  type="search"
                  placeholder="Find words"
                  value=${search}
                  onInput=${(event: Event) => setSearch((event.currentTarget as HTMLInputElement).value)}
                />
              </label>
            </form>
            <${Knowledge}
              spoken=${spoken}
              directory=${data?.directory ?? {}}
              search=${search.trim().toLowerCase()}
            />`
    }
  <//>`;
}

function Knowledge({
  spoken: { intents, entities, prompts },
  directory,
  search,
}: {
  readonly spoken: Spoken;
  readonly directory: Content['directory'];
  readonly search: string;
}): VNode {
  const fits = (...texts: readonly string[]): boolean =>
    texts.some((text) => text.toLowerCase().includes(search));
  const found = intents.flatMap((intent) => {
    const whole = fits(intent.intent, spaced(intent.intent));
    const samples = whole ? intent.samples : intent.samples.filter((sample) => fits(sample));
    return whole || samples.length > 0 ? [{ ...intent, samples }] : [];
  });
  const values = entities.filter(({ name, values: all }) => fits(name, ...all));
  const said = prompts.filter(({ name, text }) => fits(name, text));
  const people = Object.entries(directory).filter((entry) => fits(...entry));
  if (found.length + values.length + said.length + people.length === 0)
    return html`<${Empty} icon="search" title="Nothing like that">
      <p>The bot knows no such words. Teach it: docs/bot.md says how.</p>
    <//>`;
  return html`<div class="knowledge">
      ${found.map((intent) => html`<${IntentCard} key=${intent.intent} intent=${intent} all=${search !== ''} />`)}
    </div>
    ${
      values.length === 0
        ? null
        : html`<h2 class="section-title">Entities of your own</h2>
            <div class="knowledge">
              ${values.map(
                ({ name, kind, values: all }) =>
                  html`<section key=${name} class="card intent">
                    <header>
                      <h3>${name}</h3>
                      <${Pill}>${kind}<//>
                    </header>
                    <p class="tags">
                      ${all.slice(0, 30).map((value) => html`<span key=${value} class="tag">${value}</span>`)}
                    </p>
                  </section>`,
              )}
            </div>`
    }
    ${
      people.length === 0
        ? null
        : html`<h2 class="section-title">Directory</h2>
            <dl class="card pairs">
              ${people.map(
                ([name, number]) =>
                  html`<div key=${name}>
                    <dt><bdi>${name}</bdi></dt>
                    <dd class="mono">${number}</dd>
                  </div>`,
              )}
            </dl>`
    }
    ${
      said.length === 0
        ? null
        : html`<h2 class="section-title">Always said like this</h2>
            <dl class="card pairs">
              ${said.map(
                ({ name, text }) =>
                  html`<div key=${name}>
                    <dt>${spaced(name)}</dt>
                    <dd><bdi>${text}</bdi></dd>
                  </div>`,
              )}
            </dl>`
    }`;
}

function IntentCard({
  intent: { intent, slots, samples, own },
  all,
}: {
  readonly intent: Spoken['intents'][number];
  readonly all: boolean;
}): VNode {
  const [first, rest] = all ? [samples, []] : [samples.slice(0, shownAtFirst), samples.slice(shownAtFirst)];
  return html`<section class="card intent">
    <header>
      <h3>${spaced(intent)}</h3>
      ${own ? html`<${Pill} tone="bot">your own<//>` : null}
      <a class="link" href=${`#/calls?intent=${encodeURIComponent(intent)}`}>Calls</a>
    </header>
    ${
      slots.length === 0
        ? null
        : html`<p class="tags">
            ${slots.map((slot) => html`<span key=${slot} class="tag tag-slot">${slot}</span>`)}
          </p>`
    }
    <ul class="samples">
      ${first.map((sample) => html`<li key=${sample}><${Sample} text=${sample} /></li>`)}
    </ul>
    ${
      rest.length === 0
        ? null
        : html`<details>
            <summary>${countOf(rest.length)} more</summary>
            <ul class="samples">
              ${rest.map((sample) => html`<li key=${sample}><${Sample} text=${sample} /></li>`)}
            </ul>
          </details>`
    }
  </section>`;
}

/** A sample utterance; `{city}` and the like stand out. */
function Sample({ text }: { readonly text: string }): VNode {
  return html`<bdi>
    ${text.split(/(\{[^}]*\})/).map((part, at) => (at % 2 === 1 ? html`<mark>${part.slice(1, -1)}</mark>` : part))}
  </bdi>`;
}
