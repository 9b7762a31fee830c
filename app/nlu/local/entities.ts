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
);

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
