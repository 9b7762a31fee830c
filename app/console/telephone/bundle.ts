import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What a browser gets in the place of what Node has itself, or has another file for. */
const forBrowsers: NodeJS.Dict<string> = { events: 'events/events.js', debug: 'debug/src/browser.js' };

/**
 * A CommonJS package with all that it requires, as one ES module: each file becomes a function, run when it is first
 * required. Names of what is required must stand in the source as they are.
 * @param names what the module exports.
 */
export async function commonJsAsModule(entry: string, names: readonly string[]): Promise<string> {
  const ids = new Map<string, number>();
  const files: string[] = [];
  const idOf = (file: string): number => {
    const id = ids.get(file) ?? ids.size;
    ids.set(file, id);
    return id;
  };
  idOf(require.resolve(entry));
  for (const [file] of ids) {
    const source = await readFile(file, 'utf8');
    const resolve = createRequire(file).resolve;
    const linked = source.replace(
      /\brequire\((['"])([^'"]+)\1\)/g,
      (_call, _quote, name: string) => `require(${idOf(resolve(forBrowsers[name] ?? name))})`,
    );
    files.push(file.endsWith('.json') ? `module.exports = ${source}` : linked);
  }
  return [
    `const files = [${files.map((source) => `function (require, module, exports) {${source}\n}`).join(',\n')}];`,
    'const loaded = [];',
    'function load(id) {',
    '  if (loaded[id] === undefined) {',
    '    loaded[id] = { exports: {} };',
    '    files[id](load, loaded[id], loaded[id].exports);',
    '  }',
    '  return loaded[id].exports;',
    '}',
    `export const { ${names.join(', ')} } = load(0);`,
    '',
  ].join('\n');
}
