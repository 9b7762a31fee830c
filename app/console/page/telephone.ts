import { html, type VNode } from './html.ts';

/** A telephone that calls the bot. Stays mounted while the operator goes from view to view, so that a call goes on. */
export function Telephone(): VNode {
  return html`<p class="quiet">Call the bot from any phone that is registered here.</p>`;
}
