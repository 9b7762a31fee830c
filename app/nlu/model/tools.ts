import { z } from 'zod';
import { placeholders, placeholdersOf, type BotContent, type Placeholder } from '../content.ts';
import type { Intent, SlotName, Slots, Understander, UnderstandOptions } from '../spec.ts';
import { garbled } from './chat.ts';

/** An intent as a function that a language model may call. */
export interface Tool {
  readonly intent: Intent;
  /** The slot that each parameter fills. */
  readonly slots: ReadonlyMap<string, SlotName>;
  /** As the chat interface wants it. */
  readonly definition: {
    readonly type: 'function';
    readonly function: {
      readonly name: string;
      readonly description: string;
      readonly parameters: {
        readonly type: 'object';
        readonly properties: Readonly<Record<string, object>>;
      };
    };
  };
}

const mostExamples = 8;

const parameters: Readonly<Record<Placeholder, string>> = {
  city: 'A place, with its state or country where the caller names it.',
  day: 'The day, or days, and the part of it, in the caller’s own words, such as "tomorrow evening".',
  count: 'How many.',
  extension: 'The digits of a telephone.',
  name: 'The person, in the caller’s own words.',
};

/** All that the bot does, as functions: what callers say is what they are described with. */
export function toolsOf({ intents, own }: BotContent): readonly Tool[] {
  return intents
    .filter(({ intent }) => intent !== 'None')
    .map(({ intent, slots, common, samples }) => {
      const named = new Set<string>([...slots, ...[...common, ...samples].flatMap(placeholdersOf)]);
      const properties: Record<string, object> = {};
      const filled = new Map<string, SlotName>();
      for (const name of placeholders) {
        if (!slots.includes(name)) continue;
        properties[name] = { type: 'string', description: parameters[name] };
        filled.set(name, name);
      }
      for (const entity of own?.intents.has(intent) === true ? own.entities : []) {
        if (!named.has(entity.name)) continue;
        properties[entity.name] =
          entity.kind === 'list' ? { type: 'string', enum: Object.keys(entity.values) } : { type: 'string' };
        filled.set(entity.name, `@${entity.name}`);
      }
      const examples = [...common, ...samples].slice(0, mostExamples).map((sample) => `"${sample}"`);
      return {
        intent,
        slots: filled,
        definition: {
          type: 'function',
          function: {
            name: intent,
            description: `For callers who say things like ${examples.join(', ')}.`,
            parameters: { type: 'object', properties },
          },
        },
      };
    });
}

const argumentsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** What an unknown place or person is put in. */
const strange: Partial<Record<SlotName, 'unknownPlace' | 'unknownName'>> = {
  city: 'unknownPlace',
  name: 'unknownName',
};

/**
 * The slots that a function was called with, read by the bot's own recognisers as answers to a question for each.
 * @throws ParleyError `nlu-garbled` when the arguments are not an object of plain values; the signal's reason.
 */
export async function slotsFrom(
  given: string,
  tool: Tool,
  reader: Understander,
  options: UnderstandOptions,
): Promise<Slots> {
  const { language, now, signal } = options;
  let found: Slots = {};
  for (const [name, value] of Object.entries(parseArguments(given))) {
    const slot = tool.slots.get(name);
    const text = String(value ?? '').trim();
    if (slot === undefined || text === '') continue;
    const { slots } = await reader.understand(text, { language, now, signal, expecting: slot });
    found = { ...found, ...pick(slots, slot, text) };
  }
  return found;
}

function pick(slots: Slots, slot: SlotName, text: string): Slots {
  const found: Slots = Object.fromEntries(Object.entries(slots).filter(([name]) => name === slot));
  if (slot in found) return found;
  // Who is called may be given as a number.
  if (slot === 'name' && slots.extension !== undefined) return { extension: slots.extension };
  const unknown = strange[slot];
  if (unknown !== undefined) return { [unknown]: slots[unknown] ?? text };
  return slot.startsWith('@') ? Object.fromEntries([[slot, text]]) : {};
}

function parseArguments(given: string): z.output<typeof argumentsSchema> {
  try {
    return argumentsSchema.parse(given.trim() === '' ? {} : JSON.parse(given));
  } catch (error) {
    throw garbled('the arguments of a function are no object of plain values', error);
  }
}
