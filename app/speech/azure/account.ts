import type { SpeechConfig } from 'microsoft-cognitiveservices-speech-sdk';
import type { Config } from '../../config/schema.ts';
import { ParleyError } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import { loadSdk, type Sdk } from './sdk.ts';
import { Tokens } from './token.ts';
import { type Kind, provider } from './trouble.ts';

export type AzureConfig = Config['speech']['azure'];

const containerPath = '/speech/recognition/conversation/cognitiveservices/v1';

/** Where the service is and how it is asked for: key and region, token, an address of its own, a container. */
export class Account {
  readonly #kind: Kind;
  readonly #config: AzureConfig;
  readonly #tokens: Tokens | undefined;

  /** @throws ParleyError `provider-not-configured`. */
  constructor(kind: Kind, config: AzureConfig, clock: Clock) {
    this.#kind = kind;
    this.#config = config;
    const { key, tokenUrl: url, deadlineMs } = config;
    this.#tokens = url === undefined ? undefined : new Tokens({ kind, url, key, clock, deadlineMs });
    // A container needs neither.
    if (this.#own !== undefined) return;
    const missing = [
      ...(key === undefined && url === undefined ? ['speech.azure.key (or keyFile, or tokenUrl)'] : []),
      ...(config.region === undefined && config.endpoint === undefined
        ? [`speech.azure.region (or endpoint, or ${kind}Url)`]
        : []),
    ];
    if (missing.length > 0)
      throw new ParleyError('provider-not-configured', { kind, name: provider, fields: missing.join(', ') });
  }

  /** Where the service is, for a person to read. */
  get place(): string {
    const { region = '', endpoint } = this.#config;
    const url = this.#own ?? endpoint;
    return url === undefined ? region : new URL(url).host;
  }

  /** The SDK, and a configuration for one recogniser or synthesiser. @throws ParleyError, see {@link Tokens.get}. */
  async open(signal: AbortSignal): Promise<{ readonly sdk: Sdk; readonly config: SpeechConfig }> {
    const [sdk, token] = await Promise.all([loadSdk(), this.#tokens?.get(signal)]);
    const config = this.#address(sdk, token);
    if (token !== undefined) config.authorizationToken = token;
    const { proxy } = this.#config;
    if (proxy !== undefined) {
      const { hostname, port, username, password } = new URL(proxy);
      config.setProxy(
        hostname,
        Number(port || 80),
        decodeURIComponent(username),
        decodeURIComponent(password),
      );
    }
    return { sdk, config };
  }

  /** The service refused what it was given; a token that it refused is not used again. */
  refused(): void {
    this.#tokens?.drop();
  }

  /** Ends what is being asked for. Idempotent. */
  close(): void {
    this.#tokens?.close();
  }

  /** The address that is for this kind alone. */
  get #own(): string | undefined {
    return this.#kind === 'stt' ? this.#config.sttUrl : this.#config.ttsUrl;
  }

  #address({ SpeechConfig, PropertyId }: Sdk, token: string | undefined): SpeechConfig {
    const { region = '', endpoint } = this.#config;
    const key = token === undefined ? this.#config.key : undefined;
    const own = this.#own === undefined ? undefined : new URL(this.#own);
    if (own?.pathname === '/') {
      const config = SpeechConfig.fromHost(own, key);
      // When it connects ahead, the SDK does not know yet that more than one phrase may come, and takes another path.
      if (this.#kind === 'stt')
        config.setProperty(PropertyId.SpeechServiceConnection_Endpoint, new URL(containerPath, own).href);
      return config;
    }
    if (own !== undefined) return SpeechConfig.fromEndpoint(own, key);
    if (endpoint !== undefined) return SpeechConfig.fromEndpoint(new URL(endpoint), key);
    return token === undefined
      ? SpeechConfig.fromSubscription(key ?? '', region)
      : SpeechConfig.fromAuthorizationToken(token, region);
  }
}
