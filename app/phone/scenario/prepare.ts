import { gain, silence } from '../../audio/mix.ts';
import { concatPcm, type Audio } from '../../audio/pcm.ts';
import type { TextToSpeech } from '../../speech/spec.ts';
import { makeSound } from '../acoustics/sounds.ts';
import { atSpeed } from '../acoustics/tempo.ts';
import type { Surroundings } from '../microphone.ts';
import type { Step } from '../script.ts';
import { synthesise } from '../voice.ts';
import type { Act } from './judge.ts';
import type { Scenario, ScenarioStep } from './schema.ts';

export interface Prepared {
  readonly steps: readonly Step[];
  /** The steps in which the caller is heard. */
  readonly acts: readonly Act[];
  /** To which step of the scenario each of `steps` belongs. */
  readonly originOf: readonly number[];
  readonly surroundings: Surroundings | undefined;
}

/** That of the calls. */
const sampleRateHz = 8_000;
/** The music comes to its beginning again after so long. */
const backgroundMs = 6_240;
/** How long a caller waits for a bot that is to hang up. */
const endPatienceMs = 10_000;

/**
 * A scenario as steps, with all its audio: in the call nothing has to be waited for but the bot.
 * @throws ParleyError `tts-*`; the signal's reason.
 */
export async function prepare(
  scenario: Scenario,
  options: { readonly voice: TextToSpeech; readonly signal: AbortSignal },
): Promise<Prepared> {
  const steps: Step[] = [];
  const acts: Act[] = [];
  const originOf: number[] = [];
  for (const [origin, step] of scenario.steps.entries()) {
    const audio = await audioOf(step, scenario, options);
    if (audio !== undefined || 'press' in step) acts.push({ step: origin, audio });
    for (const each of stepsOf(step, audio)) {
      steps.push(each);
      originOf.push(origin);
    }
  }
  if (scenario.endedBy === 'bot') steps.push({ kind: 'await-end', timeoutMs: endPatienceMs });
  return { steps, acts, originOf, surroundings: surroundingsOf(scenario) };
}

function stepsOf(step: ScenarioStep, audio: Audio | undefined): Step[] {
  if ('hear' in step) return [{ kind: 'expect', pattern: step.hear, timeoutMs: step.timeoutMs }];
  if ('wait' in step) return [{ kind: 'wait', ms: step.wait }];
  if ('hangUp' in step) return [{ kind: 'hang-up' }];
  const { afterMs, interruptAfterMs } = step;
  const when: Step[] = [];
  if (interruptAfterMs !== undefined) when.push({ kind: 'interrupt', forMs: interruptAfterMs });
  else if (afterMs !== undefined) when.push({ kind: 'wait', ms: afterMs });
  if ('press' in step) return [...when, { kind: 'press', digits: step.press, pauseMs: step.pauseMs }];
  const name = 'say' in step ? step.say : `(${step.play})`;
  return audio === undefined ? when : [...when, { kind: 'play', name, audio }];
}

async function audioOf(
  step: ScenarioStep,
  scenario: Scenario,
  options: { readonly voice: TextToSpeech; readonly signal: AbortSignal },
): Promise<Audio | undefined> {
  if ('play' in step) {
    const { durationMs, seed, levelDb } = step;
    const samples = makeSound(step.play, { durationMs, seed, sampleRateHz });
    return { samples: gain(samples, levelDb), sampleRateHz };
  }
  if (!('say' in step)) return undefined;
  const voice = step.voice ?? scenario.voice;
  // Each part is synthesised by itself: Flite's own pause at a comma is as short as the stop inside a word, so a place
  // to cut at cannot be told; and a caller who breaks off does so between phrases.
  const pieces = await Promise.all(
    step.say.split(/(\[\d+ ms\])/).map(async (part) => {
      const pauseMs = /^\[(\d+) ms\]$/.exec(part)?.[1];
      if (pauseMs !== undefined) return silence(Number(pauseMs), sampleRateHz);
      if (part.trim() === '') return new Int16Array(0);
      const samples = await synthesise(options.voice, part.trim(), {
        voice,
        sampleRateHz,
        signal: options.signal,
      });
      return atSpeed({ samples, sampleRateHz }, step.speed);
    }),
  );
  return { samples: gain(concatPcm(pieces), step.levelDb), sampleRateHz };
}

function surroundingsOf({ background, echo }: Scenario): Surroundings | undefined {
  if (background === undefined && echo === undefined) return undefined;
  if (background === undefined) return { echo };
  const { sound, seed, snrDb, fromMs, toMs = Infinity } = background;
  // All sounds and voices are equally loud.
  const samples = gain(makeSound(sound, { durationMs: backgroundMs, seed, sampleRateHz }), -snrDb);
  return { background: { audio: { samples, sampleRateHz }, fromMs, toMs }, echo };
}
