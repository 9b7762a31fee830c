import type { Answers } from '../answers.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';
import type { Headline, NewsDesk } from './desk.ts';
import { asSentence } from './headline.ts';

const usualCount = 3;
const mostAtOnce = 10;

/** GetNews: the headlines, each with its source. */
export function createNewsSkill({
  desk,
  answers,
}: {
  readonly desk: NewsDesk;
  readonly answers: Answers;
}): Skill {
  return {
    intent: 'GetNews',
    needs: [],
    remembers: [],
    sideEffects: false,
    async run({ slots, now }, { signal }) {
      const seed = seedOf(now);
      const count = Math.min(Math.max(Math.trunc(slots.count ?? usualCount), 1), mostAtOnce);
      // Usually they are there: only a bot that has just started, or was cut off for hours, has to fetch them now.
      if (desk.headlines(1).length === 0) await desk.refreshUntilFirst({ signal });
      const headlines = desk.headlines(count);
      if (headlines.length === 0)
        return answer([answers.say('news-unreachable', seed)], { outcome: desk.lastFailure });
      const items = headlines.map((headline, at) => item(headline, headlines[at - 1]));
      return answer(count === 1 ? items : [answers.say('news-intro', seed), ...items]);
    },
  };

  function item({ source, text }: Headline, before: Headline | undefined): string {
    const headline = asSentence(text);
    return before?.source === source
      ? answers.say('news-item-same-source', 0, { headline })
      : answers.say('news-item', 0, { source, headline });
  }
}
