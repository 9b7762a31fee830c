/** Draws both voices: the caller above the middle, the bot below. What has been played is in full colour. */
import type { Peaks } from '../contract.ts';
import { durationOf } from './format.ts';
import { colour } from './theme.ts';

/** The stretch of a call that is shown, in milliseconds since it was answered. */
export interface Span {
  readonly startMs: number;
  readonly ms: number;
}

export interface Picture {
  readonly span: Span;
  /** Width of the whole span, of which the canvas shows the part from `scrolled` on; both in CSS pixels. */
  readonly width: number;
  readonly scrolled: number;
  readonly peaks: Peaks | undefined;
  readonly playedMs: number;
}

const barStep = 3;
const axisHeight = 20;

export function draw(canvas: HTMLCanvasElement, { span, width, scrolled, peaks, playedMs }: Picture): void {
  const ratio = devicePixelRatio;
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null || w === 0) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, w, h);
  const perMs = width / span.ms;
  const xOf = (ms: number): number => (ms - span.startMs) * perMs - scrolled;
  const middle = (h - axisHeight) / 2;

  drawAxis(context, { w, h, xOf, perMs, span });
  context.fillStyle = colour('--line');
  context.fillRect(0, middle - 0.5, w, 1);
  const played = xOf(playedMs);
  if (peaks !== undefined && peaks.caller.length > 0) {
    const msOfX = (x: number): number => (x + scrolled) / perMs + span.startMs - peaks.startsAtMs;
    const [caller, bot] = [colour('--caller'), colour('--bot')];
    const perPeak = peaks.ms / peaks.caller.length;
    const room = middle - 4;
    // A quiet line is drawn as high as a loud one.
    const most = Math.max(0.05, ...peaks.caller, ...peaks.bot);
    // Bars stand at fixed places of the call, so that they do not flicker while it is scrolled.
    for (let x = -(scrolled % barStep); x < w; x += barStep) {
      const [from, to] = [msOfX(x) / perPeak, msOfX(x + barStep) / perPeak];
      context.globalAlpha = x < played ? 1 : 0.45;
      for (const [voice, fill, up] of [
        [peaks.caller, caller, true],
        [peaks.bot, bot, false],
      ] as const) {
        const loud = loudest(voice, from, to) / most;
        if (loud < 0.01) continue;
        // Ears hear levels, not amplitudes: the square root lets quiet speech be seen.
        const height = Math.max(1.5, Math.sqrt(loud) * room);
        context.fillStyle = fill;
        context.beginPath();
        context.roundRect(x, up ? middle - 1 - height : middle + 1, barStep - 1, height, 1);
        context.fill();
      }
    }
    context.globalAlpha = 1;
  }
  context.fillStyle = colour('--ink');
  context.fillRect(Math.round(played) - 0.75, 0, 1.5, h - axisHeight + 4);
}

function loudest(voice: readonly number[], from: number, to: number): number {
  let most = 0;
  for (let at = Math.max(0, Math.floor(from)); at < Math.max(Math.floor(from) + 1, to); at += 1)
    most = Math.max(most, voice[at] ?? 0);
  return most;
}

function drawAxis(
  context: CanvasRenderingContext2D,
  {
    w,
    h,
    xOf,
    perMs,
    span,
  }: { w: number; h: number; xOf: (ms: number) => number; perMs: number; span: Span },
): void {
  const stepMs =
    [1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000].find((ms) => ms * perMs >= 70) ??
    600_000;
  context.font = '11px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = 'alphabetic';
  for (let ms = Math.ceil(span.startMs / stepMs) * stepMs; ms <= span.startMs + span.ms; ms += stepMs) {
    const x = xOf(ms);
    if (x < -40 || x > w + 40) continue;
    context.fillStyle = colour('--line');
    context.fillRect(Math.round(x), 0, 1, h - axisHeight);
    context.fillStyle = colour('--quiet');
    context.fillText(durationOf(Math.max(0, ms)), x + 4, h - 5);
  }
}
