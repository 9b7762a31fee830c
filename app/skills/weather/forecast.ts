/** One day's weather, in the units of the configuration. */
export interface DayForecast {
  /** `YYYY-MM-DD`, local. */
  readonly date: string;
  /** WMO 4677 as Open-Meteo uses it: the most severe of the day. */
  readonly code: number;
  readonly high: number;
  readonly low: number;
  /** Percent; undefined where the service has none. */
  readonly rainChance: number | undefined;
  readonly windSpeed: number | undefined;
}

export interface HourForecast {
  /** `YYYY-MM-DD`, local. */
  readonly date: string;
  /** 0 to 23, local; it begins then. */
  readonly hour: number;
  readonly code: number;
  readonly temperature: number;
  readonly rainChance: number | undefined;
}

export interface Forecast {
  readonly current: { readonly code: number; readonly temperature: number; readonly isDay: boolean };
  /** From today on, as far as the service sees. */
  readonly days: readonly DayForecast[];
  readonly hours: readonly HourForecast[];
}

/** An outside service that knows the weather. */
export interface WeatherService {
  /** @throws ParleyError `skill-service-unreachable`, `skill-service-garbled`; the signal's reason. */
  forecast(
    at: { readonly latitude: number; readonly longitude: number },
    options: { readonly signal: AbortSignal },
  ): Promise<Forecast>;
}
