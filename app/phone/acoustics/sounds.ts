import { seededRandom } from '../../audio/mix.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { bandPass, blend, lowPass, toPcm, type Wave } from './filter.ts';

/** Sounds that callers make or have around them, made of noise and filters: nothing is recorded, nothing is licensed. */
export const soundNames = ['cough', 'mhm', 'music', 'street'] as const;

export type SoundName = (typeof soundNames)[number];

export interface SoundRequest {
  readonly sampleRateHz: number;
  /** A cough and an mhm have a length of their own. */
  readonly durationMs: number;
  /** The same seed gives the same samples. */
  readonly seed: number;
}

/** RMS of every sound (a cough is softer as a whole: it is short of room for its burst), and of the own synthesiser's voices. */
const usualLevelDbfs = -20;

export function makeSound(name: SoundName, request: SoundRequest): Pcm {
  return toPcm(makers[name](request), usualLevelDbfs);
}

type Maker = (request: SoundRequest) => Wave;

const makers: Readonly<Record<SoundName, Maker>> = { cough, mhm, music, street };

function wave(durationMs: number, sampleRateHz: number, at: (seconds: number) => number): Wave {
  return new Float64Array(Math.round((durationMs * sampleRateHz) / 1000)).map((_, i) => at(i / sampleRateHz));
}

function noise({ durationMs, sampleRateHz, seed }: SoundRequest): Wave {
  const random = seededRandom(seed);
  return wave(durationMs, sampleRateHz, () => 2 * random() - 1);
}

const coughMs = 320;

/**
 * A cough: the glottis bursts open, then the air that follows dies away. Broad noise with the two resonances of an open
 * throat; the three phases after J. Korpáš et al., Analysis of the cough sound, 1996, without the voiced last one.
 */
function cough(request: SoundRequest): Wave {
  const { sampleRateHz } = request;
  const air = noise({ ...request, durationMs: coughMs });
  const throat = blend(
    [bandPass(air, sampleRateHz, 600, 1.2), 1],
    [bandPass(air, sampleRateHz, 1_500, 1.5), 0.8],
    [air, 0.1],
  );
  const strength = (seconds: number): number =>
    Math.min(1, seconds / 0.006) * (Math.exp(-seconds / 0.03) + 0.45 * Math.exp(-seconds / 0.11));
  return throat.map((value, i) => value * strength(i / sampleRateHz));
}

const mhmMs = 480;

/** "Mhm", with the mouth closed: two hums, the second one higher, with a breath between them. */
function mhm(request: SoundRequest): Wave {
  const { sampleRateHz } = request;
  const breath = lowPass(noise({ ...request, durationMs: mhmMs }), sampleRateHz, 500);
  let phase = 0;
  const hum = wave(mhmMs, sampleRateHz, (seconds) => {
    const ms = seconds * 1000;
    phase += (2 * Math.PI * (ms < 220 ? 112 - ms / 20 : 118 + (ms - 220) / 12)) / sampleRateHz;
    const swell = Math.max(0, Math.sin((Math.PI * ms) / 200), Math.sin((Math.PI * (ms - 230)) / 250));
    const sounding = ms < 200 || ms > 230 ? swell : 0;
    return sounding * [1, 2, 3, 4, 5].reduce((sum, n) => sum + Math.sin(n * phase) / n ** 1.3, 0);
  });
  // The resonance of the nose, and little above it.
  return blend([bandPass(hum, sampleRateHz, 270, 1), 1], [hum, 0.08], [breath, 0.1]);
}

/** Four chords of a hold music, as semitones above A3, and the order in which their notes are plucked. */
const chords = [
  [0, 4, 7, 12],
  [-5, -1, 2, 7],
  [-3, 0, 4, 9],
  [-7, -3, 0, 5],
] as const;
const pluckOrder = [0, 1, 2, 3, 2, 1] as const;
const noteMs = 260;
const baseHz = 220;

/** Hold music: plucked chords over a held one, never silent. */
function music({ durationMs, sampleRateHz, seed }: SoundRequest): Wave {
  const frequencyOf = (semitones: number): number => baseHz * 2 ** (semitones / 12);
  const harmonics = (frequencyHz: number, seconds: number): number =>
    [1, 2, 3, 4].reduce((sum, n) => sum + Math.sin(2 * Math.PI * n * frequencyHz * seconds) / n ** 1.5, 0);
  return wave(durationMs, sampleRateHz, (seconds) => {
    const note = Math.floor((seconds * 1000) / noteMs);
    const chord = chords[(Math.floor(note / pluckOrder.length) + seed) % chords.length] ?? chords[0];
    const plucked = chord[pluckOrder[note % pluckOrder.length] ?? 0] ?? 0;
    const sinceMs = seconds * 1000 - note * noteMs;
    const held = harmonics(frequencyOf(chord[0]) / 2, seconds);
    return 0.3 * held + Math.exp(-sinceMs / 150) * harmonics(frequencyOf(plucked), seconds);
  });
}

/** A street: the rumble of engines, the hiss of tyres that swells and fades with each car, and wind. */
function street(request: SoundRequest): Wave {
  const { sampleRateHz, seed } = request;
  const random = seededRandom(seed + 1);
  const cars = [1, 2, 3].map(() => ({ everySeconds: 4 + 5 * random(), phase: 2 * Math.PI * random() }));
  const air = noise(request);
  const rumble = lowPass(air, sampleRateHz, 180);
  const tyres = bandPass(air, sampleRateHz, 900, 0.7).map((value, i) => {
    const seconds = i / sampleRateHz;
    const near = cars.reduce(
      (sum, car) => sum + Math.sin((2 * Math.PI * seconds) / car.everySeconds + car.phase) ** 6,
      0,
    );
    return value * (0.3 + near);
  });
  return blend([rumble, 3], [tyres, 0.5], [air, 0.04]);
}
