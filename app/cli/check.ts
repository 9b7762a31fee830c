/** `npm run check`: types, lint, import arrows, format, dead code, generated documents. Runs all of them and tells which failed. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bin = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

const checks: readonly (readonly [what: string, command: string, ...args: string[]])[] = [
  ['types', bin('tsc'), '-p', '.'],
  ['types of the page', bin('tsc'), '-p', 'app/console/page'],
  ['lint', bin('eslint'), '.'],
  ['import arrows', bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'app', 'test'],
  ['format', bin('prettier'), '--check', '.'],
  ['dead code', bin('knip')],
  ['generated documents', process.execPath, 'app/cli/docs.ts', '--check'],
  ['sounds match their texts', process.execPath, 'app/cli/sounds.ts', '--check'],
];

const failed: string[] = [];
for (const [what, command, ...args] of checks) {
  console.log(`\n== ${what}`);
  const status = await new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
  if (status !== 0) failed.push(what);
}

console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
