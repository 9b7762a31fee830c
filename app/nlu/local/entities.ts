import type { City } from '../spec.ts';
import type { DaySpec } from './days.ts';
import type { Numeral } from './numbers.ts';

/** What was found among the words of an utterance, before the intent tells which of it matters. */
export type Entity = {
  /** First word and the word after the last. */
  readonly from: number;
  readonly to: number;
} & (
  | { readonly kind: 'city'; readonly city: City }
  | { readonly kind: 'place' }
  | { readonly kind: 'day'; readonly spec: DaySpec }
  | { readonly kind: 'number'; readonly numeral: Numeral }
  | { readonly kind: 'count'; readonly value: number }
  /** Somebody in the directory, in its spelling. */
  | { readonly kind: 'name'; readonly name: string }
  /** Somebody else. */
  | { readonly kind: 'person' }
  | OwnMention
);

/** An entity of the bot's own. */
interface OwnMention {
  readonly kind: 'own';
  readonly name: string;
  /** Of a list or pattern; absent where its words, or what it is in a role, tell it. */
  readonly value?: string;
  /** What was found there, where this is a role of it. */
  readonly base?: Entity;
  /** Other lists that hold the same words. */
  readonly others?: readonly { readonly name: string; readonly value: string }[];
}

const masks: Readonly<Record<Exclude<Entity['kind'], 'own' | 'number'>, string>> = {
  city: '_city',
  place: '_city',
  day: '_day',
  count: '_number',
  name: '_name',
  person: '_name',
};

/** What stands in place of an entity for the classifier: `_city`, or `_@size` for one of the bot's own. */
export function maskOf(entity: Entity): string {
  if (entity.kind === 'own') return `_@${entity.name}`;
  if (entity.kind === 'number') return entity.numeral.dialled ? '_extension' : '_number';
  return masks[entity.kind];
}

/** Entities that don't overlap. */
export class Findings {
  readonly #taken: (Entity | undefined)[] = [];
  readonly #list: Entity[] = [];

  /** Keeps an entity unless one of its words is taken. */
  add(entity: Entity | undefined): boolean {
    if (entity === undefined || this.overlaps(entity.from, entity.to)) return false;
    for (let at = entity.from; at < entity.to; at++) this.#taken[at] = entity;
    this.#list.push(entity);
    return true;
  }

  at(index: number): Entity | undefined {
    return this.#taken[index];
  }

  overlaps(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (this.#taken[at] !== undefined) return true;
    return false;
  }

  /** In the order of the words. */
  all(): Entity[] {
    return this.#list.sort((a, b) => a.from - b.from);
  }

  has(...kinds: Entity['kind'][]): boolean {
    return this.#list.some((entity) => kinds.includes(entity.kind));
  }
}
