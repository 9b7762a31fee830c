import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.ts';
import type { OwnAnswer } from '../../nlu/own/spec.ts';
import type { SlotName, Slots } from '../../nlu/spec.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { Answers } from '../answers.ts';
import { type Fetch, garbled, getWhole } from '../http.ts';
import { addDays, localTime } from '../local-time.ts';
import { answer, seedOf } from '../reply.ts';
import type { Answer, Skill, SkillRequest } from '../spec.ts';
import { whenWords } from '../weather/words.ts';

export interface OwnSkillOptions {
  readonly answer: OwnAnswer;
  readonly answers: Answers;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
  /** IANA name of the zone whose today counts. */
  readonly timeZone: string;
}

const sentence = z.string().trim().min(1).max(1_000);

/** What a webhook answers. */
const answerSchema = z.object({
  say: z.union([sentence, z.array(sentence).max(20)]).default([]),
  hangUp: z.boolean().default(false),
  /** Name of the entity that the answer asks for. */
  expect: z
    .string()
    .regex(/^[A-Za-z]\w*$/)
    .optional(),
});

const mostBytes = 65_536;
const placeholder = /\{(\w+)\}/g;
const builtIn = ['city', 'day', 'count', 'extension', 'name'] as const;
const isoDate = /^\d{4}-\d\d-\d\d$/;

/** Answers an intent of the bot's own: with its sentences, or with what a webhook says. docs/bot.md shows both. */
export function createOwnSkill(options: OwnSkillOptions): Skill {
  const { answers, fetch, clock, log, timeZone } = options;
  const own = options.answer;
  const { intent, needs, remembers, hangUp, webhook } = own;
  const next = hangUp ? { kind: 'hang-up' as const } : { kind: 'listen' as const };

  return {
    intent,
    needs: needs.map(({ slot }) => [slot]),
    remembers,
    // What a webhook does in the world is not known here.
    sideEffects: webhook !== undefined || hangUp,
    ask: (slot, seed) => {
      const questions = needs.find((need) => need.slot === slot)?.ask ?? [];
      return questions[Math.abs(seed) % questions.length];
    },
    confirm: (slots, seed) => pick(own.confirm, slots, seed, clock.now()),
    run: async (request, { signal }) => {
      const seed = seedOf(request.now);
      if (webhook !== undefined) return await askWebhook(webhook, request, signal);
      const say = pick(own.say, request.slots, seed, request.now);
      return answer(say === undefined ? [] : [say], { next });
    },
  };

  async function askWebhook(
    { url, deadlineMs }: NonNullable<OwnAnswer['webhook']>,
    request: SkillRequest,
    signal: AbortSignal,
  ): Promise<Answer> {
    const service = `webhook of ${intent}`;
    const { text, callId, language, slots } = request;
    try {
      const { body } = await getWhole(url, {
        fetch,
        clock,
        service,
        deadlineMs,
        maxBytes: mostBytes,
        signal,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ intent, entities: entitiesOf(slots), text, language, callId }),
      });
      return heard(parse(body, service));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ParleyError)) throw error;
      log.warn('a webhook failed', { intent, error });
      const seed = seedOf(request.now);
      const failed = pick(own.failed, slots, seed, request.now) ?? answers.say('skill-failed', seed);
      return answer([failed], { outcome: error.code });
    }
  }

  function heard(said: z.output<typeof answerSchema>): Answer {
    const say = typeof said.say === 'string' ? [said.say] : said.say;
    const { expect } = said;
    const slot: SlotName | undefined =
      expect === undefined ? undefined : (builtIn.find((name) => name === expect) ?? `@${expect}`);
    const more = slot === undefined ? {} : { expect: slot };
    return { ...answer(say, { next: said.hangUp ? { kind: 'hang-up' } : next }), ...more };
  }

  /** One of the variants that say the most of what is known; undefined when none can be filled. */
  function pick(variants: readonly string[], slots: Slots, seed: number, now: Date): string | undefined {
    const filled = variants.flatMap((variant) => {
      const names = [...variant.matchAll(placeholder)].map(([, name = '']) => name);
      const words = new Map(names.map((name) => [name, wordsOf(name, slots, now)]));
      if ([...words.values()].includes(undefined)) return [];
      return [
        { said: variant.replace(placeholder, (_, name: string) => words.get(name) ?? ''), size: words.size },
      ];
    });
    const most = Math.max(...filled.map(({ size }) => size));
    const best = filled.filter(({ size }) => size === most);
    return best[Math.abs(seed) % best.length]?.said;
  }

  function wordsOf(name: string, slots: Slots, now: Date): string | undefined {
    const today = localTime(now, timeZone).date;
    const value = slots[`@${name}`];
    if (value !== undefined) return isoDate.test(value) ? whenWords(answers, today, value) : value;
    switch (name) {
      case 'city':
        return slots.city?.name;
      case 'day':
        return (
          slots.day && whenWords(answers, today, addDays(today, slots.day.daysFromToday), slots.day.part)
        );
      case 'count':
        return slots.count?.toString();
      case 'extension':
        return slots.extension?.replace(/\B/g, ' ');
      case 'name':
        return slots.name ?? slots.unknownName;
      default:
        return undefined;
    }
  }
}

/** What was named, as JSON: entities by their names, a city with its place on the globe, a day as counted from today. */
function entitiesOf(slots: Slots): Record<string, unknown> {
  return Object.fromEntries(Object.entries(slots).map(([slot, value]) => [slot.replace(/^@/, ''), value]));
}

function parse(body: Buffer, service: string): z.output<typeof answerSchema> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw garbled(service, `it is no JSON: ${messageOf(error)}`, error);
  }
  const result = answerSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw garbled(service, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, result.error);
}
