/**
 * The whole configuration, as one strict schema. Each field has a unit in its name, a default and one sentence.
 * docs/configuration.md and .env.example are generated from it (`npm run docs`).
 */
import { z } from 'zod';
import { field } from './field.ts';
import { ari, asterisk, media } from './groups/asterisk.ts';
import { calls, line, turns } from './groups/calls.ts';
import { bot, luisEndpoint, nlu } from './groups/nlu.ts';
import { consoleServer, log, store, telemetry } from './groups/operation.ts';
import { skills } from './groups/skills.ts';
import { speech } from './groups/speech.ts';

export const configSchema = z.strictObject({
  stateDir: field(
    z.string().min(1).default('.parley'),
    'Folder for generated passwords, the own Asterisk’s run files and logs.',
  ),
  ari: ari.prefault({}),
  asterisk: asterisk.prefault({}),
  media: media.prefault({}),
  line: line.prefault({}),
  turns: turns.prefault({}),
  calls: calls.prefault({}),
  speech: speech.prefault({}),
  nlu: nlu.prefault({}),
  bot: bot.prefault({}),
  luisEndpoint: luisEndpoint.prefault({}),
  skills: skills
    .extend({
      weather: skills.shape.weather.prefault({}),
      news: skills.shape.news.prefault({}),
      call: skills.shape.call.prefault({}),
    })
    .prefault({}),
  store: store.prefault({}),
  telemetry: telemetry.prefault({}),
  console: consoleServer.prefault({}),
  log: log.prefault({}),
});

export type Config = z.output<typeof configSchema>;
