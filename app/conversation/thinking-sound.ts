import { concatPcm } from '../audio/pcm.ts';
import { silence, tone } from '../audio/mix.ts';
import type { Sentence } from './speaker.ts';

const sampleRateHz = 16_000;
/** Soft enough to be spoken over, loud enough to tell that the line is alive. */
const levelDbfs = -38;
const notesHz = [523, 659];
const noteMs = 70;
const restMs = 1_100;
const lengthMs = 10_000;

/** Two soft notes now and then, while the bot thinks. */
export function thinkingSound(): Sentence {
  const notes = notesHz.map((frequencyHz) => faded(tone(frequencyHz, noteMs, sampleRateHz, levelDbfs)));
  const once = concatPcm([...notes, silence(restMs, sampleRateHz)]);
  const times = Math.ceil((lengthMs * sampleRateHz) / 1000 / once.length);
  const samples = concatPcm(Array.from({ length: times }, () => once));
  return { text: '', speech: { audio: samples, sampleRateHz, key: 'thinking-sound' } };
}

/** In and out by a half sine, so that it does not click. */
function faded(samples: Int16Array): Int16Array {
  return samples.map((sample, at) => Math.round(sample * Math.sin((Math.PI * at) / samples.length)));
}
