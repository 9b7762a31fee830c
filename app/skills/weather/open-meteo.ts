import { z } from 'zod';
import type { Config } from '../../config/schema.ts';
import { messageOf } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import { garbled, getWhole, type Fetch } from '../http.ts';
import { createSharedCache } from '../shared-cache.ts';
import type { Forecast, WeatherService } from './forecast.ts';

/** As far as Open-Meteo sees. */
const forecastDays = 16;

const service = 'weather';
/** A forecast of 16 days by the hour has about 20 kB. */
const maxBytes = 2_000_000;
/** Cities whose forecast is kept; a forecast takes about 50 kB. */
const maxCities = 500;

const numbers = z.array(z.number().nullable());
const localDate = z.string().regex(/^\d{4}-\d\d-\d\d$/);
const localHour = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/);

/** What is asked for; see https://open-meteo.com/en/docs. Values beyond the model's range are null. */
const answerSchema = z.object({
  current: z.object({ temperature_2m: z.number(), weather_code: z.number(), is_day: z.number() }),
  hourly: sameLength(
    z.object({
      time: z.array(localHour),
      temperature_2m: numbers,
      weather_code: numbers,
      precipitation_probability: numbers,
    }),
  ),
  daily: sameLength(
    z.object({
      time: z.array(localDate).min(1),
      weather_code: numbers,
      temperature_2m_max: numbers,
      temperature_2m_min: numbers,
      precipitation_probability_max: numbers,
      wind_speed_10m_max: numbers,
    }),
  ),
});

function sameLength<T extends z.ZodType<Readonly<Record<string, readonly unknown[]>>>>(schema: T): T {
  return schema.refine((columns) => new Set(Object.values(columns).map(({ length }) => length)).size === 1, {
    error: 'its columns differ in length',
  });
}

/** Weather from Open-Meteo or a server like it. Forecasts are kept for a while and shared by all calls. */
export function createOpenMeteo(options: {
  readonly config: Config['skills']['weather'];
  readonly fetch: Fetch;
  readonly clock: Clock;
}): WeatherService {
  const { config, fetch, clock } = options;
  const cache = createSharedCache<Forecast>({ clock, maxAgeMs: config.cacheMs, maxEntries: maxCities });
  const base = config.baseUrl.endsWith('/') ? config.baseUrl : `${config.baseUrl}/`;

  return {
    forecast({ latitude, longitude }, { signal }) {
      const query = new URLSearchParams({
        latitude: latitude.toFixed(4),
        longitude: longitude.toFixed(4),
        current: 'temperature_2m,weather_code,is_day',
        hourly: 'temperature_2m,weather_code,precipitation_probability',
        daily:
          'weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max,wind_speed_10m_max',
        timezone: 'auto',
        forecast_days: String(forecastDays),
        ...(config.units === 'imperial' ? { temperature_unit: 'fahrenheit', wind_speed_unit: 'mph' } : {}),
      });
      const url = new URL(`v1/forecast?${query.toString()}`, base);
      return cache.get(
        url.search,
        async (shared) => {
          const { deadlineMs } = config;
          const { body } = await getWhole(url, {
            fetch,
            clock,
            service,
            deadlineMs,
            maxBytes,
            signal: shared,
            headers: { accept: 'application/json' },
          });
          return read(body.toString('utf8'));
        },
        signal,
      );
    },
  };
}

function read(body: string): Forecast {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (error) {
    throw garbled(service, messageOf(error), error);
  }
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) throw garbled(service, z.prettifyError(parsed.error), parsed.error);
  const { current, hourly, daily } = parsed.data;
  return {
    current: {
      code: current.weather_code,
      temperature: current.temperature_2m,
      isDay: current.is_day !== 0,
    },
    days: daily.time.flatMap((date, at) => {
      const code = daily.weather_code[at];
      const high = daily.temperature_2m_max[at];
      const low = daily.temperature_2m_min[at];
      if (code == null || high == null || low == null) return [];
      const rainChance = daily.precipitation_probability_max[at] ?? undefined;
      const windSpeed = daily.wind_speed_10m_max[at] ?? undefined;
      return [{ date, code, high, low, rainChance, windSpeed }];
    }),
    hours: hourly.time.flatMap((time, at) => {
      const code = hourly.weather_code[at];
      const temperature = hourly.temperature_2m[at];
      if (code == null || temperature == null) return [];
      const rainChance = hourly.precipitation_probability[at] ?? undefined;
      return [{ date: time.slice(0, 10), hour: Number(time.slice(11, 13)), code, temperature, rainChance }];
    }),
  };
}
