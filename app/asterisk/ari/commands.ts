import type { Client } from 'ari-client';
import { messageOf, ParleyError } from '../../errors.ts';
import type { AriBridge, AriChannel } from './events.ts';

export interface OriginateOptions {
  readonly channelId: string;
  /** Such as `PJSIP/6002`. */
  readonly endpoint: string;
  readonly app: string;
  readonly appArgs: string;
  readonly callerId: string;
  readonly timeoutSeconds: number;
  /** The channel for whose sake it is made: takes over its codecs. */
  readonly originator?: string;
}

export interface DialplanOriginateOptions {
  readonly channelId: string;
  readonly endpoint: string;
  readonly context: string;
  readonly extension: string;
  readonly callerId: string;
  readonly timeoutSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ExternalMediaOptions {
  readonly channelId: string;
  readonly app: string;
  /** Such as `slin` (8 kHz) or `slin16`. */
  readonly format: string;
}

/** What a SIP account is made of. */
type SipObject = 'endpoint' | 'auth';

interface CommandOptions {
  readonly url: string;
  readonly deadlineMs: number;
}

/** What ari-client gives back for a channel, a bridge or a list of them: the fields of the JSON among its own methods. */
type Raw<T> = { readonly [K in keyof T]?: unknown };

/**
 * The commands to Asterisk, typed, each with a deadline.
 * All of them throw ParleyError `ari-unreachable`, `ari-command-failed` (with `status` in its details) or `ari-command-timeout`.
 */
export class AriCommands {
  readonly #client: () => Client | undefined;
  readonly #options: CommandOptions;

  constructor(client: () => Client | undefined, options: CommandOptions) {
    this.#client = client;
    this.#options = options;
  }

  answer(channelId: string): Promise<void> {
    return this.#run('answer', (ari) => ari.channels.answer({ channelId }));
  }

  ring(channelId: string): Promise<void> {
    return this.#run('ring', (ari) => ari.channels.ring({ channelId }));
  }

  hangUp(channelId: string, reason: 'normal' | 'busy' | 'congestion' = 'normal'): Promise<void> {
    return this.#run('hang-up', (ari) => ari.channels.hangup({ channelId, reason }));
  }

  setVariable(channelId: string, variable: string, value: string): Promise<void> {
    return this.#run('set variable', (ari) => ari.channels.setChannelVar({ channelId, variable, value }));
  }

  getVariable(channelId: string, variable: string): Promise<string> {
    return this.#run(
      'get variable',
      async (ari) => (await ari.channels.getChannelVar({ channelId, variable })).value,
    );
  }

  /** Hangs up for a reason of ITU-T Q.850, which Asterisk turns into a SIP status (17: 486 Busy Here). */
  hangUpWithCause(channelId: string, cause: number): Promise<void> {
    // The types are older than this parameter; ari-client itself takes what Asterisk describes.
    const params = { channelId, reason_code: String(cause) };
    return this.#run('hang-up', (ari) => ari.channels.hangup(params));
  }

  /** Leaves Stasis: the dialplan goes on after it, or at a place of its own. */
  continueInDialplan(
    channelId: string,
    place?: { readonly context: string; readonly extension: string },
  ): Promise<void> {
    const at = place && { ...place, priority: 1 };
    return this.#run('continue', (ari) => ari.channels.continueInDialplan({ channelId, ...at }));
  }

  /**
   * A channel whose audio is a WebSocket of Asterisk's HTTP server (chan_websocket), to which the app connects.
   * It enters `app` by itself; only then may it be added to a bridge.
   * @returns the name of the connection: the WebSocket is `/media/NAME`.
   */
  async externalMedia(options: ExternalMediaOptions): Promise<string> {
    const params = {
      ...options,
      external_host: 'INCOMING',
      transport: 'websocket',
      encapsulation: 'none',
      connection_type: 'server',
      // The older plain-text form of the commands is on its way out.
      transport_data: 'f(json)',
    };
    const channel = await this.#run('external media', (ari) => ari.channels.externalMedia(params));
    return text(recordOf(channel.channelvars)['MEDIA_WEBSOCKET_CONNECTION_ID']);
  }

  /** Sends the events of something to an application, such as `channel:` for all channels. */
  subscribe(app: string, eventSource: string): Promise<void> {
    return this.#run('subscribe', async (ari) => {
      await ari.applications.subscribe({ applicationName: app, eventSource });
    });
  }

  sendDigits(channelId: string, digits: string): Promise<void> {
    return this.#run('send digits', (ari) => ari.channels.sendDTMF({ channelId, dtmf: digits }));
  }

  /** Whether Asterisk has loaded a module, such as `chan_websocket.so`. */
  async hasModule(moduleName: string): Promise<boolean> {
    const modules = await this.#run('list modules', (ari) => ari.asterisk.listModules());
    return listOf(modules).some(({ name, status }) => name === moduleName && status === 'Running');
  }

  createBridge(bridgeId: string, name: string): Promise<void> {
    return this.#run('create bridge', async (ari) => {
      await ari.bridges.createWithId({ bridgeId, name, type: 'mixing' });
    });
  }

  addToBridge(bridgeId: string, channelId: string): Promise<void> {
    return this.#run('add to bridge', (ari) => ari.bridges.addChannel({ bridgeId, channel: channelId }));
  }

  destroyBridge(bridgeId: string): Promise<void> {
    return this.#run('destroy bridge', (ari) => ari.bridges.destroy({ bridgeId }));
  }

  play(channelId: string, playbackId: string, media: string): Promise<void> {
    return this.#run('play', async (ari) => {
      await ari.channels.playWithId({ channelId, playbackId, media });
    });
  }

  stopPlayback(playbackId: string): Promise<void> {
    return this.#run('stop playback', (ari) => ari.playbacks.stop({ playbackId }));
  }

  /** A channel that hears what the caller says, and nothing else. */
  snoop(channelId: string, snoopId: string, app: string): Promise<void> {
    return this.#run('snoop', async (ari) => {
      await ari.channels.snoopChannelWithId({ channelId, snoopId, app, spy: 'in', appArgs: 'snoop' });
    });
  }

  record(channelId: string, name: string): Promise<void> {
    return this.#run('record', async (ari) => {
      await ari.channels.record({ channelId, name, format: 'wav', beep: false, ifExists: 'overwrite' });
    });
  }

  stopRecording(name: string): Promise<void> {
    return this.#run('stop recording', (ari) => ari.recordings.stop({ recordingName: name }));
  }

  /** Ends a recording and throws away what was recorded. */
  cancelRecording(name: string): Promise<void> {
    return this.#run('cancel recording', (ari) => ari.recordings.cancel({ recordingName: name }));
  }

  /** The file of a recording that is over. */
  fetchRecording(name: string): Promise<Uint8Array> {
    return this.#run('fetch recording', (ari) => ari.recordings.getStoredFile({ recordingName: name }));
  }

  deleteRecording(name: string): Promise<void> {
    return this.#run('delete recording', (ari) => ari.recordings.deleteStored({ recordingName: name }));
  }

  listRecordings(): Promise<string[]> {
    return this.#run('list recordings', async (ari) =>
      listOf(await ari.recordings.listStored()).map(({ name }) => name),
    );
  }

  originate(options: OriginateOptions): Promise<void> {
    const { timeoutSeconds: timeout, ...params } = options;
    return this.#run('originate', async (ari) => {
      await ari.channels.originateWithId({ ...params, timeout });
    });
  }

  originateIntoDialplan(options: DialplanOriginateOptions): Promise<void> {
    const { timeoutSeconds: timeout, variables, ...params } = options;
    return this.#run('originate', async (ari) => {
      await ari.channels.originateWithId({ ...params, timeout, variables: { ...variables } });
    });
  }

  /** Whether a phone of this name exists, and whether it is registered. */
  async endpointState(tech: string, resource: string): Promise<'online' | 'offline' | 'unknown' | 'absent'> {
    try {
      const endpoint = await this.#run('get endpoint', (ari) => ari.endpoints.get({ tech, resource }));
      const state = String(endpoint.state);
      return state === 'online' || state === 'offline' ? state : 'unknown';
    } catch (error) {
      if (error instanceof ParleyError && error.details['status'] === 404) return 'absent';
      throw error;
    }
  }

  /**
   * Makes an object of the SIP configuration while Asterisk runs, or changes it. Its sorcery.conf says for which kinds
   * that can be, and where they are kept.
   */
  putSipObject(kind: SipObject, id: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const tuples = Object.entries(fields).map(([attribute, value]) => ({ attribute, value }));
    return this.#run('make a SIP object', async (ari) => {
      await ari.asterisk.updateObject({ configClass: 'res_pjsip', objectType: kind, id, fields: tuples });
    });
  }

  deleteSipObject(kind: SipObject, id: string): Promise<void> {
    return this.#run('delete a SIP object', (ari) =>
      ari.asterisk.deleteObject({ configClass: 'res_pjsip', objectType: kind, id }),
    );
  }

  /** The names of all phones of one kind, such as `PJSIP`, registered or not. */
  listEndpoints(tech: string): Promise<string[]> {
    return this.#run('list endpoints', async (ari) =>
      listOf(await ari.endpoints.listByTech({ tech })).map(({ resource }) => resource),
    );
  }

  listChannels(): Promise<AriChannel[]> {
    return this.#run('list channels', async (ari) => listOf(await ari.channels.list()).map(toChannel));
  }

  listBridges(): Promise<AriBridge[]> {
    return this.#run('list bridges', async (ari) => listOf(await ari.bridges.list()).map(toBridge));
  }

  /** The channels that are in a Stasis application; none when Asterisk does not know it. */
  applicationChannels(app: string): Promise<string[]> {
    return this.#run('get application', async (ari) => {
      const application = await ari.applications.get({ applicationName: app });
      return strings(application.channel_ids);
    });
  }

  async #run<T>(command: string, work: (client: Client) => PromiseLike<T>): Promise<T> {
    const { url, deadlineMs } = this.#options;
    const client = this.#client();
    if (client === undefined) throw new ParleyError('ari-unreachable', { url, reason: 'not connected' });
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        work(client),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            reject(new ParleyError('ari-command-timeout', { command, deadlineMs }));
          }, deadlineMs);
        }),
      ]);
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      const reason = reasonOf(error);
      throw new ParleyError(
        'ari-command-failed',
        { command, status: statusOf(reason), reason },
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** ari-client throws Asterisk's JSON answer as the text of an error. */
function reasonOf(error: unknown): string {
  const text = messageOf(error);
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) {
      if ('message' in body) return String(body.message);
      if ('error' in body) return String(body.error);
    }
  } catch {
    // Not JSON: the text itself is the reason.
  }
  return text;
}

/**
 * ari-client drops the HTTP status of an error and keeps Asterisk's sentence alone, so the status is read back from
 * the sentences in Asterisk's res/ari/*.c. 0 stands for one that is not known.
 */
function statusOf(reason: string): number {
  if (/not found|does not exist|no such/i.test(reason)) return 404;
  if (/not in stasis|already|conflict/i.test(reason)) return 409;
  if (/allocation failed|internal server error/i.test(reason)) return 500;
  return 0;
}

function toChannel(raw: Raw<AriChannel>): AriChannel {
  const caller = recordOf(raw.caller);
  const dialplan = recordOf(raw.dialplan);
  return {
    id: text(raw.id),
    name: text(raw.name),
    state: text(raw.state),
    caller: { name: text(caller['name']), number: text(caller['number']) },
    dialplan: {
      context: text(dialplan['context']),
      exten: text(dialplan['exten']),
      appData: text(dialplan['app_data']),
    },
    creationtime: text(raw.creationtime),
    language: text(raw.language),
  };
}

function toBridge(raw: Raw<AriBridge>): AriBridge {
  return { id: text(raw.id), name: text(raw.name), channels: strings(raw.channels) };
}

/** A list; @types/ari-client says a single one here and there. */
function listOf<T>(raw: T | readonly T[]): readonly T[] {
  return Array.isArray(raw) ? raw : [raw as T];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function strings(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}
