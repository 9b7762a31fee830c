import type { CityList } from '../cities.ts';
import type { BotContent } from '../content.ts';
import type { SlotName, Understander, Understanding, UnderstandOptions } from '../spec.ts';
import { createAffirmationReader } from './affirmation.ts';
import { fragmentClass, trainModel } from './model.ts';
import { createDirectory } from './people.ts';
import { prepare, withoutEndings } from './prepare.ts';
import { createGrouping } from './own/grouping.ts';
import { fillSlots, type Filled } from './slots.ts';
import { mask, tag } from './tag.ts';
import { correct, tokenise, type Token } from './tokens.ts';

export interface LocalUnderstanderParts {
  readonly content: BotContent;
  readonly cities: CityList;
  /** Names that callers may ask for, in the spelling to show. */
  readonly directory: readonly string[];
  /** IANA name of the zone whose today counts where no city is named; the machine's when absent. */
  readonly timeZone?: string;
}

const allSlots: readonly SlotName[] = ['city', 'day', 'count', 'extension', 'name'];
const nothing = { slots: {}, mentions: [] } as const;

// A fragment that is a sample word for word, and a plain yes or no: of such, hardly one in fifty is something else.
const sureConfidence = 0.97;
// Below this, nothing the bot does is likelier than any other.
const leastConfidence = 0.3;
// An answer to the bot's question may be put in any words; long ones are something else.
// A strange word that nobody asked for may be anything.
const strangeConfidence = 0.55;
const longestAnswer = 6;
const surelyAnIntent = 0.8;

/**
 * Parley's own understanding: softmax regression over the words of an utterance with its entities masked, trained from
 * the content when it is made (a few hundred milliseconds), and finders for cities, days, numbers and people.
 */
export function createLocalUnderstander(parts: LocalUnderstanderParts): Understander {
  const { content } = parts;
  const model = trainModel(content, parts.cities, createDirectory(parts.directory));
  const { lexicon, tagger } = model;
  const affirmationOf = createAffirmationReader(content, lexicon);
  const timeZone = parts.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const ownSlots = (content.own?.entities ?? []).map(({ name }) => `@${name}` as const);
  const slotsOf = new Map(
    content.intents.map(({ intent, slots }) => [
      intent,
      new Set<SlotName>(
        intent === 'None' ? [] : [...slots, ...(content.own?.intents.has(intent) ? ownSlots : [])],
      ),
    ]),
  );
  const together = createGrouping(content.own?.entities ?? []);

  return {
    name: 'local',
    can: { languages: content.words.languages },
    understand: (text, options) =>
      new Promise((resolve) => {
        options.signal.throwIfAborted();
        resolve(understand(text, options));
      }),
    close: () => Promise.resolve(),
  };

  function understand(text: string, { now, expecting }: UnderstandOptions): Understanding {
    const tokens = prepare(text, lexicon);
    const words = tokens.map((token) => token.word);
    const asked = expecting === 'confirmation';
    const spoken = correct(tokenise(text), lexicon);
    const wholly = affirmationOf(spoken, asked);
    if (tokens.length === 0) {
      const yesOrNo = wholly && { affirmation: wholly };
      return {
        text,
        intent: 'None',
        confidence: 1,
        ...nothing,
        ranking: noneOnly(),
        ...yesOrNo,
        fragment: false,
        wordless: true,
      };
    }
    const findings = tag(tokens, tagger, expecting);
    const masked = withoutEndings(mask(words, findings, lexicon), lexicon);
    const { ranking, fragment: fragmentScore } = rank(model.classify(masked));
    const [best] = ranking;
    // To a question that wants a yes or a no, what begins with one is one ("yes, that right").
    const vague = best === undefined || best.intent === 'None' || best.confidence < surelyAnIntent;
    const opening = asked && vague && findings.all().length === 0;
    const affirmation = wholly ?? (opening ? affirmationOf(spoken, asked, true) : undefined);
    const request = { text, tokens, findings, expecting, now, timeZone };
    if (affirmation !== undefined && (asked || best?.intent === 'None')) {
      return {
        text,
        intent: 'None',
        confidence: sureConfidence,
        ...nothing,
        ranking,
        affirmation,
        fragment: false,
      };
    }
    const exact = model.isFragment(masked);
    const answers = expecting !== undefined && expecting !== 'confirmation' && masked.length <= longestAnswer;
    const unclear = best === undefined || best.intent === 'None' || best.confidence < 0.75;
    if (exact || fragmentScore > (best?.confidence ?? 0) || (answers && unclear)) {
      const wanted = new Set([...allSlots, ...ownSlots]);
      const found = fillSlots({ ...request, wanted }, tagger);
      // Whatever is said to a question for something that only the words around it tell, is the answer.
      const filled = answers && unclear ? wholeAnswer(found, text, tokens, expecting) : together(found, text);
      const answered = answers && fills(filled.slots, expecting);
      if (
        Object.keys(filled.slots).length > 0 &&
        (exact || answered || fragmentScore > (best?.confidence ?? 0))
      ) {
        const known = Object.keys(filled.slots).some((name) => !name.startsWith('unknown'));
        const sure = answered || known ? sureConfidence : strangeConfidence;
        const confidence = exact || answered ? sure : Math.min(fragmentScore, sure);
        return { text, intent: 'None', confidence, ...filled, ranking, fragment: true };
      }
    }
    const likely = best ?? { intent: 'None', confidence: 1 };
    if (likely.intent === 'None' || likely.confidence < leastConfidence) {
      const confidence = likely.intent === 'None' ? likely.confidence : 1 - likely.confidence;
      return { text, intent: 'None', confidence, ...nothing, ranking, fragment: false };
    }
    const wanted = slotsOf.get(likely.intent) ?? new Set();
    // Alice may be somebody to call, though she is also in a list of the bot's own.
    const own = content.own === undefined || content.own.intents.has(likely.intent);
    const named = own ? findings : tag(tokens, model.plainTagger, expecting);
    const filled = together(fillSlots({ ...request, findings: named, wanted }, tagger), text);
    return { text, ...likely, ...filled, ranking, fragment: false };
  }

  function wholeAnswer(found: Filled, text: string, tokens: readonly Token[], expecting: SlotName): Filled {
    const entity = content.own?.entities.find(({ name }) => `@${name}` === expecting);
    const [first, last] = [tokens[0], tokens.at(-1)];
    if (entity?.kind !== 'learned' || found.slots[expecting] !== undefined) return together(found, text);
    if (first === undefined || last === undefined) return found;
    const span = { start: first.start, end: last.end };
    const value = text.slice(span.start, span.end);
    return {
      slots: { [expecting]: value },
      mentions: [{ slot: expecting, ...span }],
      entities: { [entity.name]: [{ value, text: value, ...span }] },
    };
  }

  function rank(scores: Float32Array): { ranking: Understanding['ranking']; fragment: number } {
    let fragment = 0;
    const ranking: { intent: string; confidence: number }[] = [];
    for (const [index, name] of model.classes.entries()) {
      const confidence = scores[index] ?? 0;
      if (name === fragmentClass) fragment = confidence;
      else ranking.push({ intent: name, confidence });
    }
    return { ranking: ranking.sort((a, b) => b.confidence - a.confidence), fragment };
  }

  function noneOnly(): Understanding['ranking'] {
    const rest = content.intents.map((each) => each.intent).filter((intent) => intent !== 'None');
    return [{ intent: 'None', confidence: 1 }, ...rest.map((intent) => ({ intent, confidence: 0 }))];
  }
}

/** Whether slots hold what was asked for, or tell that it is nothing known. */
function fills(slots: object, expecting: SlotName): boolean {
  const other = { city: 'unknownPlace', name: 'unknownName', extension: 'name' } as const;
  const unknown = other[expecting as keyof typeof other];
  const either = expecting === 'name' ? 'extension' : undefined;
  return [expecting, unknown, either].some((name) => name !== undefined && name in slots);
}
