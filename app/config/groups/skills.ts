import { z } from 'zod';
import { bcp47, field, milliseconds } from '../field.ts';

/** What the bot can do. */

export const skills = z.strictObject({
  weather: z.strictObject({
    baseUrl: field(
      z.url().default('https://api.open-meteo.com'),
      'Address of Open-Meteo or a server like it.',
    ),
    units: field(
      z.enum(['metric', 'imperial']).default('metric'),
      'Celsius and km/h, or Fahrenheit and mph.',
    ),
    deadlineMs: field(milliseconds.min(100).default(2_500), 'How long the weather service may take.'),
    cacheMs: field(milliseconds.default(600_000), 'How long a forecast is used again.'),
  }),
  news: z.strictObject({
    feeds: field(
      z.array(z.strictObject({ name: z.string().min(1), url: z.url(), language: bcp47.optional() })).default([
        { name: 'BBC News', url: 'https://feeds.bbci.co.uk/news/world/rss.xml', language: 'en' },
        { name: 'The Guardian', url: 'https://www.theguardian.com/world/rss', language: 'en' },
        { name: 'NPR', url: 'https://feeds.npr.org/1004/rss.xml', language: 'en' },
        { name: 'BBC Mundo', url: 'https://feeds.bbci.co.uk/mundo/rss.xml', language: 'es' },
        { name: 'Deutsche Welle', url: 'https://rss.dw.com/xml/rss-sp-top', language: 'es' },
      ]),
      'RSS and Atom feeds with their spoken names, and their languages where it is not calls.language (in the environment: JSON).',
    ),
    refresh: field(z.string().default('*/10 * * * *'), 'When the feeds are fetched (cron).'),
    deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one feed may take.'),
    staleMs: field(milliseconds.default(21_600_000), 'Age after which headlines are no longer read out.'),
  }),
  call: z.strictObject({
    directory: field(
      z.record(z.string().min(1), z.string().regex(/^\d{2,15}$/)).default({}),
      'Names that callers may ask for and the phone of each, such as {"Alice": "6002"} (in the environment: JSON).',
    ),
    ringMs: field(milliseconds.min(1_000).default(20_000), 'How long a called phone rings.'),
    dial: field(
      z
        .string()
        .regex(/^[\w]+\/.*\{extension\}/)
        .default('PJSIP/{extension}'),
      'How Asterisk reaches a phone, such as PJSIP/{extension}@trunk.',
    ),
  }),
});
