import { placeholdersOf, type BotContent } from '../../content.ts';
import type { OwnContent } from '../../own/overlay.ts';
import type { Label, LabelledText } from '../../own/sample.ts';
import type { OwnEntity } from '../../own/spec.ts';
import type { SlotName } from '../../spec.ts';
import { Findings, maskOf, type Entity } from '../entities.ts';
import type { Lexicon } from '../lexicon.ts';
import type { Token } from '../tokens.ts';
import { createListFinder } from './lists.ts';
import { trainSequenceTagger, type Sequence, type Unit } from './sequence.ts';

/** Finds the entities of a bot of one's own: before the built-in ones are looked for, and after. */
export interface OwnFinder {
  /** Lists and patterns, word for word: they come before anything else. */
  begin(words: readonly string[], findings: Findings): void;
  /** What only sounds like a list's value, and what is told by the words around it. */
  complete(words: readonly string[], findings: Findings, expecting?: SlotName | 'confirmation'): Findings;
  /** What the built-in finders should expect where an entity was asked for that is one of theirs in a role. */
  expectation(expecting: SlotName | 'confirmation' | undefined): SlotName | 'confirmation' | undefined;
}

/** Looks at a text with a finder that is not complete yet. */
export type Look = (
  text: string,
  finder: OwnFinder,
) => { readonly tokens: readonly Token[]; readonly findings: Findings };

// Words that nobody knows, so that an entity is known by the words around it and not by its own.
const strangeWords = ['Quorvath', 'Blimsen Quorvath', 'the Drimmel of Quorvath'];

/** Learns the bot's own entities from its lists and labelled samples. */
export function createOwnFinder(
  content: BotContent & { readonly own: OwnContent },
  lexicon: Lexicon,
  look: Look,
): OwnFinder {
  const { own } = content;
  const entities = new Map(own.entities.map((entity) => [entity.name, entity]));
  const lists = createListFinder(own.entities, lexicon);
  const open = own.entities.filter(({ kind }) => kind === 'learned').map(({ name }) => name);
  const roles = [
    ...own.entities.filter(({ kind }) => kind === 'is').map(({ name }) => name),
    ...sharedLists(own.entities),
  ];
  const expectation: OwnFinder['expectation'] = (expecting) => {
    const entity = expecting?.startsWith('@') === true ? entities.get(expecting.slice(1)) : undefined;
    return entity?.kind === 'is' ? builtInSlot(entity.of) : expecting;
  };
  const begin: OwnFinder['begin'] = (words, findings) => lists.exact(words, findings);
  const plain: OwnFinder = {
    begin,
    expectation,
    complete: (words, findings, expecting) => {
      const asked = expecting?.startsWith('@') === true ? expecting.slice(1) : undefined;
      lists.alike(words, findings, asked);
      return findings;
    },
  };
  if (open.length + roles.length === 0) return plain;

  const known = new Map(
    open.map((name) => [
      name,
      new Set((own.values[name] ?? []).flatMap((value) => value.toLowerCase().split(' '))),
    ]),
  );
  const tagger = trainSequenceTagger(trainingSequences(), open, roles, known);
  return { begin, expectation, complete };

  function complete(
    words: readonly string[],
    before: Findings,
    expecting?: SlotName | 'confirmation',
  ): Findings {
    const asked = expecting?.startsWith('@') === true ? expecting.slice(1) : undefined;
    const found = plain.complete(words, before, expecting);
    const units = unitsOf(words, found);
    const marks = tagger.mark(units);
    const findings = new Findings();
    for (const [at, mark] of marks.entries()) {
      const unit = units[at];
      if (unit === undefined || mark?.first !== true) continue;
      let to = unit.to;
      for (let next = at + 1; marks[next]?.first === false; next++) to = units[next]?.to ?? to;
      findings.add(
        roles.includes(mark.entity)
          ? inRole(unit.entity, mark.entity)
          : { kind: 'own', name: mark.entity, from: unit.from, to },
      );
    }
    // What was asked for is what is named, if nothing else says so.
    if (asked !== undefined && roles.includes(asked) && !findings.all().some((each) => isOwn(each, asked)))
      findings.add(inRole(units.find((unit) => unit.roles.includes(asked))?.entity, asked));
    for (const entity of found.all()) findings.add(entity);
    return findings;
  }

  function unitsOf(
    words: readonly string[],
    findings: Findings,
  ): (Unit & { readonly from: number; readonly to: number; readonly entity: Entity | undefined })[] {
    const units = [];
    for (let at = 0; at < words.length;) {
      const entity = findings.at(at);
      const to = entity?.to ?? at + 1;
      const word = entity === undefined ? (words[at] ?? '') : maskOf(entity);
      units.push({ word, roles: entity === undefined ? [] : rolesOf(entity), from: at, to, entity });
      at = to;
    }
    return units;
  }

  function rolesOf(entity: Entity): string[] {
    const names = namesOf(entity);
    return roles.filter((role) => {
      const own = entities.get(role);
      return names.includes(role) || (own?.kind === 'is' && names.includes(own.of));
    });
  }

  function trainingSequences(): Sequence[] {
    const texts: LabelledText[] = [...own.labelled];
    for (const [index, sample] of own.templates.entries())
      for (const round of [0, 1, 2]) texts.push(filled(sample, index + round, round));
    for (const { intent, common, samples } of content.intents) {
      // What the built-in intents name is none of them; every fourth sample tells it well enough.
      if (own.intents.has(intent)) continue;
      for (const [index, sample] of [...common, ...samples].entries())
        if (index % 4 === 0 || index < common.length) texts.push({ ...filled(sample, index, 0), labels: [] });
    }
    return texts.map(({ text, labels }) => sequenceOf(text, labels));
  }

  function sequenceOf(text: string, labels: readonly Label[]): Sequence {
    const { tokens, findings } = look(text, plain);
    const units = unitsOf(
      tokens.map(({ word }) => word),
      findings,
    );
    let before: Label | undefined;
    const marks = units.map((unit) => {
      const [start, end] = [tokens[unit.from]?.start ?? 0, tokens[unit.to - 1]?.end ?? 0];
      const label = labels
        .filter((each) => each.start < end && each.end > start)
        .filter(({ entity }) => open.includes(entity) || unit.roles.includes(entity))
        .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
      const first = label !== before;
      before = label;
      return label === undefined ? undefined : { entity: label.entity, first };
    });
    return { units, marks };
  }

  function filled(sample: string, turn: number, round: number): LabelledText {
    let text = '';
    let at = 0;
    const labels: Label[] = [];
    for (const name of placeholdersOf(sample)) {
      const place = sample.indexOf(`{${name}}`, at);
      text += sample.slice(at, place);
      const start = text.length;
      text += valueOf(name, turn, round);
      labels.push({ entity: name, start, end: text.length });
      at = place + name.length + 2;
    }
    return { text: text + sample.slice(at), labels };
  }

  function valueOf(name: string, turn: number, round: number): string {
    const examples: Readonly<Record<string, readonly string[]>> = content.words.examples;
    const values = own.values[name] ?? examples[name] ?? [];
    const others = round === 1 ? strangeWords : (examples['name'] ?? strangeWords);
    const from = values.length === 0 || (round > 0 && open.includes(name)) ? others : values;
    return from[turn % from.length] ?? '';
  }
}

/** The lists that have words in common with another: which of them is meant, the words around tell. */
function sharedLists(entities: readonly OwnEntity[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const entity of entities) {
    if (entity.kind !== 'list') continue;
    for (const phrase of Object.entries(entity.values).flat(2)) {
      const key = phrase.toLowerCase();
      owners.set(key, (owners.get(key) ?? new Set()).add(entity.name));
    }
  }
  return [...new Set([...owners.values()].filter((names) => names.size > 1).flatMap((names) => [...names]))];
}

function inRole(entity: Entity | undefined, role: string): Entity | undefined {
  if (entity === undefined) return undefined;
  const { from, to } = entity;
  if (entity.kind !== 'own') return { kind: 'own', name: role, base: entity, from, to };
  const listed = [entity, ...(entity.others ?? [])].find(({ name }) => name === role) ?? entity;
  return { ...entity, name: role, ...(listed.value !== undefined && { value: listed.value }) };
}

/** By what names an entity may be meant. */
function namesOf(entity: Entity): string[] {
  switch (entity.kind) {
    case 'city':
    case 'place':
      return ['city'];
    case 'day':
      return ['day'];
    case 'number':
      return ['count', 'extension'];
    case 'count':
      return ['count'];
    case 'name':
    case 'person':
      return ['name'];
    case 'own':
      return [entity.name, ...(entity.others ?? []).map(({ name }) => name)];
  }
}

function isOwn(entity: Entity, name: string): boolean {
  return entity.kind === 'own' && entity.name === name;
}

function builtInSlot(name: string): SlotName | undefined {
  return (['city', 'day', 'count', 'extension', 'name'] as const).find((each) => each === name);
}
