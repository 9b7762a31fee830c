import { systemClock } from '../../ops/clock.ts';
import { getWhole } from '../../skills/http.ts';
import { parseFeed } from '../../skills/news/parse-feed.ts';
import { createOpenMeteo } from '../../skills/weather/open-meteo.ts';
import { fine, note, troubleWith } from '../findings.ts';
import type { Check } from '../spec.ts';

const greenwich = { latitude: 51.48, longitude: 0 };
const largestFeedBytes = 2_000_000;

/** A forecast can be had. */
export const weatherCheck: Check = {
  name: 'weather',
  title: 'Weather',
  outside: true,
  deadlineMs: 15_000,
  async examine({ config, fetch }, { signal }) {
    const { weather } = config.skills;
    const service = createOpenMeteo({ config: weather, fetch, clock: systemClock });
    const { current } = await service.forecast(greenwich, { signal });
    const degrees = weather.units === 'metric' ? '°C' : '°F';
    return [fine(`${current.temperature} ${degrees} in Greenwich, by ${new URL(weather.baseUrl).host}`)];
  },
};

/** Each feed can be fetched and read. */
export const feedsCheck: Check = {
  name: 'feeds',
  title: 'News feeds',
  outside: true,
  deadlineMs: 30_000,
  async examine({ config, fetch }, { signal }) {
    const { feeds, deadlineMs } = config.skills.news;
    if (feeds.length === 0)
      return [note('none: callers who want the news are told so', 'Set skills.news.feeds.')];
    return Promise.all(
      feeds.map(async ({ name, url }) => {
        try {
          const options = {
            fetch,
            clock: systemClock,
            service: name,
            deadlineMs,
            maxBytes: largestFeedBytes,
            signal,
          };
          const { headers, body } = await getWhole(url, options);
          const headlines = parseFeed(body, headers.get('content-type') ?? '', name);
          return fine(`${name}: ${headlines.length} headlines`);
        } catch (error) {
          signal.throwIfAborted();
          return troubleWith(error, 'warning');
        }
      }),
    );
  },
};
