import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { configSchema } from '../../../app/config/schema.ts';
import { builtInContent } from '../../../app/nlu/content.ts';
import { toolsOf } from '../../../app/nlu/model/tools.ts';
import { loadOwnBot } from '../../../app/nlu/own/load.ts';
import { overlay } from '../../../app/nlu/own/overlay.ts';
import { createUnderstander } from '../../../app/nlu/registry.ts';
import { startChatModel } from '../../fakes/chat-model.ts';

test('all that the bot does is a function, described by what callers say', () => {
  const tools = toolsOf(builtInContent());
  assert.deepEqual(tools.map(({ intent }) => intent).sort(), [
    'Call',
    'GetNews',
    'GetTime',
    'GetWeather',
    'Goodbye',
    'Help',
    'Repeat',
    'Stop',
  ]);
  for (const { definition, intent } of tools) {
    assert.equal(definition.function.name, intent);
    assert.match(definition.function.description, /^For callers who say things like ".+"\.$/);
  }
});

test('intents and entities of a bot of one’s own are functions and parameters, and are read by its own recognisers', async (t) => {
  const folder = await mkdtemp(`${tmpdir()}/parley-own-`);
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(`${folder}/intents`);
  await writeFile(
    `${folder}/entities.yaml`,
    'size:\n  list: { large: [big, huge], small: [little] }\ntopping:\n  learned: [ham, mushrooms]\n',
  );
  await writeFile(
    `${folder}/intents/order.yaml`,
    [
      'intent: OrderPizza',
      'samples: ["a {size} pizza", "bring me a {size} pizza", "pizza with {topping} please", "I want a pizza on {day}"]',
      'say: "A {size} pizza is on its way."',
      'needs: { size: "Which size?" }',
    ].join('\n'),
  );
  const own = loadOwnBot(folder);
  const tool = toolsOf(overlay(builtInContent(), own)).find(({ intent }) => intent === 'OrderPizza');
  assert.deepEqual(tool?.definition.function.parameters.properties, {
    day: {
      type: 'string',
      description:
        'The day, or days, and the part of it, in the caller’s own words, such as "tomorrow evening".',
    },
    size: { type: 'string', enum: ['large', 'small'] },
    topping: { type: 'string' },
  });

  const server = await startChatModel();
  t.after(() => server.close());
  const { nlu: services } = configSchema.parse({ nlu: { model: { baseUrl: server.url, model: 'small' } } });
  await writeFile(`${folder}/instructions.md`, 'The oven is hot from five to eleven.\n');
  const model = createUnderstander('model', { directory: {}, own, ownDir: folder, services });
  t.after(() => model.close());
  server.next({ call: 'OrderPizza', with: { size: 'huge', topping: 'anchovies' } });
  const options = { language: 'en-US', signal: t.signal, now: new Date(0) };
  const { intent, slots } = await model.understand('something with the bigger one', options);
  assert.deepEqual([intent, slots], ['OrderPizza', { '@size': 'large', '@topping': 'anchovies' }]);
  assert.match(server.requests[0]?.body.messages[0]?.content ?? '', /The oven is hot from five to eleven\.$/);
});
