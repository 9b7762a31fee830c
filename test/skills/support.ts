import { configSchema, type Config } from '../../app/config/schema.ts';
import type { City, Slots } from '../../app/nlu/spec.ts';
import { loadAnswers } from '../../app/skills/answers.ts';
import type { Answer, Skill } from '../../app/skills/spec.ts';

export const answers = await loadAnswers();

export const never = new AbortController().signal;

/** The skills' part of the configuration, with defaults for what is not given. */
export function skillsConfig(skills: {
  readonly weather?: Partial<Config['skills']['weather']>;
  readonly news?: Partial<Config['skills']['news']>;
  readonly call?: Partial<Config['skills']['call']>;
}): Config['skills'] {
  return configSchema.parse({ skills }).skills;
}

export function run(skill: Skill, slots: Slots, now: Date | string, signal = never): Promise<Answer> {
  return skill.run({ intent: skill.intent, slots, language: 'en-US', now: new Date(now) }, { signal });
}

function city(
  name: string,
  region: string,
  country: string,
  latitude: number,
  longitude: number,
  timeZone: string,
  population: number,
): City {
  return { name, region, country, latitude, longitude, timeZone, population };
}

const usa = 'United States of America';
export const cities = {
  seattle: city('Seattle', 'Washington', usa, 47.61, -122.33, 'America/Los_Angeles', 3_074_000),
  tokyo: city('Tokyo', 'Tokyo', 'Japan', 35.68, 139.75, 'Asia/Tokyo', 35_676_000),
  london: city('London', 'Westminster', 'United Kingdom', 51.5, -0.12, 'Europe/London', 8_567_000),
  londonOntario: city('London', 'Ontario', 'Canada', 42.97, -81.25, 'America/Toronto', 346_000),
  portlandOregon: city('Portland', 'Oregon', usa, 45.52, -122.68, 'America/Los_Angeles', 1_875_000),
  portlandMaine: city('Portland', 'Maine', usa, 43.67, -70.25, 'America/New_York', 196_000),
  kathmandu: city('Kathmandu', 'Bhaktapur', 'Nepal', 27.72, 85.31, 'Asia/Kathmandu', 895_000),
} as const;
