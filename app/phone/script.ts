import type { Audio } from '../audio/pcm.ts';
import { hasCode, ParleyError } from '../errors.ts';
import { expectation } from './ears/expectation.ts';
import { turnTaking } from './listener.ts';
import type { PhoneCall } from './phone-call.ts';

/** One thing that a caller does. */
export type Step =
  | { readonly kind: 'say'; readonly text: string; readonly voice?: string | undefined }
  | { readonly kind: 'play'; readonly name: string; readonly audio: Audio }
  | { readonly kind: 'press'; readonly digits: string; readonly pauseMs?: number | undefined }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'interrupt'; readonly forMs?: number }
  | { readonly kind: 'expect'; readonly pattern: string; readonly timeoutMs?: number }
  /** Lets the other side hang up. */
  | { readonly kind: 'await-end'; readonly timeoutMs: number }
  | { readonly kind: 'hang-up' };

/** What happens in the call, in order, for those who want to follow it. */
export type ScriptEvent =
  | { readonly kind: 'caller'; readonly text: string; readonly atMs: number }
  | { readonly kind: 'bot'; readonly text: string; readonly atMs: number }
  | { readonly kind: 'expected'; readonly pattern: string; readonly found: boolean; readonly atMs: number };

interface ScriptTurn {
  /** What the caller said: the text, the name of the file, or the digits. */
  readonly said: string;
  /** What the bot said until the caller's next turn, as it was recognised. */
  readonly heard: string;
}

export interface ScriptReport {
  /** What the bot said before the caller did anything. */
  readonly greeting: string;
  readonly turns: readonly ScriptTurn[];
  /** How many steps were taken, the one that failed included. */
  readonly taken: number;
  /** What went wrong; the steps after it were not taken. */
  readonly failure: ParleyError | undefined;
}

export interface ScriptOptions {
  readonly silenceMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: ScriptEvent) => void;
}

/**
 * Takes the steps in a call that was answered, and ends the call.
 *
 * Before the caller says, plays or presses something, it waits until the bot has spoken since the caller's last turn
 * (or has greeted) and has been silent for `silenceMs`, but not longer than `timeoutMs`. Two steps change that for the
 * turn that follows them: after `wait` the caller begins at once, and after `interrupt` as soon as the bot speaks.
 * `expect` looks at what the bot has said since the caller's last turn, and waits for more until it fits or time is up.
 * After the last step the caller hears the bot out and hangs up.
 * @throws ParleyError `ari-*`, `tts-*`, `stt-*`; the signal's reason. What the call itself does wrong is in the report.
 */
export async function runSteps(
  call: PhoneCall,
  steps: readonly Step[],
  options: ScriptOptions,
): Promise<ScriptReport> {
  const script = new Script(call, options);
  try {
    const failure = await takeAll(script, steps, options.signal);
    return { ...(await script.finish()), failure };
  } finally {
    await call.hangUp();
  }
}

/** @returns what the call did wrong, if anything. */
async function takeAll(
  script: Script,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<ParleyError | undefined> {
  try {
    let before: Step | undefined;
    for (const step of steps) {
      await script.take(step, before);
      before = step;
      if (step.kind === 'hang-up') return undefined;
    }
    await script.hearOut();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, 'phone-expectation-failed', 'phone-hung-up')) return error;
    throw error;
  }
}

class Script {
  readonly #call: PhoneCall;
  readonly #options: ScriptOptions;
  readonly #startMs = performance.now();
  readonly #said: string[] = [];
  readonly #heard: Promise<string>[] = [];
  /** Events in the order of what happened, though recognising takes time. */
  #events: Promise<void> = Promise.resolve();
  /** What was told already of what the bot says at present. */
  #told = '';
  #heardOut = false;
  #taken = 0;

  constructor(call: PhoneCall, options: ScriptOptions) {
    this.#call = call;
    this.#options = options;
  }

  async take(step: Step, before: Step | undefined): Promise<void> {
    const { signal } = this.#options;
    this.#taken += 1;
    switch (step.kind) {
      case 'say':
        return this.#turn(step.text, before, () => this.#call.say(step.text, { voice: step.voice, signal }));
      case 'play':
        return this.#turn(step.name, before, () => this.#call.play(step.audio, { signal }));
      case 'press':
        return this.#turn(step.digits, before, () =>
          this.#call.press(step.digits, { pauseMs: step.pauseMs, signal }),
        );
      case 'expect':
        return this.#expect(step.pattern, step.timeoutMs);
      case 'wait':
        return this.#unlessOver('wait', () => this.#call.wait(step.ms, { signal }));
      case 'interrupt':
        await this.#call.untilSpeaking({ ...this.#listening(), forMs: step.forMs });
        return;
      case 'await-end':
        await this.#call.wait(step.timeoutMs, { signal }).catch((error: unknown) => {
          if (!hasCode(error, 'line-hung-up')) throw error;
        });
        return;
      case 'hang-up':
        this.#collect();
        await this.#call.hangUp();
    }
  }

  /** Lets the bot finish what it says to the last turn. */
  async hearOut(): Promise<void> {
    await this.#call.listen(this.#listening());
    this.#collect();
  }

  async finish(): Promise<Omit<ScriptReport, 'failure'>> {
    this.#collect();
    await this.#events;
    const [greeting = '', ...heard] = await Promise.all(this.#heard);
    return {
      taken: this.#taken,
      greeting,
      turns: this.#said.map((said, i) => ({ said, heard: heard[i] ?? '' })),
    };
  }

  async #turn(text: string, before: Step | undefined, act: () => Promise<void>): Promise<void> {
    if (before?.kind !== 'wait' && before?.kind !== 'interrupt') await this.#call.listen(this.#listening());
    this.#collect();
    await this.#unlessOver(text, async () => {
      this.#call.over.throwIfAborted();
      this.#tell({ kind: 'caller', text, atMs: this.#nowMs() });
      this.#said.push(text);
      this.#heardOut = false;
      await act();
    });
  }

  async #expect(pattern: string, timeoutMs: number | undefined): Promise<void> {
    const found = (text: string, isFound: boolean): void => {
      this.#tellBot(Promise.resolve(text));
      this.#tell({ kind: 'expected', pattern, found: isFound, atMs: this.#nowMs() });
    };
    try {
      const listening = this.#listening();
      const options = { ...listening, timeoutMs: timeoutMs ?? listening.timeoutMs };
      found(await this.#call.expect(pattern, options), true);
    } catch (error) {
      if (hasCode(error, 'phone-expectation-failed')) found(await this.#call.heard(this.#options), false);
      throw error;
    }
  }

  /** Keeps what the bot has said until now as the answer to the last turn, once; recognising goes on meanwhile. */
  #collect(): void {
    if (this.#heardOut) return;
    this.#heardOut = true;
    const { signal } = this.#options;
    const heard = this.#call.heard({ signal });
    heard.catch(() => undefined);
    this.#heard.push(heard);
    this.#tellBot(heard);
  }

  #tellBot(heard: Promise<string>): void {
    const atMs = this.#nowMs();
    this.#events = this.#events.then(async () => {
      const text = await heard.catch(() => '');
      const more = text.startsWith(this.#told) ? text.slice(this.#told.length).trim() : text;
      if (more !== '') this.#options.onEvent?.({ kind: 'bot', text: more, atMs });
      this.#told = text;
    });
  }

  #tell(event: ScriptEvent): void {
    this.#events = this.#events.then(() => {
      if (event.kind === 'caller') this.#told = '';
      this.#options.onEvent?.(event);
    });
  }

  async #unlessOver(step: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (hasCode(error, 'line-hung-up')) throw new ParleyError('phone-hung-up', { step }, { cause: error });
      throw error;
    }
  }

  #listening(): { silenceMs: number; timeoutMs: number; signal: AbortSignal } {
    const { silenceMs = turnTaking.silenceMs, timeoutMs = turnTaking.timeoutMs, signal } = this.#options;
    return { silenceMs, timeoutMs, signal };
  }

  #nowMs(): number {
    return performance.now() - this.#startMs;
  }
}

/** @throws ParleyError `phone-usage` for a step that cannot be taken, before any call is placed. */
export function checkSteps(steps: readonly Step[]): void {
  for (const step of steps) {
    if (step.kind === 'expect') expectation(step.pattern);
    if (step.kind === 'say' && !/[\p{L}\p{N}]/u.test(step.text))
      throw new ParleyError('phone-usage', { reason: `there is nothing to say in "${step.text}"` });
    if (step.kind === 'press' && !/^[0-9*#A-D]+$/.test(step.digits))
      throw new ParleyError('phone-usage', {
        reason: `"${step.digits}" are not keys of a telephone (0-9 * # A-D)`,
      });
  }
}
