import { findAsterisk } from '../asterisk/local/find.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createLog } from '../ops/log.ts';
import type { PhoneAccount } from '../phone/accounts.ts';
import { createEars } from '../phone/ears/ears.ts';
import { Phone } from '../phone/phone.ts';
import { speechWeights } from '../setup/speech-weights.ts';
import { createTts } from '../speech/registry.ts';
import type { TextToSpeech } from '../speech/spec.ts';
import { findTarget, type WantedTarget } from './call-target.ts';
import { prepareMachine, userCacheDir } from './parley-process.ts';

/** A caller made of software, and whom it can call. */
export interface Caller {
  readonly config: Config;
  /** At the server that is called. */
  readonly account: PhoneAccount;
  readonly voice: TextToSpeech;
  /** Ends with the caller. @throws ParleyError `phone-*`, `asterisk-*`, `ari-*`; the signal's reason. */
  readonly startPhone: (accounts: readonly PhoneAccount[]) => Promise<Phone>;
}

/**
 * Gets a caller ready, and a Parley where none runs, and ends both after `work`.
 * @param say told what a person should know meanwhile.
 * @throws ParleyError `setup-*`, `config-*`, `asterisk-*`, `phone-*`; whatever `work` throws.
 */
export async function withCaller<T>(
  options: {
    readonly wanted: WantedTarget;
    readonly say: (line: string) => void;
    readonly signal: AbortSignal;
  },
  work: (caller: Caller) => Promise<T>,
): Promise<T> {
  const { wanted, say, signal } = options;
  const config = await loadConfig(process.env);
  // The phone needs an Asterisk of its own even where Parley uses another one.
  const needed = { ...config, ari: { ...config.ari, url: undefined } };
  await prepareMachine(needed, process.env, { signal, out: process.stderr });
  const cacheDir = userCacheDir(process.env);
  const { dir: modelDir } = await speechWeights({ cacheDir, signal });
  const log = createLog({ level: 'warn', format: config.log.format, showSpeech: config.log.showSpeech });
  const ears = createEars({ modelDir });
  // While everything else starts; what goes wrong is met again by whoever listens.
  ears.warmUp().catch(() => undefined);
  const voice = createTts('local', { config: config.speech });
  const cleanUp: (() => Promise<void>)[] = [() => log.close(), () => ears.close(), () => voice.close()];
  try {
    const target = await findTarget(wanted, config, process.env, {
      signal,
      onStart: (logFile) => say(`A Parley is started for this (its log: ${logFile}).`),
    });
    cleanUp.push(() => target.stop());
    const { user, password, server } = target;
    return await work({
      config,
      account: { user, password, server },
      voice,
      startPhone: async (accounts) => {
        const program = await findAsterisk({ cacheDir, signal });
        const phone = await Phone.start({ program, accounts, ears, voice, log, signal });
        cleanUp.push(() => phone.close());
        return phone;
      },
    });
  } finally {
    for (const close of cleanUp.toReversed()) await close();
  }
}
