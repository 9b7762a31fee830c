import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import { setUp } from '../../app/setup/steps.ts';
import type { Step } from '../../app/setup/steps.ts';

const there: Step = { title: 'sox', run: () => Promise.resolve() };
const fetched: Step = {
  title: 'speech weights',
  run: ({ progress }) => {
    progress({ doing: 'fetching', fraction: 0.5, totalMB: 20 });
    return Promise.resolve();
  },
};

function output(): PassThrough & { isTTY?: boolean; columns?: number; text: () => string } {
  const out = new PassThrough();
  return Object.assign(out, { text: () => String((out.read() as Buffer | null) ?? '') });
}

test('nothing is said when everything was there', async (t) => {
  const out = output();
  await setUp([there, there], { signal: t.signal, out });
  assert.equal(out.text(), '');
});

test('into a file goes one line for each step that had something to do', async (t) => {
  const out = output();
  await setUp([there, fetched], { signal: t.signal, out });
  assert.match(out.text(), /^set-up {2}ok {4}speech weights, [\d.]+ s\n$/);
});

test('when it is asked for, the steps that had nothing to do are named as well', async (t) => {
  const out = output();
  await setUp([there, fetched], { signal: t.signal, out, verbose: true });
  assert.match(out.text(), /^set-up {2}ok {4}sox\nset-up {2}ok {4}speech weights, [\d.]+ s\n$/);
});

test('a terminal shows each step with its percent and megabytes', async (t) => {
  const out = Object.assign(output(), { isTTY: true, columns: 80 });
  let shown = '';
  out.on('data', (piece) => (shown += String(piece)));
  const slow: Step = {
    title: 'Asterisk',
    run: async ({ progress }) => {
      progress({ doing: 'fetching', fraction: 0.25, totalMB: 100 });
      while (!shown.includes('25 %')) await new Promise((resolve) => setImmediate(resolve));
    },
  };
  await setUp([there, slow], { signal: t.signal, out });
  assert.match(shown, /set-up {2}\.\.\. {3}Asterisk: fetching, 25 % \(25\.0 of 100\.0 MB\)/);
  assert.match(shown, /set-up {2}ok {4}sox/);
  assert.match(shown, /set-up {2}ok {4}Asterisk, [\d.]+ s/);
});

test('the first step that fails ends the others and is the error', async (t) => {
  const out = output();
  let ended = false;
  const failing: Step = {
    title: 'Asterisk',
    run: () => Promise.reject(new ParleyError('setup-no-network', { what: 'Asterisk', reason: 'no route' })),
  };
  const waiting: Step = {
    title: 'sox',
    run: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended = true;
          reject(new Error('ended'));
        });
      }),
  };
  await assert.rejects(
    setUp([failing, waiting], { signal: t.signal, out }),
    /Asterisk could not be fetched: no route/,
  );
  assert.ok(ended);
  assert.equal(out.text(), 'set-up  FAIL  Asterisk (Asterisk could not be fetched: no route)\n');
});

test('a Ctrl-C ends the steps and is the error', async (t) => {
  const ctrlC = new AbortController();
  const step: Step = {
    title: 'sox',
    run: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('ended')));
        ctrlC.abort(new Error('interrupted'));
      }),
  };
  const signal = AbortSignal.any([t.signal, ctrlC.signal]);
  await assert.rejects(setUp([step], { signal, out: output() }), /interrupted/);
});
