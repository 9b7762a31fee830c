import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import { botFolder, loadBotContent } from '../../app/nlu/content.ts';

/** What is said of content with one file changed. */
function refusal(file: string, change: (text: string) => string | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bot-'));
  try {
    cpSync(botFolder('en-US'), folder, { recursive: true });
    const changed = change(readFileSync(join(folder, file), 'utf8'));
    if (changed === undefined) rmSync(join(folder, file));
    else writeFileSync(join(folder, file), changed);
    loadBotContent(folder);
  } catch (error) {
    assert.ok(error instanceof ParleyError && error.code === 'bot-content-invalid', String(error));
    return error.message;
  } finally {
    rmSync(folder, { recursive: true });
  }
  return 'accepted';
}

test('an unknown key is refused by file, line and name', () => {
  const said = refusal('intents/help.yaml', (text) => `${text}\nsampels: []\n`);
  assert.match(said, /help\.yaml/);
  assert.match(said, /sampels/);
});

test('an unknown placeholder is refused with its line', () => {
  const said = refusal('intents/get-news.yaml', (text) => `${text}\n  - news about {topic}\n`);
  assert.match(said, /get-news\.yaml.*line \d+, samples\[\d+\].*placeholder/);
});

test('a placeholder that is not among the slots of the intent is refused', () => {
  const said = refusal('intents/get-time.yaml', (text) => `${text}\n  - time for {name}\n`);
  assert.match(said, /get-time\.yaml.*\{name\}/);
});

test('YAML that cannot be read is refused by file', () => {
  assert.match(
    refusal('fragments.yaml', (text) => `${text}\n: [`),
    /fragments\.yaml/,
  );
});

test('a missing file is refused by name', () => {
  assert.match(
    refusal('affirmations.yaml', () => undefined),
    /affirmations\.yaml/,
  );
});

test('content without the intent None is refused', () => {
  assert.match(
    refusal('intents/none.yaml', () => undefined),
    /None/,
  );
});

test('an intent that is there twice is refused', () => {
  assert.match(
    refusal('intents/stop.yaml', (text) => text.replace('intent: Stop', 'intent: Help')),
    /Help.*twice/,
  );
});

test('a word that YAML takes for something else is refused with its line', () => {
  assert.match(
    refusal('affirmations.yaml', (text) => text.replace('- yeah', '- true')),
    /line \d+, yes\[\d+\]/,
  );
});

test('a further intent is accepted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bot-'));
  try {
    cpSync(botFolder('en-US'), folder, { recursive: true });
    writeFileSync(
      join(folder, 'intents/open-hours.yaml'),
      'intent: OpenHours\nslots: [day]\ncommon: []\nsamples:\n  - when are you open\n  - are you open {day}\n',
    );
    assert.ok(loadBotContent(folder).intents.some(({ intent }) => intent === 'OpenHours'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
