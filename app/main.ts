/**
 * The composition root: configuration -> parts -> start; signals -> drain -> stop. Nothing imports it.
 * Whoever starts it as a child process is told by a message when calls are answered.
 */
import { homedir } from 'node:os';
import about from '../package.json' with { type: 'json' };
import { voiceRules } from './audio/voice-activity.ts';
import { AriConnection } from './asterisk/ari/connection.ts';
import { Exchange } from './asterisk/exchange.ts';
import { MediaServer } from './asterisk/lines/media-server.ts';
import { PageAccounts } from './asterisk/page-accounts.ts';
import { loadConfig } from './config/load.ts';
import type { Config } from './config/schema.ts';
import { Board } from './console/board.ts';
import { LiveCalls } from './console/live.ts';
import { startConsole } from './console/start.ts';
import { createTelephone } from './console/telephone/start.ts';
import { Conversation } from './conversation/conversation.ts';
import { CallWatch, tellAll } from './conversation/observer.ts';
import { Switchboard } from './conversation/switchboard.ts';
import { messageOf, ParleyError } from './errors.ts';
import { VoiceRecorder } from './media/voice-recorder.ts';
import { retention } from './jobs/retention.ts';
import { createScheduler } from './jobs/scheduler.ts';
import { buildLocale, languagesOf } from './locale.ts';
import { startLuisEndpoint } from './nlu/luis-endpoint/start.ts';
import { systemClock } from './ops/clock.ts';
import { createLog, type RootLog } from './ops/log.ts';
import { createMetrics } from './ops/metrics.ts';
import { cacheDirOf } from './setup/cache.ts';
import { consoleToken } from './setup/console-token.ts';
import { findRhvoice } from './setup/rhvoice.ts';
import { findSox } from './setup/sox.ts';
import { speechWeights } from './setup/speech-weights.ts';
import { createOpenMeteo } from './skills/weather/open-meteo.ts';
import type { ChainOptions } from './speech/fallback/chain.ts';
import { createStts, createTtss } from './speech/registry.ts';
import { createSileroDetector } from './speech/vad/silero.ts';
import { startKeeping } from './store/keeping.ts';
import { watchProviders } from './store/provider-watch.ts';
import { countCalls } from './telemetry/call-metrics.ts';
import { startTracing } from './telemetry/start.ts';

/** What the bot says is made at this rate; Asterisk brings it to each telephone's own. */
const speechRateHz = 16_000;
const sweepSchedule = '*/5 * * * *';
const { version } = about;

interface Started {
  readonly stop: () => Promise<void>;
  readonly consoleUrl: string | undefined;
}

async function start(config: Config, log: RootLog, signal: AbortSignal): Promise<Started> {
  const clock = systemClock;
  const { XDG_CACHE_HOME } = process.env;
  const cacheDir = cacheDirOf(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }, homedir());
  const { dir: modelDir } = await speechWeights({ cacheDir, signal });
  const { turns } = config;
  const { language } = config.calls;
  const board = new Board(clock, {
    stt: config.speech.stt,
    tts: config.speech.tts,
    nlu: config.nlu.understander,
  });
  const live = new LiveCalls(clock);
  const counted = board.watch(createMetrics());
  const { store, keeper, recordings } = await startKeeping(config, { clock, log, metrics: counted, signal });
  const recorderOf = config.store.keepRecordings
    ? (callId: string) =>
        new VoiceRecorder({
          dir: recordings.dir,
          callId,
          onLost: (error) => {
            log.error('the call goes on without its recording', { callId, error });
            counted.storeDropped('recording', 1);
          },
        })
    : undefined;
  const metrics = watchProviders(counted, (incident) => keeper.incident(incident));
  const tracing = await startTracing(config, { version, clock, log, metrics: counted });
  const observer = tellAll(
    [
      countCalls(counted, clock),
      live,
      ...(config.store.keepCalls ? [keeper] : []),
      ...(tracing === undefined ? [] : [tracing.observer]),
    ],
    (error) => {
      log.error('somebody who follows the calls failed', { error });
    },
  );
  const chain: ChainOptions = {
    failover: config.speech.failover,
    sampleRateHz: speechRateHz,
    language,
    clock,
    log,
    metrics,
  };
  const stt = createStts(config.speech.stt, { config: config.speech, modelDir }, chain);
  const rhvoice = config.speech.tts.includes('rhvoice') ? await findRhvoice({ cacheDir, signal }) : undefined;
  const tts = createTtss(
    config.speech.tts,
    { config: config.speech, rhvoice },
    { ...chain, onChange: prepareFixed },
  );
  // The threads load their models while this one learns the bot's content.
  const warm = stt.warmUp([]);

  const detector = createSileroDetector({ log });
  const weather = createOpenMeteo({ config: config.skills.weather, fetch: globalThis.fetch, clock });
  const parts = { config, stt, tts, sampleRateHz: speechRateHz, weather, clock, log, metrics };
  const [{ path: soxPath }, usual, ...others] = await Promise.all([
    findSox({ cacheDir, signal }),
    buildLocale(language, parts),
    ...languagesOf(config.calls)
      .slice(1)
      .map((other) => buildLocale(other, parts)),
  ]);
  const locales = [usual, ...others] as const;
  await warm;
  // Calls are answered meanwhile: the greeting lasts longer than this.
  stt.warmUp(locales.flatMap(({ phrases }) => Object.values(phrases))).catch((error: unknown) => {
    if (!signal.aborted) log.warn('the phrases for the recogniser could not be prepared', { error });
  });

  function prepareFixed(): void {
    for (const { speaker, mind } of locales) {
      speaker.prepare(mind.answers.fixed, signal).catch((error: unknown) => {
        if (!signal.aborted) log.warn('the fixed answers could not be prepared', { error });
      });
    }
  }
  prepareFixed();

  const switchboard = new Switchboard({
    capacity: config.calls.capacity,
    log,
    metrics,
    locales,
    turnedAway: (line, { language: spoken }, gone) => {
      const watch = new CallWatch(observer, line, clock);
      watch.began({ language: spoken, resumed: false });
      void gone.then(() => watch.ended('turned-away'));
    },
    converse: (line, { resumed, locale }) =>
      new Conversation({
        ...locale,
        line,
        rules: { bargeIn: config.line.bargeIn, askAgainTimes: config.calls.askAgainTimes },
        endOfTurn: turns,
        greeting: resumed ? 'resumed' : 'greeting',
        askAgainMs: config.calls.askAgainMs,
        maxCallMs: config.calls.maxCallMs,
        connectRingMs: config.skills.call.ringMs,
        fillerAfterMs: turns.thinkingSoundMs,
        interDigitMs: turns.interDigitMs,
        clock,
        metrics,
        observer,
        resumed,
        log: log.with({ callId: line.callId }),
      }),
  });

  const { url = '', user, password = '', app, commandDeadlineMs, heartbeatMs } = config.ari;
  const ari = new AriConnection({ url, user, password, app, commandDeadlineMs, heartbeatMs, log });
  const media = await MediaServer.start({
    ...config.media,
    healthy: () => ari.connected,
    metrics: () => metrics.text(),
  });
  const exchange = new Exchange({
    ari,
    line: {
      ...config.line,
      dialString: config.skills.call.dial,
      record: recorderOf,
      streamed: {
        ...config.line,
        ariUrl: url,
        ariUser: user,
        ariPassword: password,
        detector,
        voice: voiceRules,
        connectDeadlineMs: commandDeadlineMs,
      },
      recorded: { ...config.line, media, soxPath },
    },
    log,
    metrics,
    onCall: (line, call) => {
      switchboard.take(line, call);
    },
  });
  const luisEndpoint = await startLuisEndpoint(config, { clock, log });
  const scheduler = createScheduler({
    jobs: [
      ...locales.flatMap(({ jobs }) => jobs),
      {
        name: 'sweep',
        schedule: sweepSchedule,
        atStart: false,
        deadlineMs: 30_000,
        run: () => (ari.connected ? exchange.sweep() : Promise.resolve()),
      },
      retention({
        schedule: config.store.retention,
        keepDays: config.store.keepDays,
        keepMB: config.store.keepMB,
        calls: store,
        recordings,
        clock,
        log,
      }),
    ],
    clock,
    log,
  });

  const connected = new Promise<void>((resolve) => {
    ari.onConnected(({ first }) => {
      if (!first) counted.ariReconnected();
      resolve();
    });
  });
  counted.follow({
    version,
    capacity: config.calls.capacity,
    ariConnected: () => ari.connected,
    engines: () => [
      ...(stt.load?.() ?? []).map((load) => ({ kind: 'stt', ...load })),
      ...(tts.load?.() ?? []).map((load) => ({ kind: 'tts', ...load })),
    ],
    voiceFramesDropped: () => detector.stats().dropped,
  });
  let draining = false;
  const telephone = createTelephone(config, {
    accounts: new PageAccounts({ ari, log }),
    languages: languagesOf(config.calls),
    clock,
    log,
  });
  ari.onConnected(() => {
    void telephone.look();
  });
  const operator = await startConsole(config, {
    telephone,
    version,
    token: await consoleToken(config, signal),
    live,
    board,
    store,
    recordings,
    keeper,
    locales,
    calls: () => ({ live: switchboard.live, draining }),
    ariConnected: () => ari.connected,
    hangUp: (callId) => exchange.hangUp(callId),
    metrics: () => counted.text(),
    clock,
    log,
  });
  ari.start();
  scheduler.start();
  const stop = async (): Promise<void> => {
    draining = true;
    await switchboard.drain(config.calls.drainMs);
    await scheduler.stop();
    await luisEndpoint?.close();
    // It removes the accounts of its telephones from Asterisk.
    await operator?.close();
    await ari.close();
    await media.close();
    await Promise.all([
      stt.close(),
      tts.close(),
      detector.close(),
      ...locales.map(({ understander }) => understander.close()),
    ]);
    await tracing?.close();
    await keeper.close(config.store.deadlineMs);
    await store.close();
  };
  await Promise.race([connected, aborted(signal)]);
  return { stop, consoleUrl: operator?.url };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  const began = performance.now();
  let log: RootLog | undefined;
  try {
    const config = await loadConfig(process.env);
    if (config.ari.url === undefined)
      throw new ParleyError('config-invalid', {
        problems: '  - ARI_URL (ari.url): the app alone needs an Asterisk; npm start brings its own',
      });
    log = createLog(config.log);
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        // The second time is meant.
        if (stopping.signal.aborted) process.exit(1);
        stopping.abort();
      });
    }
    // Whoever started it is gone: nobody would ever stop it.
    process.on('disconnect', () => {
      stopping.abort();
    });
    const { stop, consoleUrl } = await start(config, log, stopping.signal);
    if (!stopping.signal.aborted) {
      log.info('ready for calls', { tookMs: Math.round(performance.now() - began) });
      process.send?.({ kind: 'ready', consoleUrl });
      await aborted(stopping.signal);
    }
    log.info('stopping');
    await stop();
    await log.close();
  } catch (error) {
    const reason = error instanceof ParleyError ? error.explain() : messageOf(error);
    if (!stopping.signal.aborted) {
      if (process.connected) await tellParent({ kind: 'failed', reason });
      else console.error(reason);
      process.exitCode = 1;
    }
    await log?.close();
  }
}

/** Resolves when the message is on its way: what is still being sent when a process exits is lost. */
function tellParent(message: { readonly kind: 'failed'; readonly reason: string }): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => {
      resolve();
    });
  });
}

await main();
// Callers who talk with another phone are not waited for; what still counts their time must not keep the process.
process.exit();
