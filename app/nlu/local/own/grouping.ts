import type { OwnEntity } from '../../own/spec.ts';
import type { EntityValue } from '../../spec.ts';
import type { Filled } from '../slots.ts';

// Words that may stand between two parts of one thing: "a large pizza with extra ham".
const widestGap = 24;

/** Puts entities that have parts together from the parts that were found close to one another. */
export function createGrouping(entities: readonly OwnEntity[]): (filled: Filled, text: string) => Filled {
  const groups = entities.filter((entity) => entity.kind === 'parts');
  return (filled, text) => {
    if (groups.length === 0 || filled.mentions.length === 0) return filled;
    const slots = { ...filled.slots };
    const mentions = [...filled.mentions];
    const own: Record<string, readonly EntityValue[]> = { ...filled.entities };
    for (const { name, parts } of groups) {
      const found = parts
        .flatMap((part): readonly { start: number; end: number }[] =>
          (own[part] ?? mentions.filter(({ slot }) => slot === part)).map(({ start, end }) => ({
            start,
            end,
          })),
        )
        .sort((a, b) => a.start - b.start);
      const spans: { start: number; end: number }[] = [];
      for (const span of found) {
        const last = spans.at(-1);
        if (last !== undefined && span.start - last.end <= widestGap) last.end = Math.max(last.end, span.end);
        else spans.push(span);
      }
      const [first] = spans;
      if (first === undefined) continue;
      own[name] = spans.map(({ start, end }) => {
        const words = text.slice(start, end);
        return { value: words, text: words, start, end };
      });
      slots[`@${name}`] = text.slice(first.start, first.end);
      mentions.push({ slot: `@${name}`, ...first });
    }
    return { slots, mentions: mentions.sort((a, b) => a.start - b.start), entities: own };
  };
}
