import { placeholders, type BotContent } from '../content.ts';
import { isBuiltIn, checkAgainst } from './load.ts';
import { entitiesOf, labelled, templateOf, type LabelledText, type Sample } from './sample.ts';
import type { OwnBot, OwnEntity } from './spec.ts';

/** What a bot of one's own adds to the content beside intents. */
export interface OwnContent {
  readonly entities: readonly OwnEntity[];
  /** Samples whose values are all written out, to learn from how they are named. */
  readonly labelled: readonly LabelledText[];
  /** The words of each intent's labelled samples. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** How many samples each intent has of the bot's own; they come last. */
  readonly counts: Readonly<Record<string, number>>;
  /** All samples with placeholders in place of the values. */
  readonly templates: readonly string[];
  /** Intents that take the bot's own entities. */
  readonly intents: ReadonlySet<string>;
  /** Values that stand for an entity in samples and in phrases for the recogniser, by its name. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly phrases: readonly string[];
  /** Names of intents and entities where they were imported from. */
  readonly was: Readonly<Record<string, string>>;
}

/** Lays a bot of one's own over a language's content. @throws ParleyError `bot-content-invalid`. */
export function overlay(content: BotContent, own: OwnBot): BotContent {
  checkAgainst(own, content);
  const isWhole = (name: string): boolean =>
    own.entities.find((entity) => entity.name === name)?.kind !== 'parts';
  const template = (sample: Sample): string => templateOf(sample, isWhole);
  const kept = content.intents.filter(({ intent }) => !own.without.includes(intent));
  const intents = new Map(kept.map((each) => [each.intent, each]));
  const counts: Record<string, number> = {};
  for (const { intent, common, samples, answer } of own.intents) {
    const before = intents.get(intent);
    const named = new Set([...common, ...samples].flatMap(entitiesOf));
    for (const { slot } of answer?.needs ?? []) named.add(slot);
    for (const slot of answer?.remembers ?? []) named.add(slot);
    const slots = placeholders.filter((name) => named.has(name));
    const more = {
      common: [...new Set(common.map(template))],
      samples: [...new Set(samples.map(template))],
    };
    counts[intent] = more.common.length + more.samples.length;
    intents.set(intent, {
      intent,
      slots: [...new Set([...(before?.slots ?? []), ...slots])],
      common: before?.common ?? more.common,
      samples: [...(before?.samples ?? []), ...(before === undefined ? [] : more.common), ...more.samples],
    });
  }
  const all = own.intents.flatMap(({ common, samples }) => [...common, ...samples]);
  const texts = all.flatMap((sample) => labelled(sample) ?? []);
  // A value alone, or two together, answer a question.
  const alone = own.entities.filter(({ kind }) => kind !== 'learned' && kind !== 'parts');
  const pairs = own.intents.flatMap(({ answer }) => {
    const names = answer?.needs.map(({ slot }) => slot.replace('@', '')) ?? [];
    return names.flatMap((one) =>
      names.filter((other) => other !== one).map((other) => `{${one}} {${other}}`),
    );
  });
  return {
    ...content,
    fragments: {
      ...content.fragments,
      samples: [...content.fragments.samples, ...alone.map(({ name }) => `{${name}}`), ...pairs],
    },
    intents: [...intents.values()].sort((a, b) => (a.intent < b.intent ? -1 : 1)),
    own: {
      entities: own.entities,
      labelled: texts,
      texts: Object.fromEntries(
        own.intents.map(({ intent, common, samples }) => [
          intent,
          [...common, ...samples].flatMap((sample) => {
            const whole = labelled(sample);
            return whole === undefined || whole.labels.length === 0 ? [] : [whole.text];
          }),
        ]),
      ),
      templates: [...new Set(all.map(template))].filter((sample) => sample.includes('{')),
      intents: new Set(own.intents.map(({ intent }) => intent)),
      counts,
      values: valuesOf(own.entities, texts, content.words.examples),
      phrases: own.phrases,
      was: Object.fromEntries([
        ...own.intents.flatMap(({ intent, was = intent }) =>
          was === intent ? [] : [[intent, was] as const],
        ),
        ...own.entities.flatMap(({ name, was = name }) => (was === name ? [] : [[name, was] as const])),
      ]),
    },
  };
}

// What an entity's placeholder may be filled with: its list, its examples, and how samples name it.
function valuesOf(
  entities: readonly OwnEntity[],
  texts: readonly LabelledText[],
  examples: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const values = new Map<string, Set<string>>(entities.map(({ name }) => [name, new Set<string>()]));
  for (const entity of entities) {
    if (entity.kind === 'list')
      for (const [value, synonyms] of Object.entries(entity.values))
        for (const each of [value, ...synonyms]) values.get(entity.name)?.add(each);
    if (entity.kind === 'learned') for (const each of entity.examples) values.get(entity.name)?.add(each);
  }
  for (const { text, labels } of texts)
    for (const { entity, start, end } of labels) values.get(entity)?.add(text.slice(start, end));
  // A role that nobody has an example of is filled like what it is a role of.
  for (const entity of entities) {
    if (entity.kind !== 'is') continue;
    const base = isBuiltIn(entity.of) ? (examples[entity.of] ?? []) : [...(values.get(entity.of) ?? [])];
    for (const each of base) values.get(entity.name)?.add(each);
  }
  return Object.fromEntries([...values].map(([name, set]) => [name, [...set]]));
}
