/** A call from this page to the bot: the microphone, the line to Asterisk, and what becomes of them. */
import type { UA } from 'jssip';
import type { DTMF_TRANSPORT } from 'jssip/lib/Constants';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { Visit } from '../contract.ts';
import { ApiError, post } from './api.ts';
import { type Meter, meterOf } from './level.ts';
import { openMicrophone } from './microphone.ts';

export interface PhoneState {
  /** `waiting`: for the microphone, which the browser may ask about, and for the line. */
  readonly at: 'waiting' | 'ringing' | 'talking' | 'over';
  /** The caller's number, by which the call is found among all others. */
  readonly user: string | undefined;
  readonly answeredAtMs: number | undefined;
  readonly muted: boolean;
  /** From the click to the first sound from the other side. */
  readonly firstSoundMs: number | undefined;
  /** Of `over`, where it was not meant. */
  readonly error: ApiError | undefined;
  /** Of `over`. */
  readonly endedBy: 'caller' | 'bot' | undefined;
}

/** How long the line may take to open. */
const lineDeadlineMs = 8_000;
/** Without servers to ask, all of a browser's addresses are there at once; what comes later is not waited for. */
const addressesMs = 40;
const digitMs = 120;
/** What the loudspeaker plays counts as sound from here: comfort noise stays below. */
const audible = 0.01;

export class PhoneCall {
  /** How loud each side is. */
  mine: Meter | undefined;
  theirs: Meter | undefined;
  readonly #clickedMs = performance.now();
  readonly #tell: (state: PhoneState) => void;
  readonly #speaker = new Audio();
  readonly #sounds = new AudioContext();
  readonly #leaving = new AbortController();
  #state: PhoneState = {
    at: 'waiting',
    user: undefined,
    answeredAtMs: undefined,
    muted: false,
    firstSoundMs: undefined,
    error: undefined,
    endedBy: undefined,
  };
  #microphone: MediaStream | undefined;
  #line: UA | undefined;
  #session: RTCSession | undefined;
  /** Keys are sent as events in the audio (RFC 4733, which the library calls by its older number), not as messages. */
  #inAudio: DTMF_TRANSPORT | undefined;

  /** @param tell is told of every change. To be made in the handler of a click: browsers ask for one. */
  constructor(language: string, tell: (state: PhoneState) => void) {
    this.#tell = tell;
    this.#speaker.autoplay = true;
    addEventListener('pagehide', () => this.hangUp(), { signal: this.#leaving.signal });
    tell(this.#state);
    this.#begin(language).catch((error: unknown) => this.#over({ error: asApiError(error) }));
  }

  hangUp(): void {
    const { at } = this.#state;
    if (at === 'over') return;
    if (this.#session === undefined) this.#over({ endedBy: 'caller' });
    else this.#session.terminate();
  }

  mute(muted: boolean): void {
    if (muted) this.#session?.mute({ audio: true });
    else this.#session?.unmute({ audio: true });
    this.#become({ muted });
  }

  /** @param digit one of `0123456789*#`. */
  press(digit: string): void {
    if (this.#state.at !== 'talking' || this.#inAudio === undefined) return;
    this.#session?.sendDTMF(digit, { duration: digitMs, transportType: this.#inAudio });
  }

  async #begin(language: string): Promise<void> {
    const [microphone, { line, visit }] = await Promise.all([this.#takeMicrophone(), this.#openLine()]);
    if (this.#state.at === 'over') return;
    const { extension } =
      visit.extensions.find((one) => one.language === language) ?? visit.extensions[0] ?? {};
    const host = visit.uri.slice(visit.uri.indexOf('@') + 1);
    this.#become({ at: 'ringing', user: visit.user });
    this.#session = line.call(`sip:${extension ?? ''}@${host}`, {
      mediaStream: microphone,
      pcConfig: { iceServers: [] },
      eventHandlers: {
        icecandidate: ({ ready }) => void setTimeout(ready, addressesMs),
        peerconnection: ({ peerconnection }) => {
          peerconnection.addEventListener('track', ({ track }) => this.#hear(track));
        },
        accepted: () => this.#become({ at: 'talking', answeredAtMs: Date.now() }),
        ended: ({ originator }: { readonly originator: string }) =>
          this.#over({ endedBy: originator === 'local' ? 'caller' : 'bot' }),
        failed: ({ cause }) => {
          if (cause === 'Canceled') this.#over({ endedBy: 'caller' });
          else this.#over({ error: failure(cause) });
        },
      },
    });
  }

  async #takeMicrophone(): Promise<MediaStream> {
    const microphone = await openMicrophone();
    this.#microphone = microphone;
    if (this.#state.at === 'over') silence(microphone);
    else this.mine = meterOf(this.#sounds, microphone);
    return microphone;
  }

  /** An account for this visit, and its way to Asterisk. */
  async #openLine(): Promise<{ readonly line: UA; readonly visit: Visit }> {
    // The library is only loaded when somebody calls.
    const [visit, { C, UA, WebSocketInterface }] = await Promise.all([
      post<Visit>('/api/telephone'),
      import('jssip'),
    ]);
    this.#inAudio = C.DTMF_TRANSPORT.RFC2833;
    const address = new URL(visit.socketPath, location.href);
    address.protocol = location.protocol.replace('http', 'ws');
    const socket = new WebSocketInterface(address.href);
    // Asterisk hears of no TLS: the console ends it.
    Object.assign(socket, { via_transport: 'ws' });
    const line = new UA({
      sockets: socket,
      uri: visit.uri,
      password: visit.password,
      register: false,
      session_timers: false,
    });
    this.#line = line;
    await new Promise<void>((resolve, reject) => {
      line.on('connected', () => {
        // To come and go ends the visit at once.
        if (this.#state.at === 'over') line.stop();
        resolve();
      });
      line.on('disconnected', () => reject(unreachable()));
      setTimeout(() => reject(unreachable()), lineDeadlineMs);
      line.start();
    });
    return { line, visit };
  }

  #hear(track: MediaStreamTrack): void {
    const stream = new MediaStream([track]);
    this.#speaker.srcObject = stream;
    const meter = meterOf(this.#sounds, stream);
    this.theirs = meter;
    const listen = (): void => {
      if (this.#state.at === 'over') return;
      if (meter.level() < audible) requestAnimationFrame(listen);
      else this.#become({ firstSoundMs: Math.round(performance.now() - this.#clickedMs) });
    };
    listen();
  }

  #over(how: Pick<Partial<PhoneState>, 'error' | 'endedBy'>): void {
    if (this.#state.at === 'over') return;
    this.#become({ ...how, at: 'over' });
    this.#leaving.abort();
    if (this.#microphone) silence(this.#microphone);
    this.#speaker.srcObject = null;
    this.#line?.stop();
    this.#sounds.close().catch(() => undefined);
  }

  #become(change: Partial<PhoneState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }
}

function silence(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return failure(error instanceof Error ? error.message : String(error));
}

function unreachable(): ApiError {
  return new ApiError({
    code: 'telephone-no-line',
    message: 'The line to Asterisk does not open.',
    remedy:
      'A proxy before the console has to let WebSockets through at /api/telephone/ws. The log of Parley may say more.',
    status: 0,
  });
}

/** What the causes of JsSIP mean here. */
const causes: Readonly<Record<string, readonly [says: string, remedy: string]>> = {
  'Not Found': [
    'Asterisk does not know the number of the bot.',
    'Its dialplan needs the context [console] of docs/telephone.md.',
  ],
  'RTP Timeout': [
    'No sound gets through between this computer and Asterisk.',
    'Let UDP through to the ports of asterisk.rtpFrom to asterisk.rtpTo; docs/telephone.md says more.',
  ],
  'Incompatible SDP': [
    'Asterisk and this browser have no way to carry sound in common.',
    'Asterisk needs codec_opus or ulaw, and DTLS-SRTP (res_srtp).',
  ],
  Busy: ['All lines of the bot are busy.', 'Call again in a moment.'],
};

function failure(cause: string): ApiError {
  const [message, remedy] = causes[cause] ?? [
    `The call failed (${cause}).`,
    'Call again; the log of Parley and that of Asterisk may say more.',
  ];
  return new ApiError({ code: 'telephone-call-failed', message, remedy, status: 0 });
}
