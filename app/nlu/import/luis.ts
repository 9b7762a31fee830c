import { placeholders } from '../content.ts';
import { parseSample, sampleFrom, type Label } from '../own/sample.ts';
import type { OwnEntity } from '../own/spec.ts';
import type { LuisApp, LuisLabel, LuisMlEntity } from './luis-schema.ts';
import { Names } from './names.ts';
import { expandPattern } from './pattern.ts';
import { prebuiltOf } from './prebuilt.ts';
import type { ImportedApp, ImportedUtterance } from './spec.ts';

/** What is read here; everything else of an app is left over. */
const read = new Set([
  ...[
    'luis_schema_version',
    'name',
    'culture',
    'intents',
    'entities',
    'hierarchicals',
    'composites',
    'closedLists',
  ],
  ...['prebuiltEntities', 'patternAnyEntities', 'regex_entities', 'utterances'],
]);

/** Brings an exported LUIS app into Parley's terms. What has no equivalent is left over, and told in the notes. */
export function importLuis(app: LuisApp): ImportedApp {
  const names = new Names(placeholders);
  const intentNames = new Names([]);
  const entities: OwnEntity[] = [];
  const notes: string[] = [];
  const crossing: object[] = [];
  const cutPatterns: string[] = [];

  readLists();
  readPatternsOfWords();
  readPrebuilt();
  for (const { name, roles, explicitList } of app.patternAnyEntities) {
    add(name, name, { kind: 'learned', examples: explicitList });
    addRoles(name, roles, 'learned');
  }
  for (const entity of app.entities) readMl(entity, entity.name);
  for (const { name, children, roles } of app.hierarchicals) {
    for (const child of children.map(nameOf))
      add(`${name}::${child}`, child, { kind: 'learned', examples: [] });
    addRoles(name, roles, 'learned');
  }
  // Children may be any entity that was read before.
  for (const { name, children, roles } of app.composites) {
    const parts = children.map((child) => names.find(nameOf(child)) ?? learned(nameOf(child)));
    add(name, name, { kind: 'parts', parts });
    addRoles(name, roles, 'parts', parts);
  }
  const intents = app.intents.map(({ name }) => ({ intent: intentNames.of(name), was: name }));
  const utterances = app.utterances.map(readUtterance);
  const patterns = app.patterns.flatMap(readPattern);
  const phrases = [...app.phraselists, ...app.model_features].flatMap(({ words }) =>
    words.split(',').flatMap((word) => word.trim() || []),
  );
  return {
    name: app.name,
    format: `LUIS ${app.luis_schema_version}`,
    language: (app.culture.split('-')[0] ?? 'en').toLowerCase(),
    intents,
    entities,
    utterances,
    patterns,
    phrases,
    leftovers: leftovers(),
    notes,
  };

  function add(key: string, name: string, entity: Bare): string {
    const word = names.of(name, key);
    entities.push({ name: word, ...(word !== name && { was: name }), ...entity });
    return word;
  }

  function learned(name: string): string {
    return add(name, name, { kind: 'learned', examples: [] });
  }

  // A role of something that is found by its words is told by the words around it; a role of what is itself told so, too.
  function addRoles(
    entity: string,
    roles: readonly string[],
    kind: 'is' | 'learned' | 'parts',
    parts: readonly string[] = [],
  ): void {
    for (const role of roles) {
      const of = names.find(entity) ?? entity;
      const bare: Bare =
        kind === 'is' ? { kind, of } : kind === 'parts' ? { kind, parts } : { kind, examples: [] };
      add(`${entity}:${role}`, role, bare);
    }
  }

  function readLists(): void {
    for (const { name, subLists, roles } of app.closedLists) {
      const values = new Map<string, string[]>();
      for (const { canonicalForm, list } of subLists)
        values.set(canonicalForm, [...(values.get(canonicalForm) ?? []), ...list]);
      add(name, name, { kind: 'list', values: Object.fromEntries(values) });
      addRoles(name, roles, 'is');
    }
  }

  function readPatternsOfWords(): void {
    for (const { name, regexPattern, roles } of app.regex_entities) {
      add(name, name, { kind: 'regex', pattern: regexPattern });
      addRoles(name, roles, 'is');
    }
  }

  function readPrebuilt(): void {
    for (const { name, roles } of app.prebuiltEntities) {
      const prebuilt = prebuiltOf(name);
      if (prebuilt.kind === 'built-in') names.set(name, prebuilt.name);
      else if (prebuilt.kind === 'pattern') {
        add(name, name, { kind: 'regex', pattern: prebuilt.regex });
        notes.push(`The prebuilt entity ${name} is approximated by a pattern: look at it in entities.yaml.`);
      } else {
        learned(name);
        notes.push(
          `The prebuilt entity ${name} has no equivalent: it is learned from its labels, if there are any.`,
        );
      }
      addRoles(name, roles, prebuilt.kind === 'unknown' ? 'learned' : 'is');
    }
  }

  function readMl(entity: LuisMlEntity, path: string): string {
    // A feature that must be there makes it an instance of that entity.
    const base = entity.features.find(
      ({ isRequired, modelName }) => isRequired === true && modelName !== undefined,
    );
    const of = base?.modelName === undefined ? undefined : names.find(base.modelName);
    if (entity.children.length > 0) {
      const parts = entity.children.map((child) => readMl(child, `${path}/${child.name}`));
      const word = add(path, entity.name, { kind: 'parts', parts });
      addRoles(path, entity.roles, 'parts', parts);
      return word;
    }
    const word = add(
      path,
      entity.name,
      of === undefined ? { kind: 'learned', examples: [] } : { kind: 'is', of },
    );
    addRoles(path, entity.roles, 'learned');
    return word;
  }

  function readUtterance({
    text,
    intent,
    entities: labels,
  }: LuisApp['utterances'][number]): ImportedUtterance {
    const found: Label[] = [];
    const collect = (each: LuisLabel, parent: string): void => {
      const path = parent === '' ? each.entity : `${parent}/${each.entity}`;
      const start = each.startPos;
      found.push({ entity: wordFor(each, path), start, end: Math.min(text.length, each.endPos + 1) });
      for (const child of each.children) collect(child, path);
    };
    for (const each of labels) collect(each, '');
    const safe = text.replace(/[{}]/g, ' ');
    const { sample, crossing: left } = sampleFrom(safe, found);
    if (left.length > 0) crossing.push({ text, labels: left });
    return { intent: intentNames.of(intent), sample };
  }

  function wordFor({ entity, role }: LuisLabel, path: string): string {
    const inRole =
      role === undefined || role === null || role === '' ? undefined : names.find(`${entity}:${role}`);
    const prebuilt = prebuiltOf(entity);
    const known = inRole ?? names.find(path) ?? names.find(entity);
    return known ?? (prebuilt.kind === 'built-in' ? prebuilt.name : learned(entity));
  }

  function readPattern({ pattern, intent }: LuisApp['patterns'][number]): ImportedUtterance[] {
    const { variants, cut } = expandPattern(pattern);
    if (cut) cutPatterns.push(pattern);
    return variants.map((variant) => ({
      intent: intentNames.of(intent),
      sample: parseSample(
        variant.replace(/\{([^{}:]+)(?::([^{}]+))?\}/g, (_, entity: string, role?: string) => {
          const [name, as] = [entity.trim(), role?.trim()];
          return `{${wordFor({ entity: name, role: as, startPos: 0, endPos: 0, children: [] }, name)}}`;
        }),
      ),
    }));
  }

  function leftovers(): Record<string, unknown> {
    const left = Object.entries(app).filter(([key, value]) => !read.has(key) && !isEmpty(value));
    const features = app.entities.filter((entity) => entity.features.length > 0);
    if (features.length > 0)
      notes.push(
        'Features of machine-learned entities are kept in imported.yaml; what they are told by is learned from the samples.',
      );
    if (app.phraselists.length + app.model_features.length > 0)
      notes.push(
        'Phrase lists are told to the recogniser (bot.yaml: phrases); as features they have no equivalent.',
      );
    if (cutPatterns.length > 0)
      notes.push(
        `${cutPatterns.length} patterns have more variants than are written out; they are kept in imported.yaml.`,
      );
    if (crossing.length > 0)
      notes.push(
        `${crossing.length} utterances have labels that cross each other: of two, the first is kept.`,
      );
    return {
      ...Object.fromEntries(left),
      ...(features.length > 0 && { entities: features }),
      ...(crossing.length > 0 && { crossingLabels: crossing }),
    };
  }
}

type Bare = OwnEntity extends infer Each
  ? Each extends OwnEntity
    ? Omit<Each, 'name' | 'was'>
    : never
  : never;

function nameOf(child: string | { readonly name: string }): string {
  return typeof child === 'string' ? child : child.name;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
