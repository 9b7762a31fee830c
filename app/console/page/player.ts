/** Hears a call again: both voices, the words under them, and the way from the words to the sound. */
import type { Peaks } from '../contract.ts';
import { durationOf, shortly } from './format.ts';
import { html, useEffect, useLayoutEffect, useRef, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Choice } from './parts.ts';
import type { Utterance } from './talk.ts';
import { onThemeChange } from './theme.ts';
import { draw, type Span } from './waveform.ts';

/** Plays from a moment of the call on. */
export type HearFrom = (atMs: number) => void;

/** Wide enough to read the words of one who speaks at the usual pace. */
const pixelsPerSecond = 56;
/** A word more or less: speech runs at about 15 characters a second. */
const msPerCharacter = 65;

interface PlayerProps {
  readonly src: string;
  readonly span: Span;
  readonly peaks: Peaks | undefined;
  readonly talk: readonly Utterance[];
  readonly handle: { current: HearFrom | undefined };
  /** Told where it is, several times a second while it plays. */
  readonly onMoved: (atMs: number) => void;
}

export function Player({ src, span, peaks, talk, handle, onMoved }: PlayerProps): VNode {
  const audio = useRef<HTMLAudioElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [playing, setPlaying] = useState(false);
  const [atMs, setAt] = useState(span.startMs);
  const [failed, setFailed] = useState(false);
  const [zoom, setZoom] = useState<'words' | 'whole'>('words');
  const [speed, setSpeed] = useState<'1' | '1.5' | '2'>('1');
  const [room, setRoom] = useState(0);
  const width = zoom === 'whole' ? room : Math.max(room, (span.ms / 1_000) * pixelsPerSecond);

  const now = (): number => span.startMs + (audio.current?.currentTime ?? 0) * 1_000;
  const paint = (): void => {
    if (canvas.current !== null && scroller.current !== null)
      draw(canvas.current, { span, width, scrolled: scroller.current.scrollLeft, peaks, playedMs: now() });
  };
  const seek = (ms: number): void => {
    const { current } = audio;
    if (current === null) return;
    current.currentTime = Math.min(span.ms, Math.max(0, ms - span.startMs)) / 1_000;
    setAt(now());
  };
  const play = (): void => {
    audio.current?.play().catch(() => setFailed(true));
  };
  handle.current = (ms) => {
    seek(ms);
    play();
  };

  useLayoutEffect(paint);
  useEffect(() => {
    const { current } = scroller;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setRoom(current.clientWidth));
    observer.observe(current);
    const end = onThemeChange(paint);
    return () => {
      observer.disconnect();
      end();
    };
  }, []);
  useEffect(() => {
    if (!playing) return undefined;
    let frame = requestAnimationFrame(function step() {
      paint();
      follow(scroller.current, ((now() - span.startMs) / span.ms) * width);
      frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, width, peaks]);
  useEffect(() => {
    if (audio.current !== null) audio.current.playbackRate = Number(speed);
  }, [speed]);

  const keyed = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => seek(now() - 2_000),
      ArrowRight: () => seek(now() + 2_000),
      PageUp: () => seek(now() - 10_000),
      PageDown: () => seek(now() + 10_000),
      Home: () => seek(span.startMs),
      End: () => seek(span.startMs + span.ms),
      ' ': () => (playing ? audio.current?.pause() : play()),
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    move();
  };
  const clicked = (event: MouseEvent): void => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined || scroller.current === null) return;
    seek(span.startMs + ((event.clientX - box.left + scroller.current.scrollLeft) / width) * span.ms);
  };
  return html`<section class="card player" aria-label="Recording">
    <audio
      ref=${audio}
      src=${src}
      preload="metadata"
      onPlay=${() => setPlaying(true)}
      onPause=${() => setPlaying(false)}
      onError=${() => setFailed(true)}
      onTimeUpdate=${() => {
        setAt(now());
        onMoved(now());
      }}
    ></audio>
    <div class="player-bar">
      <button
        class="play"
        aria-label=${playing ? 'Pause' : 'Play'}
        onClick=${() => (playing ? audio.current?.pause() : play())}
      >
        <${Icon} name=${playing ? 'pause' : 'play'} />
      </button>
      <span class="player-time">
        ${durationOf(Math.max(0, atMs))}<span class="quiet"> / ${durationOf(span.startMs + span.ms)}</span>
      </span>
      <span class="voices">
        <span class="voice voice-caller">Caller</span><span class="voice voice-bot">Bot</span>
      </span>
      <${Choice}
        label="How much is shown"
        chosen=${zoom}
        choose=${setZoom}
        options=${[
          ['words', 'Words'],
          ['whole', 'Whole call'],
        ]}
      />
      <${Choice}
        label="Speed"
        chosen=${speed}
        choose=${setSpeed}
        options=${[
          ['1', '1×'],
          ['1.5', '1.5×'],
          ['2', '2×'],
        ]}
      />
    </div>
    ${
      failed
        ? html`<p class="player-failed">
            The recording cannot be played: it may have been removed. The words below are still there.
          </p>`
        : null
    }
    <div
      class="wave"
      ref=${scroller}
      role="slider"
      tabindex="0"
      aria-label="Where in the call; arrow keys move, space plays"
      aria-valuemin="0"
      aria-valuemax=${Math.round(span.ms / 1_000)}
      aria-valuenow=${Math.round((atMs - span.startMs) / 1_000)}
      aria-valuetext=${durationOf(Math.max(0, atMs))}
      onKeyDown=${keyed}
      onScroll=${paint}
    >
      <canvas ref=${canvas} onClick=${clicked}></canvas>
      <div class="lanes" style=${{ width: `${width}px` }}>
        ${talk.map((utterance, at) => word(utterance, talk[at + 1], span, width, handle))}
      </div>
    </div>
  </section>`;
}

/** An utterance under the waveform, as long as it took to say. */
function word(
  { who, atMs, endMs, text }: Utterance,
  next: Utterance | undefined,
  span: Span,
  width: number,
  handle: { readonly current: HearFrom | undefined },
): VNode {
  const reading = Math.max(600, Math.min(text.length, 600) * msPerCharacter);
  const until = endMs ?? Math.min(atMs + reading, Math.max(next?.atMs ?? Infinity, atMs + 400));
  const xOf = (ms: number): number => ((ms - span.startMs) / span.ms) * width;
  return html`<button
    key=${`${who}${atMs}`}
    class=${`word word-${who}`}
    tabindex="-1"
    title=${shortly(text, 300)}
    style=${{ left: `${xOf(atMs)}px`, width: `${Math.max(6, xOf(until) - xOf(atMs) - 2)}px` }}
    onClick=${() => handle.current?.(atMs)}
  >
    ${shortly(text, 300)}
  </button>`;
}

/** Turns the page, so to say, when what is played reaches its edge. */
function follow(scroller: HTMLElement | null, x: number): void {
  if (scroller === null) return;
  const { scrollLeft, clientWidth } = scroller;
  if (x < scrollLeft || x > scrollLeft + clientWidth * 0.92) scroller.scrollLeft = x - clientWidth * 0.08;
}
