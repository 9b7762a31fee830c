import { nameOf, type PhoneAccount } from '../accounts.ts';
import { Relay, type RelayCounts } from '../network/relay.ts';
import type { Scenario } from './schema.ts';

/** The ways from a phone to the bot: the direct one, and a bad network for each scenario that has one. */
export class Roads {
  /** What the phone needs to take any of them. */
  readonly accounts: readonly PhoneAccount[];
  readonly #direct: PhoneAccount;
  readonly #relays: ReadonlyMap<Scenario, { readonly relay: Relay; readonly account: PhoneAccount }>;

  private constructor(
    direct: PhoneAccount,
    relays: ReadonlyMap<Scenario, { readonly relay: Relay; readonly account: PhoneAccount }>,
  ) {
    this.#direct = direct;
    this.#relays = relays;
    this.accounts = [direct, ...[...relays.values()].map(({ account }) => account)];
  }

  /** @param direct the account that the bot's server knows. */
  static async open(scenarios: readonly Scenario[], direct: PhoneAccount): Promise<Roads> {
    const relays = new Map<Scenario, { readonly relay: Relay; readonly account: PhoneAccount }>();
    for (const scenario of scenarios) {
      if (scenario.network === undefined) continue;
      const relay = await Relay.start({ server: direct.server, network: scenario.network });
      const name = `network-${String(relays.size + 1)}`;
      const account = { ...direct, name, server: relay.address };
      relays.set(scenario, { relay, account });
    }
    return new Roads(direct, relays);
  }

  /** The account that a scenario calls with. */
  accountOf(scenario: Scenario): string {
    return nameOf(this.#relays.get(scenario)?.account ?? this.#direct);
  }

  /** What its network did to it; undefined without one. */
  countsOf(scenario: Scenario): RelayCounts | undefined {
    return this.#relays.get(scenario)?.relay.counts;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#relays.values()].map(({ relay }) => relay.close()));
  }
}
