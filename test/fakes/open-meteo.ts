import cityTimezones from 'city-timezones';
import { systemClock, type Clock } from '../../app/ops/clock.ts';
import { startFakeServer, type FakeRequest, type FakeServer, type Reply } from './http.ts';

/** The weather of one day, in Celsius, km/h and percent; converted to what the request asks for. */
export interface FakeDay {
  /** WMO 4677 as Open-Meteo uses it. */
  readonly code: number;
  readonly lowC: number;
  readonly highC: number;
  readonly rainChance: number;
  readonly windKmh: number;
  /** Hours (0 to 23) that differ from the rest of the day. */
  readonly hours?: Readonly<
    Record<number, { readonly code?: number; readonly temperatureC?: number; readonly rainChance?: number }>
  >;
}

export interface FakeWeather {
  readonly current: {
    readonly temperatureC: number;
    readonly feelsLikeC: number;
    readonly code: number;
    readonly windKmh: number;
  };
  /** Today first. Days without an entry are answered as null, as the real service does at the end of its range. */
  readonly days: readonly FakeDay[];
}

interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

export interface FakeOpenMeteo extends FakeServer {
  /** The weather of one place (to a hundredth of a degree) from now on. */
  setWeather(at: Coordinates, weather: FakeWeather): void;
}

export interface FakeOpenMeteoOptions {
  /** Decides what "now" and "today" are; the system's time when absent. */
  readonly clock?: Clock;
  /** The weather of places that were not set; `weatherByPlace` when absent. */
  readonly weather?: (at: Coordinates) => FakeWeather;
}

/**
 * Open-Meteo's forecast interface on loopback, in its real format (https://open-meteo.com/en/docs):
 * `GET /v1/forecast`, its units, its errors (status 400, `{"error":true,"reason":"…"}`), local times, 1 to 16 days.
 */
export async function startOpenMeteo(options: FakeOpenMeteoOptions = {}): Promise<FakeOpenMeteo> {
  const { clock = systemClock, weather = weatherByPlace } = options;
  const set = new Map<string, FakeWeather>();
  const server = await startFakeServer({
    answer: (request) => {
      if (request.method !== 'GET' || request.path !== '/v1/forecast') return undefined;
      const at = {
        latitude: Number(request.query.get('latitude')),
        longitude: Number(request.query.get('longitude')),
      };
      return forecast(request, at, set.get(placeKey(at)) ?? weather(at), clock.now());
    },
    wrongSchema: json(200, { current: { temperature: 'warm' }, daily: { time: ['today'] } }),
  });
  return Object.assign(server, {
    setWeather: (at: Coordinates, placeWeather: FakeWeather) => void set.set(placeKey(at), placeWeather),
  });
}

/** Weather that differs from place to place and stays the same at each: warmer towards the equator. */
function weatherByPlace({ latitude, longitude }: Coordinates): FakeWeather {
  const mix = Math.abs(Math.round(latitude * 100) * 31 + Math.round(longitude * 100) * 17);
  const warmth = Math.round(28 - Math.abs(latitude) / 2.5) + (mix % 5);
  const codes = [0, 1, 2, 3, 61, 63, 80, 45, 95];
  const days = Array.from({ length: 16 }, (_, day): FakeDay => {
    const code = codes[(mix + day * 4) % codes.length] ?? 0;
    const rainChance = code >= 51 ? 60 + ((mix + day) % 4) * 10 : (mix + day * 3) % 15;
    return {
      code,
      lowC: warmth - 6 + (day % 3),
      highC: warmth + 2 + (day % 4),
      rainChance,
      windKmh: 10 + (mix % 15),
    };
  });
  const code = days[0]?.code ?? 0;
  return { current: { temperatureC: warmth, feelsLikeC: warmth - 1, code, windKmh: 12 }, days };
}

const variables = {
  current: ['temperature_2m', 'apparent_temperature', 'weather_code', 'wind_speed_10m', 'is_day'],
  hourly: ['temperature_2m', 'weather_code', 'precipitation_probability'],
  daily: [
    'weather_code',
    'temperature_2m_max',
    'temperature_2m_min',
    'precipitation_probability_max',
    'wind_speed_10m_max',
  ],
} as const;

function forecast({ query }: FakeRequest, at: Coordinates, weather: FakeWeather, now: Date): Reply {
  const days = Number(query.get('forecast_days') ?? 7);
  const refusal = refuse(query, at, days);
  if (refusal !== undefined) return json(400, { error: true, reason: refusal });

  const timeZone = query.get('timezone') === 'auto' ? nearestTimeZone(at) : (query.get('timezone') ?? 'GMT');
  const local = localTime(now, timeZone);
  const fahrenheit = query.get('temperature_unit') === 'fahrenheit';
  const mph = query.get('wind_speed_unit') === 'mph';
  const degrees = (celsius: number) => oneDecimal(fahrenheit ? celsius * 1.8 + 32 : celsius);
  const speed = (kmh: number) => oneDecimal(mph ? kmh / 1.609344 : kmh);
  const unitOf = (name: string) => {
    if (name.includes('temperature')) return fahrenheit ? '°F' : '°C';
    if (name.startsWith('wind')) return mph ? 'mp/h' : 'km/h';
    if (name.includes('probability')) return '%';
    return name === 'weather_code' ? 'wmo code' : '';
  };

  const dates = Array.from({ length: days }, (_, day) => addDays(local.slice(0, 10), day));
  const dayAt = (index: number): FakeDay | undefined => weather.days[index];
  const currentHour = Number(local.slice(11, 13));
  const values: Record<keyof typeof variables, (name: string) => unknown> = {
    current: (name) =>
      ({
        temperature_2m: degrees(weather.current.temperatureC),
        apparent_temperature: degrees(weather.current.feelsLikeC),
        weather_code: weather.current.code,
        wind_speed_10m: speed(weather.current.windKmh),
        is_day: isDay(currentHour) ? 1 : 0,
      })[name],
    hourly: (name) =>
      dates.flatMap((_, index) =>
        Array.from({ length: 24 }, (__, hour) => {
          const day = dayAt(index);
          if (day === undefined) return null;
          const special = day.hours?.[hour];
          if (name === 'weather_code') return special?.code ?? day.code;
          if (name === 'precipitation_probability') return special?.rainChance ?? day.rainChance;
          return degrees(special?.temperatureC ?? temperatureAt(day, hour));
        }),
      ),
    daily: (name) =>
      dates.map((_, index) => {
        const day = dayAt(index);
        if (day === undefined) return null;
        return {
          weather_code: day.code,
          temperature_2m_max: degrees(day.highC),
          temperature_2m_min: degrees(day.lowC),
          precipitation_probability_max: day.rainChance,
          wind_speed_10m_max: speed(day.windKmh),
        }[name];
      }),
  };
  const times: Record<keyof typeof variables, unknown> = {
    current: `${local.slice(0, 14)}${String(Math.floor(Number(local.slice(14, 16)) / 15) * 15).padStart(2, '0')}`,
    hourly: dates.flatMap((date) =>
      Array.from({ length: 24 }, (_, hour) => `${date}T${String(hour).padStart(2, '0')}:00`),
    ),
    daily: dates,
  };

  const body: Record<string, unknown> = {
    latitude: oneDecimal(at.latitude),
    longitude: oneDecimal(at.longitude),
    generationtime_ms: 0.1,
    utc_offset_seconds: (Date.parse(`${local}:00Z`) - Math.floor(now.getTime() / 60_000) * 60_000) / 1_000,
    timezone: timeZone,
    timezone_abbreviation: timeZone,
    elevation: 30,
  };
  for (const block of ['current', 'hourly', 'daily'] as const) {
    const names = listed(query, block);
    if (names.length === 0) continue;
    const interval = block === 'current' ? { interval: 900 } : {};
    body[`${block}_units`] = {
      time: 'iso8601',
      ...(block === 'current' ? { interval: 'seconds' } : {}),
      ...Object.fromEntries(names.map((name) => [name, unitOf(name)])),
    };
    body[block] = {
      time: times[block],
      ...interval,
      ...Object.fromEntries(names.map((name) => [name, values[block](name)])),
    };
  }
  return json(200, body);
}

/** The real service's reason for not answering, or undefined. */
function refuse(
  query: URLSearchParams,
  { latitude, longitude }: Coordinates,
  days: number,
): string | undefined {
  for (const name of ['latitude', 'longitude']) {
    if (!query.has(name)) return `Parameter '${name}' is required.`;
  }
  if (!(Math.abs(latitude) <= 90)) return `Latitude must be in range of -90 to 90°. Given: ${latitude}.`;
  if (!(Math.abs(longitude) <= 180))
    return `Longitude must be in range of -180 to 180°. Given: ${longitude}.`;
  if (!(days >= 0 && days <= 16)) return `Forecast days is invalid. Allowed range 0 to 16. Given ${days}.`;
  for (const block of ['current', 'hourly', 'daily'] as const) {
    const known: readonly string[] = variables[block];
    const unknown = listed(query, block).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      return `Data corrupted at path ''. Cannot initialize ForecastVariable from invalid String value ${unknown}.`;
    }
  }
  if (query.has('daily') && !query.has('timezone')) {
    return 'Parameter "timezone" is required for daily variables';
  }
  return undefined;
}

function listed(query: URLSearchParams, block: string): string[] {
  return query
    .getAll(block)
    .flatMap((value) => value.split(','))
    .filter((name) => name !== '');
}

/** Coldest at 5, warmest at 15. */
function temperatureAt({ lowC, highC }: FakeDay, hour: number): number {
  return (lowC + highC) / 2 + ((highC - lowC) / 2) * Math.cos(((hour - 15) / 24) * 2 * Math.PI);
}

function isDay(hour: number): boolean {
  return hour >= 7 && hour < 19;
}

/** `YYYY-MM-DDTHH:MM` in the time zone. */
function localTime(at: Date, timeZone: string): string {
  const text = at.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return text.replace(' ', 'T');
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function nearestTimeZone({ latitude, longitude }: Coordinates): string {
  let best = { distance: Infinity, timeZone: 'GMT' };
  for (const { lat, lng, timezone } of cityTimezones.cityMapping) {
    const distance = (lat - latitude) ** 2 + ((lng - longitude) * Math.cos((latitude / 180) * Math.PI)) ** 2;
    if (distance < best.distance && timezone) best = { distance, timeZone: timezone };
  }
  return best.timeZone;
}

function placeKey({ latitude, longitude }: Coordinates): string {
  return `${latitude.toFixed(2)},${longitude.toFixed(2)}`;
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}

function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body),
  };
}
