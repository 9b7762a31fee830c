import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { messageOf, ParleyError } from '../../errors.ts';
import { cluSchema, importClu } from './clu.ts';
import { importLuis } from './luis.ts';
import { luisSchema } from './luis-schema.ts';
import type { ImportedApp } from './spec.ts';

const mostProblems = 5;

/**
 * Reads an exported LUIS app or CLU project; which of them it is, is recognised.
 * @throws ParleyError `nlu-import-invalid` naming the place and the remedy.
 */
export async function readExport(file: string, signal: AbortSignal): Promise<ImportedApp> {
  let text: string;
  try {
    text = await readFile(file, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    throw invalid(file, messageOf(error), 'Check the path of the file.', error);
  }
  return parseExport(file, text);
}

/** @param file its name, for errors. */
export function parseExport(file: string, text: string): ImportedApp {
  let json: unknown;
  try {
    // Exports are written with a byte order mark now and then.
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw invalid(file, `it is no JSON: ${messageOf(error)}`, 'Export it again, as JSON.', error);
  }
  const kind = typeof json === 'object' && json !== null ? json : {};
  if ('luis_schema_version' in kind) {
    const app = luisSchema.safeParse(json);
    if (app.success) return importLuis(app.data);
    throw invalid(
      file,
      problems(app.error),
      'Export the version again in the LUIS portal’s format of JSON.',
      app.error,
    );
  }
  if ('projectFileVersion' in kind) {
    const project = cluSchema.safeParse(json);
    if (project.success) return importClu(project.data);
    throw invalid(
      file,
      problems(project.error),
      'Export the project again in Language Studio.',
      project.error,
    );
  }
  throw invalid(
    file,
    'it has neither luis_schema_version nor projectFileVersion at its top',
    'Give an exported LUIS app (JSON, schema 4 to 7) or an exported CLU project.',
  );
}

function problems(error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const shown = error.issues
    .slice(0, mostProblems)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the whole file'}: ${message}`);
  const more = error.issues.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function invalid(file: string, reason: string, remedy: string, cause?: unknown): ParleyError {
  return new ParleyError('nlu-import-invalid', { file: basename(file), reason, remedy }, { cause });
}
