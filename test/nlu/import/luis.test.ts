/** What becomes of an exported LUIS app. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ParleyError } from '../../../app/errors.ts';
import { botOf } from '../../../app/nlu/import/bot.ts';
import { evaluateHeldOut } from '../../../app/nlu/import/evaluate.ts';
import { expandPattern } from '../../../app/nlu/import/pattern.ts';
import { parseExport, readExport } from '../../../app/nlu/import/read.ts';
import type { ImportedApp } from '../../../app/nlu/import/spec.ts';
import { writeBot } from '../../../app/nlu/import/write.ts';
import { loadOwnBot } from '../../../app/nlu/own/load.ts';
import { labelled, type Sample } from '../../../app/nlu/own/sample.ts';

const { signal } = new AbortController();
const fixture = (name: string) => new URL(`../../fixtures/luis/${name}`, import.meta.url).pathname;

interface Label {
  entity: string;
  startPos: number;
  endPos: number;
  role?: string;
  children?: Label[];
}
interface Export {
  intents: { name: string }[];
  utterances: { text: string; intent: string; entities: Label[] }[];
}

const source = JSON.parse(await readFile(fixture('clinic.json'), 'utf8')) as Export;
let app: ImportedApp;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-import-'));
  app = await readExport(fixture('clinic.json'), signal);
  await writeBot(folder, botOf(app), app);
});
after(() => rm(folder, { recursive: true }));

test('an app of 13 intents and 220 utterances is read back from its folder without a loss', () => {
  const bot = loadOwnBot(folder);
  const said = (sample: Sample) => {
    const whole = labelled(sample);
    return whole && { text: whole.text, labels: whole.labels.map((each) => ({ ...each })) };
  };
  const read = new Map(
    bot.intents.map(({ intent, samples }) => [intent, samples.flatMap((each) => said(each) ?? [])]),
  );
  const flat = (labels: Label[]): { entity: string; start: number; end: number }[] =>
    labels.flatMap(({ entity, role, startPos, endPos, children = [] }) => [
      { entity: role ?? entity, start: startPos, end: endPos + 1 },
      ...flat(children),
    ]);
  const order = (labels: { entity: string; start: number; end: number }[]) =>
    labels.map(({ entity, start, end }) => `${entity} ${start} ${end}`).sort();
  assert.equal(source.intents.length, 13);
  assert.equal(source.utterances.length, 220);
  for (const { text, intent, entities } of source.utterances) {
    const found = read.get(intent)?.find((each) => each.text === text);
    assert.deepEqual(order(found?.labels ?? []), order(flat(entities)), text);
  }
  assert.deepEqual(bot.entities, app.entities);
});

test('what has no equivalent is kept, and told', async () => {
  const kept = await readFile(join(folder, 'imported.yaml'), 'utf8');
  for (const each of ['NormalizeDiacritics', 'medicineWords', 'versionId', '{datetimeV2:oldDate}'])
    assert.ok(kept.includes(each), each);
  assert.ok(app.notes.some((note) => note.includes('email')));
  assert.ok(app.notes.some((note) => note.includes('Phrase lists')));
});

test('utterances that it was never told are understood, and how many of them is printed', async (t) => {
  const held = await readExport(fixture('clinic-held-out.json'), signal);
  const accuracy = await evaluateHeldOut(app, held.utterances, signal);
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  t.diagnostic(
    `${accuracy.utterances} held-out utterances: intents ${percent(accuracy.intents)}, entities F1 ${percent(accuracy.entities.f1)}`,
  );
  assert.equal(accuracy.utterances, 51);
  assert.ok(accuracy.intents >= 0.85, percent(accuracy.intents));
  assert.ok(accuracy.entities.f1 >= 0.85, percent(accuracy.entities.f1));
});

test('patterns are written out', () => {
  assert.deepEqual(expandPattern('[please] (book|reserve) a table {when}').variants, [
    'book a table {when}',
    'reserve a table {when}',
    'please book a table {when}',
    'please reserve a table {when}',
  ]);
  assert.deepEqual(expandPattern('leave [(a message|word)] now').variants, [
    'leave now',
    'leave a message now',
    'leave word now',
  ]);
  const many = expandPattern('(a|b|c|d) (a|b|c|d) (a|b|c|d)');
  assert.equal(many.variants.length, 32);
  assert.ok(many.cut);
});

test('an older app brings its hierarchies, composites, roles and names with blanks', () => {
  const old = parseExport(
    'old.json',
    JSON.stringify({
      luis_schema_version: '4.0.0',
      name: 'travel',
      culture: 'en-gb',
      intents: [{ name: 'Book Flight' }, { name: 'None' }],
      entities: [{ name: 'Class', roles: [] }],
      hierarchicals: [{ name: 'Location', children: ['From', 'To'], roles: [] }],
      composites: [{ name: 'Trip', children: ['Location::From', 'number'], roles: [] }],
      closedLists: [],
      prebuiltEntities: [
        { name: 'number', roles: [] },
        { name: 'money', roles: [] },
      ],
      patternAnyEntities: [],
      regex_entities: [],
      utterances: [
        {
          text: 'fly from Rome to Oslo',
          intent: 'Book Flight',
          entities: [
            { entity: 'Location::From', startPos: 9, endPos: 12 },
            { entity: 'Location::To', startPos: 17, endPos: 20 },
          ],
        },
        { text: 'seven', intent: 'None', entities: [] },
      ],
    }),
  );
  assert.deepEqual(old.intents[0], { intent: 'Book_Flight', was: 'Book Flight' });
  const kinds = Object.fromEntries(old.entities.map((entity) => [entity.name, entity]));
  assert.equal(kinds['From']?.kind, 'learned');
  assert.deepEqual(kinds['Trip'], { name: 'Trip', kind: 'parts', parts: ['From', 'count'] });
  assert.equal(kinds['money']?.kind, 'regex');
  assert.deepEqual(labelled(old.utterances[0]?.sample ?? [])?.labels, [
    { entity: 'From', start: 9, end: 13 },
    { entity: 'To', start: 17, end: 21 },
  ]);
});

test('a CLU project is recognised and read', () => {
  const clu = parseExport(
    'clu.json',
    JSON.stringify({
      projectFileVersion: '2023-04-01',
      stringIndexType: 'Utf16CodeUnit',
      metadata: { projectKind: 'Conversation', projectName: 'bank', language: 'en-us', multilingual: false },
      assets: {
        projectKind: 'Conversation',
        intents: [{ category: 'Transfer' }, { category: 'None' }],
        entities: [
          {
            category: 'Account',
            compositionSetting: 'combineComponents',
            list: {
              sublists: [
                { listKey: 'savings', synonyms: [{ language: 'en-us', values: ['savings account'] }] },
              ],
            },
          },
          { category: 'Payee' },
          { category: 'When', prebuilts: [{ category: 'DateTime' }] },
          { category: 'Iban', regex: { expressions: [{ regexKey: 'a', regexPattern: '[A-Z]{2}\\d+' }] } },
        ],
        utterances: [
          {
            text: 'send money to my brother',
            language: 'en-us',
            intent: 'Transfer',
            dataset: 'Train',
            entities: [{ category: 'Payee', offset: 14, length: 10 }],
          },
          { text: 'envoie', language: 'fr', intent: 'Transfer', entities: [] },
        ],
      },
    }),
  );
  assert.equal(clu.format, 'CLU 2023-04-01');
  assert.deepEqual(
    clu.entities.map(({ kind }) => kind),
    ['list', 'learned', 'is', 'regex'],
  );
  assert.equal(clu.utterances.length, 1);
  assert.ok(JSON.stringify(clu.leftovers).includes('envoie'));
});

test('what is no export is refused with the place and the remedy', () => {
  const refused = (text: string, reason: RegExp) =>
    assert.throws(
      () => parseExport('/somewhere/app.json', text),
      (error) =>
        error instanceof ParleyError &&
        error.code === 'nlu-import-invalid' &&
        reason.test(error.message) &&
        error.message.startsWith('app.json') &&
        error.remedy.length > 10,
    );
  refused('{"intents": [', /no JSON/);
  refused('[]', /luis_schema_version/);
  refused('{"luis_schema_version":"2.1.0","intents":[]}', /luis_schema_version: only 4/);
  refused(
    '{"luis_schema_version":"7.0.0","intents":[{"name":"A"}],"utterances":[{"text":"a","intent":"A","entities":[{"entity":"x","startPos":"one","endPos":3}]}]}',
    /utterances\.0\.entities\.0\.startPos/,
  );
  refused(
    '{"projectFileVersion":"2022-05-01","metadata":{"projectKind":"Orchestration"},"assets":{"intents":[]}}',
    /Conversation/,
  );
});

test('a folder that holds something is not written over', async () => {
  await assert.rejects(writeBot(folder, botOf(app), app), { code: 'nlu-import-usage' });
});
