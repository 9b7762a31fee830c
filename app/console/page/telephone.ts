/** A telephone that calls the bot. Stays mounted while the operator goes from view to view, so that a call goes on. */
import type { LiveCall } from '../contract.ts';
import { ApiError } from './api.ts';
import { useFeed } from './feed.ts';
import { durationOf, languageOf } from './format.ts';
import { useNow } from './hooks.ts';
import { html, useEffect, useRef, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { type Meter, onScale } from './level.ts';
import { LiveTalk } from './live.ts';
import { Problem } from './parts.ts';
import { PhoneCall, type PhoneState } from './phone-call.ts';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

export function Telephone(): VNode {
  const { status, calls } = useFeed();
  const [language, setLanguage] = useState('');
  const [state, setState] = useState<PhoneState>();
  const phone = useRef<PhoneCall | undefined>(undefined);
  const [usual = ''] = status?.languages ?? [];
  const open = state !== undefined && state.at !== 'over';
  const call = (): void => {
    if (!open) phone.current = new PhoneCall(language === '' ? usual : language, setState);
  };
  useEffect(() => () => phone.current?.hangUp(), []);

  const problem = status?.telephone.problem;
  const words = useWords(calls, state);
  return html`<div class="phone" data-at=${state?.at ?? 'idle'} data-first-sound-ms=${state?.firstSoundMs}>
    <h2>Call the bot</h2>
    ${
      problem !== undefined && !open
        ? html`<${Problem} error=${new ApiError({ ...problem, status: 0 })} />`
        : html`<${Languages}
              languages=${status?.languages ?? []}
              chosen=${language === '' ? usual : language}
              choose=${setLanguage}
              disabled=${open}
            />
            ${
              open
                ? html`<${Running} state=${state} phone=${phone.current} />`
                : html`<${Idle} state=${state} call=${call} ready=${status !== undefined} />`
            }`
    }
    ${
      words === undefined
        ? null
        : html`<section class="phone-words" aria-label="The words of this call">
            <${LiveTalk} call=${words} />
          </section>`
    }
  </div>`;
}

/** This call among all that run; what was last known of it, when it is over. */
function useWords(calls: readonly LiveCall[], state: PhoneState | undefined): LiveCall | undefined {
  const last = useRef<LiveCall | undefined>(undefined);
  const mine = calls.find(({ caller }) => caller.number === state?.user);
  if (mine !== undefined) last.current = mine;
  if (state?.user === undefined || last.current?.caller.number !== state.user) return undefined;
  return mine ?? { ...last.current, hearing: '', saying: '' };
}

function Languages({
  languages,
  chosen,
  choose,
  disabled,
}: {
  readonly languages: readonly string[];
  readonly chosen: string;
  readonly choose: (language: string) => void;
  readonly disabled: boolean;
}): VNode | null {
  if (languages.length < 2) return null;
  return html`<label class="phone-language">
    <span>Language</span>
    <select
      value=${chosen}
      disabled=${disabled}
      onChange=${(event: Event) => choose((event.currentTarget as HTMLSelectElement).value)}
    >
      ${languages.map((tag) => html`<option key=${tag} value=${tag}>${languageOf(tag)}</option>`)}
    </select>
  </label>`;
}

function Idle({
  state,
  call,
  ready,
}: {
  readonly state: PhoneState | undefined;
  readonly call: () => void;
  readonly ready: boolean;
}): VNode {
  return html`<button class="phone-call" onClick=${call} disabled=${!ready}>
      <${Icon} name="phone" /> Call
    </button>
    ${
      state?.error !== undefined
        ? html`<${Problem} error=${state.error} />`
        : state === undefined
          ? html`<p class="quiet">
              Speak with it here, as a caller would. Your browser asks for the microphone; headphones keep the
              bot from hearing itself.
            </p>`
          : html`<p class="quiet" role="status">
              ${state.endedBy === 'bot' ? 'The bot hung up.' : 'You hung up.'}
              ${state.firstSoundMs === undefined ? '' : ` Its first sound came ${state.firstSoundMs} ms after the click.`}
            </p>`
    }`;
}

function Running({
  state: { at, answeredAtMs, muted },
  phone,
}: {
  readonly state: PhoneState;
  readonly phone: PhoneCall | undefined;
}): VNode {
  const now = useNow(500);
  const [pressed, setPressed] = useState('');
  const press = (key: string): void => {
    phone?.press(key);
    setPressed((before) => `${before}${key}`.slice(-16));
  };
  useEffect(() => {
    const typed = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): void => {
      const writes = target instanceof HTMLElement && target.matches('input, select, textarea');
      if (!writes && !ctrlKey && !metaKey && !altKey && keys.some((one) => one === key)) press(key);
    };
    addEventListener('keydown', typed);
    return () => removeEventListener('keydown', typed);
  }, [phone]);
  const says =
    at === 'waiting'
      ? 'Asking for the microphone'
      : at === 'ringing'
        ? 'Calling'
        : durationOf(answeredAtMs === undefined ? 0 : now - answeredAtMs);
  return html`<p class="phone-state" role="status">${says}</p>
    <dl class="phone-levels">
      <${Level} name="You" of=${() => (muted ? undefined : phone?.mine)} />
      <${Level} name="Bot" of=${() => phone?.theirs} />
    </dl>
    <div class="phone-keys" role="group" aria-label="Keypad">
      ${keys.map(
        (key) =>
          html`<button key=${key} disabled=${at !== 'talking'} onClick=${() => press(key)}>${key}</button>`,
      )}
    </div>
    <p class="phone-pressed quiet" aria-live="polite">${pressed}</p>
    <div class="phone-hold">
      <button
        class="button"
        aria-pressed=${muted}
        disabled=${at !== 'talking'}
        onClick=${() => phone?.mute(!muted)}
      >
        ${muted ? 'Unmute' : 'Mute'}
      </button>
      <button class="phone-hang-up" onClick=${() => phone?.hangUp()}>
        <${Icon} name="hangUp" /> Hang up
      </button>
    </div>`;
}

/** How loud one side is, drawn anew with every picture of the screen and without asking the page to. */
function Level({ name, of }: { readonly name: string; readonly of: () => Meter | undefined }): VNode {
  const bar = useRef<HTMLMeterElement>(null);
  const latest = useRef(of);
  latest.current = of;
  useEffect(() => {
    let frame = 0;
    const draw = (): void => {
      const { current } = bar;
      if (current !== null) current.value = onScale(latest.current()?.level() ?? 0);
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, []);
  return html`<div>
    <dt>${name}</dt>
    <dd><meter ref=${bar} min="0" max="1" aria-label=${`How loud: ${name}`}></meter></dd>
  </div>`;
}
