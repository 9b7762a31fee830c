import type { City, Day, EntityValue, Mention, SlotName, Slots } from '../spec.ts';
import { dateIn, isoDate } from './calendar.ts';
import { resolveDay } from './days.ts';
import type { Entity, Findings } from './entities.ts';
import { calledRegion, personIn } from './people.ts';
import type { Tagger } from './tag.ts';
import type { Token } from './tokens.ts';

export interface Filled {
  readonly slots: Slots;
  readonly mentions: readonly Mention[];
  /** All mentions of the bot's own entities, also further ones than those in the slots. */
  readonly entities?: Readonly<Record<string, readonly EntityValue[]>>;
}

export interface SlotRequest {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly findings: Findings;
  /** The slots that matter to the intent. */
  readonly wanted: ReadonlySet<SlotName>;
  readonly expecting: SlotName | 'confirmation' | undefined;
  readonly now: Date;
  /** Of the caller; where a city is named, days count in its own. */
  readonly timeZone: string;
}

// More headlines or days than anybody asks for: a number of something else.
const mostCounted = 100;

/** Fills the slots that an intent wants from what an utterance names; of two that would fill the same one, the first. */
export function fillSlots(request: SlotRequest, tagger: Tagger): Filled {
  const { text, tokens, wanted } = request;
  const slots: { -readonly [Name in SlotName]?: Slots[Name] } = {};
  const mentions: Mention[] = [];
  const own: Record<string, EntityValue[]> = {};
  const entities = request.findings.all();
  const city = wanted.has('city') ? entities.find((entity) => entity.kind === 'city')?.city : undefined;
  for (const entity of entities) fill(entity);
  if (wanted.has('name') && !('name' in slots || 'unknownName' in slots || 'extension' in slots))
    fillFromCall();
  const named = Object.keys(own).length > 0 && { entities: own };
  return { slots, mentions: mentions.sort((a, b) => a.start - b.start), ...named };

  function fill(entity: Entity): void {
    switch (entity.kind) {
      case 'city':
        put('city', entity.city, entity);
        break;
      case 'place':
        if (city === undefined) put('unknownPlace', said(entity), entity);
        break;
      case 'day': {
        const day = dayOf(entity, city);
        if (day !== undefined) put('day', day, entity);
        break;
      }
      case 'count':
        put('count', entity.value, entity);
        break;
      case 'number':
        putNumber(entity);
        break;
      case 'name':
        put('name', entity.name, entity);
        break;
      case 'person':
        if (!entities.some((other) => other.kind === 'name')) put('unknownName', said(entity), entity);
        break;
      case 'own': {
        if (!wanted.has(`@${entity.name}`)) break;
        const value = entity.value ?? valueOf(entity.base) ?? said(entity);
        (own[entity.name] ??= []).push({ value, text: said(entity), ...spanOf(entity) });
        put(`@${entity.name}`, value, entity);
        break;
      }
    }
  }

  /** What a built-in entity is worth in a role of the bot's own. */
  function valueOf(base: Entity | undefined): string | undefined {
    switch (base?.kind) {
      case 'city':
        return base.city.name;
      case 'day': {
        const day = dayOf(base, undefined);
        return day && isoDate(dateIn(request.timeZone, request.now).dayNumber + day.daysFromToday);
      }
      case 'number':
        return base.numeral.digits;
      case 'count':
        return String(base.value);
      case 'name':
        return base.name;
      default:
        return undefined;
    }
  }

  function putNumber(entity: Entity & { readonly kind: 'number' }): void {
    const { numeral } = entity;
    const asCount = wanted.has('count') && numeral.value !== undefined && numeral.value <= mostCounted;
    const asExtension =
      wanted.has('extension') && (!asCount || request.expecting === 'extension' || numeral.dialled);
    if (asExtension && request.expecting !== 'count') put('extension', numeral.digits, entity);
    else if (asCount && numeral.value > 0) put('count', numeral.value, entity);
  }

  function dayOf(entity: Entity & { readonly kind: 'day' }, place: City | undefined): Day | undefined {
    // "Tomorrow" is one day on wherever it is said; a weekday is counted in the calendar of the place.
    const zone = entity.spec.kind === 'offset' ? 'UTC' : (place?.timeZone ?? request.timeZone);
    return resolveDay(entity.spec, dateIn(zone, request.now));
  }

  // The intent being sure, even ordinary words name somebody: "call the pharmacy".
  function fillFromCall(): void {
    const words = tokens.map((token) => token.word);
    for (let at = 0; at < words.length; at++) {
      const call = tagger.lexicon.callWords.at(words, at);
      if (call === undefined) continue;
      if (call.value === 'strong') {
        const person = personIn(words, calledRegion(words, at + call.length, tagger), tagger, true);
        if (person !== undefined) {
          fill(person);
          return;
        }
      }
      at += call.length - 1;
    }
  }

  function put<Name extends SlotName>(name: Name, value: NonNullable<Slots[Name]>, entity: Entity): void {
    const general = name === 'unknownPlace' ? 'city' : name === 'unknownName' ? 'name' : name;
    if (!wanted.has(general) || slots[name] !== undefined) return;
    slots[name] = value;
    mentions.push({ slot: name, ...spanOf(entity) });
  }

  function spanOf(entity: Entity): { start: number; end: number } {
    return { start: tokens[entity.from]?.start ?? 0, end: tokens[entity.to - 1]?.end ?? 0 };
  }

  function said(entity: Entity): string {
    const { start, end } = spanOf(entity);
    return text.slice(start, end);
  }
}
