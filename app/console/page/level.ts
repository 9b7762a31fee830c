/** How loud a stream is. */
export interface Meter {
  /** Root mean square of the latest 20 ms or so, 0 to 1. */
  level(): number;
}

const samples = 1_024;

export function meterOf(sounds: AudioContext, stream: MediaStream): Meter {
  const analyser = sounds.createAnalyser();
  analyser.fftSize = samples;
  sounds.createMediaStreamSource(stream).connect(analyser);
  const window = new Float32Array(samples);
  return {
    level() {
      analyser.getFloatTimeDomainData(window);
      return Math.sqrt(window.reduce((sum, sample) => sum + sample * sample, 0) / samples);
    },
  };
}

/** Where speech moves on a scale of 0 to 1: -60 dBFS to -6 dBFS. */
export function onScale(level: number): number {
  const decibels = 20 * Math.log10(Math.max(level, 1e-6));
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}
