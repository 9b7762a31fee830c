import { readFile } from 'node:fs/promises';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { messageOf, ParleyError } from '../../errors.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

/** @throws ParleyError `scenario-invalid`, with the file, and the line of each thing that is wrong in it. */
export async function readScenario(file: string): Promise<Scenario> {
  const source = await readFile(file, 'utf8').catch((error: unknown) => {
    throw invalid(file, [messageOf(error)], error);
  });
  return parseScenario(source, file);
}

/** @throws as `readScenario`. */
export function parseScenario(source: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map(({ pos, message }) => `line ${lineAt(pos[0])}: ${message}`),
    );
  const result = scenarioSchema.safeParse(document.toJS());
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    // What is missing has no line; what it is missing in has one.
    for (let length = path.length; length >= 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return `line ${lineAt(node.range[0])}: ${named(path)}${message}`;
    }
    return `line 1: ${named(path)}${message}`;
  });
  throw invalid(file, problems, result.error);
}

function named(path: readonly PropertyKey[]): string {
  const name = path.filter((part) => typeof part === 'string').join('.');
  return name === '' ? '' : `${name}: `;
}

function invalid(file: string, problems: readonly string[], cause?: unknown): ParleyError {
  return new ParleyError(
    'scenario-invalid',
    { file, problems: problems.map((problem) => `  - ${problem}`).join('\n') },
    { cause },
  );
}
