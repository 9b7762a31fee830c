import type { Config } from '../../config/schema.ts';
import { ParleyError } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import { withDeadline } from '../../ops/deadline.ts';
import type { BotContent } from '../content.ts';
import type { Intent, Slots, Understander, Understanding, UnderstandOptions } from '../spec.ts';
import { chat, type ChatEvent, garbled, modelsOf, provider } from './chat.ts';
import { messagesFor, recites } from './instructions.ts';
import { SentenceCutter } from './sentences.ts';
import { slotsFrom, toolsOf } from './tools.ts';

export interface ModelUnderstanderParts {
  readonly config: Config['nlu']['model'];
  /** What the bot does: each intent is a function that the model may call. */
  readonly content: BotContent;
  /** What the model is told about its task, in the language of the content. */
  readonly instructions: string;
  /** Reads what the model fills in: Parley's own understanding of the same content. Whoever made it closes it. */
  readonly reader: Understander;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
}

type Call = Extract<ChatEvent, { kind: 'call' }>;

/** One answer of the model, as far as it has come. */
interface Answer {
  readonly events: AsyncGenerator<ChatEvent>;
  readonly cutter: SentenceCutter;
  /** Ends it when no more of it is wanted. */
  readonly stop: AbortController;
  readonly signal: AbortSignal;
}

/**
 * Understanding by a language model behind the OpenAI chat interface. It chooses a skill by calling a function, or
 * answers in words, which are given out sentence by sentence while the rest is still being made.
 */
export function createModelUnderstander(parts: ModelUnderstanderParts): Understander {
  const { config, content, instructions, reader, clock, fetch = globalThis.fetch } = parts;
  const { baseUrl = '', model = '', key, temperature, deadlineMs, maxReplyChars } = config;
  const server = {
    baseUrl,
    model,
    fetch,
    ...(key !== undefined && { key }),
    ...(temperature !== undefined && { temperature }),
  };
  const tools = toolsOf(content);
  const closed = new AbortController();

  return {
    name: provider,
    can: reader.can,
    understand,
    async probe({ signal }) {
      const models = await modelsOf({ ...server, signal });
      if (models.includes(model)) return `${model}, one of ${models.length} models`;
      throw new ParleyError('nlu-rejected', { provider, reason: `it has no model ${model}` });
    },
    close() {
      closed.abort(unavailable('it was closed'));
      return Promise.resolve();
    },
  };

  async function understand(text: string, options: UnderstandOptions): Promise<Understanding> {
    options.signal.throwIfAborted();
    if (!/[\p{L}\p{N}]/u.test(text)) return { ...understood(text, 'None', 1), wordless: true };
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, closed.signal, stop.signal]);
    const messages = messagesFor(text, instructions, config.maxHistory, options);
    const events = chat(messages, tools, { ...server, signal });
    const answer: Answer = { events, cutter: new SentenceCutter(), stop, signal };
    try {
      const first = await inTime(answer, next);
      if (first === undefined) throw garbled('it said nothing');
      if ('name' in first) return await called(text, first, { ...options, signal });
      const reply = speak(first.map(speakable), answer);
      return { ...understood(text, 'None', config.confidence), reply };
    } catch (error) {
      stop.abort();
      throw error;
    }
  }

  async function called(text: string, call: Call, options: UnderstandOptions): Promise<Understanding> {
    const tool = tools.find(({ intent }) => intent === call.name);
    if (tool === undefined) throw garbled('it called a function that there is not');
    const slots = await slotsFrom(call.arguments, tool, reader, options);
    return understood(text, tool.intent, config.confidence, slots);
  }

  /** All sentences of an answer, up to the longest that is spoken. */
  async function* speak(first: readonly string[], answer: Answer): AsyncGenerator<string> {
    let left = maxReplyChars;
    try {
      for (let sentences: readonly string[] | undefined = first; sentences !== undefined;) {
        for (const sentence of sentences) {
          left -= sentence.length;
          if (left < 0) return;
          yield sentence;
        }
        const more: readonly string[] | Call | undefined = await inTime(answer, next);
        if (more !== undefined && 'name' in more)
          throw garbled('it called a function when it had begun to speak');
        sentences = more?.map(speakable);
      }
    } finally {
      answer.stop.abort();
    }
  }

  function speakable(sentence: string): string {
    if (recites(sentence, instructions)) throw garbled('it recited its instructions');
    return sentence.length <= maxReplyChars
      ? sentence
      : sentence.slice(0, maxReplyChars).replace(/\s+\S*$/, '');
  }

  function inTime<T>(answer: Answer, work: (answer: Answer) => Promise<T>): Promise<T> {
    return withDeadline(() => work(answer), {
      clock,
      deadlineMs,
      signal: answer.signal,
      onTimeout: () => unavailable(`there was nothing to say within ${deadlineMs} ms`),
    });
  }
}

/** The next whole sentences, or the function that is called; undefined at the end. */
async function next({ events, cutter }: Answer): Promise<readonly string[] | Call | undefined> {
  for (;;) {
    const event = await events.next();
    if (event.done === true) {
      const last = cutter.end();
      return last.length > 0 ? last : undefined;
    }
    if (event.value.kind === 'call') return event.value;
    const sentences = cutter.add(event.value.text);
    if (sentences.length > 0) return sentences;
  }
}

function understood(text: string, intent: Intent, confidence: number, slots: Slots = {}): Understanding {
  return {
    text,
    intent,
    confidence,
    slots,
    mentions: [],
    ranking: [{ intent, confidence }],
    fragment: false,
  };
}

function unavailable(reason: string): ParleyError {
  return new ParleyError('nlu-unavailable', { provider, reason });
}
