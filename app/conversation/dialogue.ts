import type { Intent, SlotName, Slots, Understanding, UnderstandOptions } from '../nlu/spec.ts';
import type { Skill } from '../skills/spec.ts';

/**
 * What the bot makes of an utterance, given what was said before: pure, (memory, understanding) -> (memory, decision).
 */

/** What a call remembers from one turn to the next. */
export interface Memory {
  /** What was done last, for "and tomorrow?". */
  readonly last?: { readonly intent: Intent; readonly slots: Slots };
  /** What the bot has asked for. */
  readonly asked?: { readonly intent: Intent; readonly slots: Slots; readonly slot: SlotName };
  /** What the bot has asked the caller to confirm. */
  readonly confirming?: { readonly intent: Intent; readonly slots: Slots };
  /** How many utterances in a row were not understood. */
  readonly misses: number;
}

export const emptyMemory: Memory = { misses: 0 };

export type Decision =
  | { readonly do: 'run'; readonly intent: Intent; readonly slots: Slots }
  | {
      readonly do: 'ask';
      readonly intent: Intent;
      readonly slot: SlotName;
      /** What the caller named instead and the bot does not know: "I don't know a place called Atlantis." */
      readonly unknown?: string;
    }
  | { readonly do: 'confirm'; readonly intent: Intent; readonly slots: Slots }
  /** What was understood comes with its answer in words. */
  | { readonly do: 'tell'; readonly sentences: AsyncIterable<string> }
  /** The caller said no to a question back. */
  | { readonly do: 'drop' }
  /** A yes that answers nothing: "yes?" */
  | { readonly do: 'encourage' }
  | { readonly do: 'not-understood'; readonly times: number };

export interface DialogueRules {
  readonly acceptAbove: number;
  readonly confirmAbove: number;
  readonly skills: ReadonlyMap<Intent, Skill>;
}

export interface Thought {
  readonly memory: Memory;
  readonly decision: Decision;
}

/** What the understanding should be ready for. */
export function expectation(memory: Memory): UnderstandOptions['expecting'] {
  if (memory.confirming !== undefined) return 'confirmation';
  return memory.asked?.slot;
}

export function decide(memory: Memory, heard: Understanding, rules: DialogueRules): Thought {
  const { confirming, asked } = memory;

  // A question that was asked stays open.
  if (heard.reply !== undefined)
    return { memory: { ...memory, misses: 0 }, decision: { do: 'tell', sentences: heard.reply } };

  if (confirming !== undefined) {
    if (heard.affirmation === 'yes') return run(memory, confirming.intent, confirming.slots, rules);
    if (heard.affirmation === 'no') return { memory: settle(memory), decision: { do: 'drop' } };
  }

  // Few words that only name things belong to what was asked or done before.
  if (heard.fragment || heard.intent === 'None') {
    if (asked !== undefined && answers(heard.slots, groupOf(asked.slot, rules.skills.get(asked.intent))))
      return run(memory, asked.intent, { ...asked.slots, ...heard.slots }, rules);
    const { last } = memory;
    const skill = last && rules.skills.get(last.intent);
    if (heard.fragment && last !== undefined && skill !== undefined && concerns(heard.slots, skill))
      return run(memory, last.intent, merge(last.slots, heard.slots), rules);
    const meant = heard.fragment ? onlySkillFor(heard.slots, rules) : undefined;
    // Who says it again instead of a yes has said yes.
    if (meant !== undefined)
      return confirming?.intent === meant.intent
        ? run(memory, meant.intent, heard.slots, rules)
        : askBack(memory, meant.intent, heard.slots);
  }

  if (heard.affirmation !== undefined)
    return heard.affirmation === 'no' && asked !== undefined
      ? { memory: settle(memory), decision: { do: 'drop' } }
      : { memory: { ...settle(memory), misses: 0 }, decision: { do: 'encourage' } };

  const skill = rules.skills.get(heard.intent);
  if (heard.intent === 'None' || skill === undefined || heard.confidence < rules.confirmAbove)
    return notUnderstood(memory);

  // "What's the weather tomorrow?" after London's weather still means London.
  const slots = memory.last?.intent === heard.intent ? merge(memory.last.slots, heard.slots) : heard.slots;
  if (heard.confidence < rules.acceptAbove && confirming?.intent !== heard.intent)
    return askBack(memory, heard.intent, slots);
  return run(memory, heard.intent, slots, rules);
}

/** An answer that asks for something: a bare value is then meant for the same intent. */
export function askedBy(memory: Memory, intent: Intent, slots: Slots, slot: SlotName): Memory {
  // Asked again, its old value is no answer.
  const kept = Object.fromEntries(Object.entries(slots).filter(([name]) => name !== slot)) as Slots;
  return { ...memory, asked: { intent, slots: kept, slot } };
}

/** What is kept after a skill has run: all it was asked with, and what its answer adds. */
export function remember(memory: Memory, intent: Intent, slots: Slots, skill: Skill, added?: Slots): Memory {
  if (skill.remembers.length === 0) return memory;
  const kept = Object.fromEntries(
    Object.entries({ ...slots, ...added }).filter(([name]) =>
      skill.remembers.some((known) => known === name),
    ),
  ) as Slots;
  return { ...memory, last: { intent, slots: kept } };
}

function run(memory: Memory, intent: Intent, slots: Slots, rules: DialogueRules): Thought {
  const settled: Memory = { ...settle(memory), misses: 0 };
  const skill = rules.skills.get(intent);
  const missing = skill?.needs.find((group) => !fills(slots, group))?.[0];
  if (missing === undefined) return { memory: settled, decision: { do: 'run', intent, slots } };
  const { unknownPlace, unknownName, ...known } = slots;
  const unknown = missing === 'city' ? unknownPlace : missing.startsWith('@') ? undefined : unknownName;
  return {
    memory: { ...settled, asked: { intent, slots: known, slot: missing } },
    decision: { do: 'ask', intent, slot: missing, ...(unknown !== undefined && { unknown }) },
  };
}

function askBack(memory: Memory, intent: Intent, slots: Slots): Thought {
  return {
    memory: { ...settle(memory), misses: 0, confirming: { intent, slots } },
    decision: { do: 'confirm', intent, slots },
  };
}

/** A bare "Seattle" out of the blue: the one thing that needs a city is most likely what is meant. */
function onlySkillFor(slots: Slots, { skills }: DialogueRules): Skill | undefined {
  const fitting = [...skills.values()].filter(
    ({ needs }) => needs.length > 0 && needs.every((group) => fills(slots, group)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function notUnderstood(memory: Memory): Thought {
  const misses = memory.misses + 1;
  // A question that was asked stays open: the caller may answer it the second time.
  return { memory: { ...memory, misses }, decision: { do: 'not-understood', times: misses } };
}

/** Leaves no question open. */
function settle(memory: Memory): Memory {
  return { misses: memory.misses, ...(memory.last && { last: memory.last }) };
}

function fills(slots: Slots, group: readonly SlotName[]): boolean {
  return group.some((name) => slots[name] !== undefined);
}

/** Whether a question was answered, be it with something the bot does not know. */
function answers(slots: Slots, group: readonly SlotName[]): boolean {
  const person = group.includes('name') || group.includes('extension') ? slots.unknownName : undefined;
  const unknown = group.includes('city') ? slots.unknownPlace : person;
  return fills(slots, group) || unknown !== undefined;
}

/** The slots that answer the same question as `slot`: an extension where a name was asked for. */
function groupOf(slot: SlotName, skill: Skill | undefined): readonly SlotName[] {
  return skill?.needs.find((group) => group.includes(slot)) ?? [slot];
}

function concerns(slots: Slots, skill: Skill): boolean {
  const known: readonly SlotName[] = [...skill.remembers, ...skill.needs.flat()];
  return known.some((name) => slots[name] !== undefined);
}

/** New over old; a place or a person that is named anew, known or not, replaces the former one. */
function merge(old: Slots, now: Slots): Slots {
  const { city, unknownPlace, name, unknownName, extension, ...others } = old;
  const place = now.city ?? now.unknownPlace;
  const person = now.name ?? now.unknownName ?? now.extension;
  return {
    ...others,
    ...(place === undefined && {
      ...(city && { city }),
      ...(unknownPlace !== undefined && { unknownPlace }),
    }),
    ...(person === undefined && {
      ...(name !== undefined && { name }),
      ...(unknownName !== undefined && { unknownName }),
      ...(extension !== undefined && { extension }),
    }),
    ...now,
  };
}
