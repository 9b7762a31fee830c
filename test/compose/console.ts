/** Looks at the console through its published port, after one call: `node test/compose/console.ts TOKEN`. */
import assert from 'node:assert/strict';

const [token = ''] = process.argv.slice(2);
const page = 'http://127.0.0.1:8090';
const authorization = `Bearer ${token}`;

async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${page}${path}`, { headers, signal: AbortSignal.timeout(10_000) });
}

assert.equal((await get('/ready')).status, 200);
assert.equal((await get('/')).status, 200);
assert.equal((await get('/api/status')).status, 401);
assert.equal((await get('/metrics')).status, 401);
assert.equal((await get('/api/status', { authorization: 'Bearer something-else' })).status, 401);
const status = await get('/api/status', { authorization });
assert.equal(status.status, 200);

const calls = (await (await get('/api/calls', { authorization })).json()) as {
  readonly calls: readonly unknown[];
};
assert.equal(calls.calls.length, 1);
const metrics = await (await get('/metrics', { authorization })).text();
assert.match(metrics, /^parley_calls_ended_total\{ended_by="bot"\} 1$/m);
assert.match(metrics, /^parley_ari_connected 1$/m);
console.log('The console asks for its token and shows the call; the metrics count it.');
