/** The calls that are running: what is said, as it is said, and who has the floor. */
import type { Floor, LiveCall } from '../contract.ts';
import { type ApiError, post } from './api.ts';
import type { FeedState } from './feed.ts';
import { durationOf, languageOf, shortly } from './format.ts';
import { asApiError, useNow } from './hooks.ts';
import { html, useEffect, useLayoutEffect, useRef, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Bubble, Caller, Empty, Loading, Pill, Problem, type Tone, View } from './parts.ts';
import { talkOf } from './talk.ts';

const floors: Readonly<Record<Floor, readonly [says: string, tone: Tone]>> = {
  arriving: ['Ringing', 'calm'],
  bot: ['The bot speaks', 'bot'],
  nobody: ['Waiting for the caller', 'calm'],
  caller: ['The caller speaks', 'caller'],
  thinking: ['Thinking', 'bot'],
  away: ['With another phone', 'calm'],
  over: ['Ending', 'calm'],
};

export function LiveView({
  feed: { calls, status, connection },
  callTheBot,
}: {
  readonly feed: FeedState;
  readonly callTheBot: () => void;
}): VNode {
  const newestFirst = [...calls].sort((a, b) => b.startedAtMs - a.startedAtMs);
  return html`<${View}
    title="Live calls"
    note=${
      status === undefined
        ? 'What callers and the bot say, as they say it.'
        : `${calls.length === 0 ? 'No call' : calls.length === 1 ? 'One call' : `${calls.length} calls`} just now, ${status.calls.capacity} at most.`
    }
  >
    ${
      calls.length > 0
        ? html`<div class="live-grid">
            ${newestFirst.map((call) => html`<${LiveCard} key=${call.id} call=${call} />`)}
          </div>`
        : connection === 'connecting'
          ? html`<${Loading} />`
          : html`<${Empty} icon="phone" title="Nobody is on the line">
              <p>A call appears here the moment it arrives, with every word as it is spoken.</p>
              <p class="actions">
                <button class="button button-main" onClick=${callTheBot}>
                  <${Icon} name="phone" /> Call the bot from here
                </button>
                <a class="button" href="#/calls">Calls so far</a>
              </p>
            <//>`
    }
  <//>`;
}

function LiveCard({ call }: { readonly call: LiveCall }): VNode {
  const now = useNow(1_000);
  const [says, tone] = floors[call.floor];
  const about = [
    '',
    languageOf(call.language),
    ...(call.lineKind === 'recorded' ? ['recorded line'] : []),
    ...(call.resumed ? ['taken over'] : []),
  ].join(' · ');
  return html`<article class=${`card live floor-${call.floor}`} aria-label="Call">
    <header class="live-head">
      <${Caller} caller=${call.caller} />
      <span class="live-time" title="Since the call began">${durationOf(now - call.startedAtMs)}</span>
    </header>
    <div class="live-floor" aria-live="polite">
      <${Pill} tone=${tone}><${Meter} moving=${call.floor === 'caller' || call.floor === 'bot'} />${says}<//>
      <span class="quiet"><bdi>${shortly(call.dialled, 40)}</bdi>${about}</span>
    </div>
    <${LiveTalk} call=${call} />
    <${HangUp} id=${call.id} />
  </article>`;
}

/** Three bars that move while somebody speaks. */
function Meter({ moving }: { readonly moving: boolean }): VNode {
  return html`<span class=${moving ? 'meter moving' : 'meter'} aria-hidden="true"
    ><i></i><i></i><i></i
  ></span>`;
}

/** Keeps the newest words in sight, unless the operator reads further up. */
export function LiveTalk({ call }: { readonly call: LiveCall }): VNode {
  const talk = talkOf(call.turns, call.sentences);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const { current } = box;
    if (current !== null && atEnd.current) current.scrollTop = current.scrollHeight;
  });
  useEffect(() => {
    const { current } = box;
    const scrolled = (): void => {
      if (current !== null)
        atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 40;
    };
    current?.addEventListener('scroll', scrolled, { passive: true });
    return () => current?.removeEventListener('scroll', scrolled);
  }, []);
  return html`<div class="live-talk" ref=${box} tabindex="0" role="log" aria-label="What is said">
    ${talk.length === 0 && call.hearing === '' ? html`<p class="quiet">Nothing said yet.</p>` : null}
    ${talk.map(
      (utterance, at) =>
        html`<${Bubble}
          key=${`${utterance.who}${utterance.turn ?? ''}@${utterance.atMs}`}
          utterance=${utterance}
          now=${utterance.who === 'bot' && call.saying !== '' && at === talk.length - 1}
        />`,
    )}
    ${
      call.hearing === ''
        ? null
        : html`<p class="bubble bubble-caller hearing">
            <bdi>${call.hearing}</bdi><span class="caret"></span>
          </p>`
    }
  </div>`;
}

/** Asks once more: a caller is at the other end. */
function HangUp({ id }: { readonly id: string }): VNode {
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<ApiError>();
  const hangUp = (): void => {
    setAsking(false);
    post(`/api/calls/live/${encodeURIComponent(id)}/hang-up`).catch((reason: unknown) =>
      setError(asApiError(reason)),
    );
  };
  return html`<footer class="live-foot">
    ${error === undefined ? null : html`<${Problem} error=${error} />`}
    ${
      asking
        ? html`<span class="quiet">End this call?</span>
            <button class="button" onClick=${() => setAsking(false)}>No</button>
            <button class="button button-bad" onClick=${hangUp}><${Icon} name="hangUp" /> Hang up</button>`
        : html`<a class="link" href=${`#/calls/${encodeURIComponent(id)}`}>Details</a>
            <button class="button button-quiet" onClick=${() => setAsking(true)}>
              <${Icon} name="hangUp" /> Hang up
            </button>`
    }
  </footer>`;
}
