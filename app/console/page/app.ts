/** The frame: who is signed in, the way from view to view, and the telephone beside them. */
import type { Session } from '../contract.ts';
import { onSignedOut, session, signOut } from './api.ts';
import type { ApiError } from './api.ts';
import { BotView } from './bot.ts';
import { CallView } from './call.ts';
import { CallsView } from './calls.ts';
import { EnginesView } from './engines.ts';
import { type FeedState, startFeed, stopFeed, useFeed } from './feed.ts';
import { FiguresView } from './figures.ts';
import { asApiError, type Route, useRoute } from './hooks.ts';
import { html, useEffect, useRef, useState, type VNode } from './html.ts';
import { Icon, type IconName } from './icons.ts';
import { LiveView } from './live.ts';
import { Choice, Loading, Problem } from './parts.ts';
import { SignIn } from './sign-in.ts';
import { Telephone } from './telephone.ts';
import { chooseTheme, chosenTheme, type Theme } from './theme.ts';

const views: readonly (readonly [path: string, name: string, icon: IconName])[] = [
  ['live', 'Live', 'live'],
  ['calls', 'Calls', 'calls'],
  ['figures', 'Figures', 'figures'],
  ['engines', 'Engines', 'engines'],
  ['bot', 'Bot', 'bot'],
];

export function App(): VNode {
  const [who, setWho] = useState<Session>();
  const [error, setError] = useState<ApiError>();
  const ask = (): void => {
    setError(undefined);
    session().then(setWho, (reason: unknown) => setError(asApiError(reason)));
  };
  useEffect(() => {
    onSignedOut(ask);
    ask();
  }, []);
  const authenticated = who?.authenticated ?? false;
  useEffect(() => {
    if (!authenticated) return undefined;
    startFeed();
    return stopFeed;
  }, [authenticated]);

  if (error !== undefined) return html`<main class="alone"><${Problem} error=${error} retry=${ask} /></main>`;
  if (who === undefined) return html`<main class="alone"><${Loading} /></main>`;
  if (!who.authenticated) return html`<${SignIn} done=${setWho} />`;
  const leave = who.needsToken
    ? (): void => void signOut().then(setWho, (reason: unknown) => setError(asApiError(reason)))
    : undefined;
  return html`<${Frame} leave=${leave} />`;
}

function Frame({ leave }: { readonly leave: (() => void) | undefined }): VNode {
  const route = useRoute();
  const feed = useFeed();
  const [chosen, setTelephone] = useState<boolean>();
  const main = useRef<HTMLElement>(null);
  const [view = 'live'] = route.path;
  // Beside the live calls there is room for it; elsewhere it comes when it is asked for, and stays once it was used.
  const telephone = chosen ?? (view === 'live' && matchMedia('(min-width: 1200px)').matches);
  const here = route.path.join('/');
  const first = useRef(true);
  useEffect(() => {
    document.title = `${views.find(([path]) => path === view)?.[1] ?? 'Parley'} · Parley`;
    // Who reads by ear is told of the new view; not at the very first one, which is read from its top.
    if (!first.current) main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    if (!first.current) scrollTo(0, 0);
    first.current = false;
  }, [here]);
  return html`<div class=${telephone ? 'frame with-telephone' : 'frame'}>
    <a class="skip" href="#main" onClick=${skipTo(main)}>Skip to the content</a>
    <header class="side">
      <a class="brand" href="#/live" aria-label="Parley"><${Brand} /><span>Parley</span></a>
      <nav aria-label="Views">
        ${views.map(
          ([path, name, icon]) =>
            html`<a key=${path} href=${`#/${path}`} aria-current=${path === view ? 'page' : undefined}>
              <${Icon} name=${icon} /><span>${name}</span>
              ${
                path === 'live' && feed.calls.length > 0
                  ? html`<span class="badge">${feed.calls.length}</span>`
                  : null
              }
            </a>`,
        )}
      </nav>
      <div class="side-foot">
        <${Health} feed=${feed} />
        <div class="side-tools">
          <${ThemeChoice} />
          ${
            leave === undefined
              ? null
              : html`<button class="icon-button" title="Sign out" aria-label="Sign out" onClick=${leave}>
                  <${Icon} name="leave" />
                </button>`
          }
        </div>
      </div>
      <button
        class="telephone-toggle"
        aria-expanded=${telephone}
        aria-controls="telephone"
        onClick=${() => setTelephone(!telephone)}
      >
        <${Icon} name="phone" /><span>Telephone</span>
      </button>
    </header>
    <main id="main" ref=${main}>
      <${Trouble} feed=${feed} />
      <${CurrentView} route=${route} feed=${feed} callTheBot=${() => setTelephone(true)} />
    </main>
    <aside id="telephone" class="telephone" aria-label="Telephone" hidden=${!telephone}>
      <button
        class="icon-button telephone-close"
        aria-label="Close the telephone"
        onClick=${() => setTelephone(false)}
      >
        <${Icon} name="close" />
      </button>
      <div onClick=${() => setTelephone(true)}><${Telephone} /></div>
    </aside>
  </div>`;
}

function CurrentView({
  route: {
    path: [view = 'live', id],
    query,
  },
  feed,
  callTheBot,
}: {
  readonly route: Route;
  readonly feed: FeedState;
  readonly callTheBot: () => void;
}): VNode {
  switch (view) {
    case 'calls':
      return id === undefined
        ? html`<${CallsView} query=${query} feed=${feed} callTheBot=${callTheBot} />`
        : html`<${CallView} key=${id} id=${id} keeps=${feed.status?.keeps} />`;
    case 'figures':
      return html`<${FiguresView} query=${query} />`;
    case 'engines':
      return html`<${EnginesView} status=${feed.status} />`;
    case 'bot':
      return html`<${BotView} />`;
    default:
      return html`<${LiveView} feed=${feed} callTheBot=${callTheBot} />`;
  }
}

function skipTo(main: { readonly current: HTMLElement | null }): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    main.current?.querySelector<HTMLElement>('h1')?.focus();
  };
}

function Brand(): VNode {
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect class="mark-ground" width="32" height="32" rx="9" />
    <path d="M8.500 13.500v5M13.500 8.500v15M18.500 11.500v9M23.500 14.500v3" />
  </svg>`;
}

/** Whether calls are answered, in a word. */
function Health({ feed: { connection, status } }: { readonly feed: FeedState }): VNode {
  const [tone, says] =
    connection !== 'open' || status === undefined
      ? (['warn', connection === 'connecting' ? 'Connecting' : 'Connection lost'] as const)
      : !status.asterisk.connected
        ? (['bad', 'No Asterisk'] as const)
        : status.calls.draining
          ? (['warn', 'Draining'] as const)
          : (['good', 'Answering'] as const);
  const calls = status === undefined ? '' : `${status.calls.live} of ${status.calls.capacity} lines`;
  return html`<div class="health" role="status">
    <span class=${`dot dot-${tone}`}></span>
    <span class="health-says">${says}</span>
    <span class="health-calls quiet">${calls}</span>
  </div>`;
}

/** What keeps the page, or the bot, from working; and for a moment, that it works again. */
function Trouble({ feed: { connection, status } }: { readonly feed: FeedState }): VNode {
  const [again, setAgain] = useState(false);
  const was = useRef(connection);
  useEffect(() => {
    const back = was.current === 'lost' && connection === 'open';
    was.current = connection;
    setAgain(back);
    if (!back) return undefined;
    const timer = setTimeout(() => setAgain(false), 4_000);
    return () => clearTimeout(timer);
  }, [connection]);
  const banner =
    connection === 'lost'
      ? (['warn', 'The connection to Parley was lost. What you see may be old; it is tried again.'] as const)
      : again
        ? (['good', 'Connected again.'] as const)
        : status !== undefined && !status.asterisk.connected
          ? ([
              'bad',
              'Asterisk is not connected: no call is answered. Look at its log, and run npm run doctor; Parley keeps trying.',
            ] as const)
          : status?.calls.draining === true
            ? ([
                'warn',
                'Parley is being stopped: calls that run are led to their end, no more are taken.',
              ] as const)
            : undefined;
  return html`<div class="banners" aria-live="polite">
    ${banner === undefined ? null : html`<p class=${`banner banner-${banner[0]}`}>${banner[1]}</p>`}
  </div>`;
}

function ThemeChoice(): VNode {
  const [theme, set] = useState(chosenTheme);
  const choose = (next: Theme): void => {
    chooseTheme(next);
    set(next);
  };
  return html`<${Choice}
    label="Light or dark"
    chosen=${theme}
    choose=${choose}
    options=${[
      ['auto', html`<${Icon} name="auto" />`, 'As the system'],
      ['light', html`<${Icon} name="light" />`, 'Light'],
      ['dark', html`<${Icon} name="dark" />`, 'Dark'],
    ]}
  />`;
}
