import type { Session } from '../contract.ts';
import { type ApiError, signIn } from './api.ts';
import { asApiError } from './hooks.ts';
import { html, useState, type VNode } from './html.ts';
import { Icon } from './icons.ts';
import { Problem } from './parts.ts';

/** Asks for the token. */
export function SignIn({ done }: { readonly done: (session: Session) => void }): VNode {
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    setBusy(true);
    setError(undefined);
    try {
      done(await signIn(typeof token === 'string' ? token.trim() : ''));
    } catch (reason) {
      setError(asApiError(reason));
      setBusy(false);
    }
  };
  return html`<main class="alone">
    <form class="card sign-in" onSubmit=${(event: SubmitEvent) => void submit(event)}>
      <span class="empty-icon"><${Icon} name="lock" /></span>
      <h1>Parley’s console</h1>
      <p class="quiet">
        It shows what callers say, so it asks who you are. <code>npm run token</code> prints the token, on the
        machine that runs Parley.
      </p>
      <label class="field">
        <span>Token</span>
        <input name="token" type="password" autocomplete="current-password" required autofocus />
      </label>
      ${error === undefined ? null : html`<${Problem} error=${error} />`}
      <button class="button button-main" disabled=${busy}>${busy ? 'Signing in…' : 'Sign in'}</button>
    </form>
  </main>`;
}
