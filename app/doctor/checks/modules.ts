import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { ParleyError } from '../../errors.ts';
import { fine, note, troubleWith } from '../findings.ts';
import type { Check, Exam, Finding } from '../spec.ts';

interface Wanted {
  /** One of these has to run. */
  readonly names: readonly string[];
  readonly purpose: string;
}

const needed: readonly Wanted[] = [
  { names: ['app_stasis.so'], purpose: 'the dialplan cannot hand calls to the bot' },
  { names: ['res_stasis.so'], purpose: 'there are no applications' },
  { names: ['res_stasis_answer.so'], purpose: 'calls cannot be answered' },
  { names: ['res_ari_channels.so'], purpose: 'channels cannot be commanded' },
  { names: ['res_ari_bridges.so'], purpose: 'callers cannot be put into a bridge' },
  { names: ['res_ari_events.so'], purpose: 'the bot is not told of calls' },
  { names: ['res_http_websocket.so'], purpose: 'the bot cannot listen to events' },
  { names: ['bridge_softmix.so', 'bridge_simple.so'], purpose: 'there are no bridges' },
];

/** Without chan_websocket these carry a caller's audio, and with it they stand by when it fails. */
const forRecording: readonly Wanted[] = [
  { names: ['res_stasis_recording.so', 'res_ari_recordings.so'], purpose: 'callers cannot be recorded' },
  { names: ['res_stasis_playback.so', 'res_ari_playbacks.so'], purpose: 'nothing can be played to callers' },
  { names: ['res_stasis_snoop.so'], purpose: 'callers cannot be recorded' },
  { names: ['res_http_media_cache.so'], purpose: 'what the bot says to recorded callers cannot be fetched' },
  { names: ['func_talkdetect.so'], purpose: 'it is not noticed that recorded callers have finished' },
  { names: ['format_wav.so'], purpose: 'recordings cannot be written' },
];

const forPhones: readonly Wanted[] = [
  { names: ['chan_pjsip.so'], purpose: 'SIP telephones cannot call' },
  { names: ['res_rtp_asterisk.so'], purpose: 'SIP telephones have no audio' },
];

/** What Parley asks of Asterisk is there. */
export const modulesCheck: Check = {
  name: 'modules',
  title: 'Asterisk modules',
  needs: ['asterisk'],
  deadlineMs: 10_000,
  async examine(exam, { signal }) {
    const running = await runningModules(exam, signal);
    const streams = running.has('chan_websocket.so');
    const findings = [
      ...missing(needed, running, 'failed'),
      ...missing(forRecording, running, streams ? 'warning' : 'failed'),
      ...missing(forPhones, running, 'warning'),
    ];
    if (exam.config.line.kind !== 'recorded' && !streams)
      findings.push(
        note(
          'chan_websocket is not there: callers are recorded, which is slower, and cannot interrupt as well',
          'Asterisk 20.18, 22.8 and later have it; load it in modules.conf where it is installed.',
        ),
      );
    return findings.length > 0 ? findings : [fine(`${running.size} loaded, all that is needed among them`)];
  },
};

const codecs: readonly {
  readonly name: string;
  readonly modules: readonly string[];
  readonly essential: boolean;
}[] = [
  { name: 'ulaw', modules: ['codec_ulaw.so'], essential: true },
  { name: 'alaw', modules: ['codec_alaw.so'], essential: true },
  { name: 'g722', modules: ['codec_g722.so'], essential: false },
  { name: 'opus', modules: ['codec_opus.so', 'codec_opus_open_source.so'], essential: false },
];

/** The codecs of telephones can be turned into what the bot hears. */
export const codecsCheck: Check = {
  name: 'codecs',
  title: 'Codecs',
  needs: ['asterisk'],
  deadlineMs: 10_000,
  async examine(exam, { signal }) {
    const running = await runningModules(exam, signal);
    const has = ({ modules }: (typeof codecs)[number]): boolean => modules.some((name) => running.has(name));
    const findings: Finding[] = codecs
      .filter((codec) => !has(codec))
      .map(({ name, modules, essential }) => {
        const purpose = `telephones that speak ${name} alone have no audio`;
        const finding = troubleWith(
          new ParleyError('asterisk-module-missing', { module: modules.join(' or '), purpose }),
        );
        return essential ? finding : { ...finding, verdict: 'note' };
      });
    if (!running.has('codec_resample.so'))
      findings.push(
        troubleWith(
          new ParleyError('asterisk-module-missing', {
            module: 'codec_resample.so',
            purpose: 'audio cannot be brought to 16 kHz for the bot',
          }),
        ),
      );
    const there = codecs.filter(has).map(({ name }) => name);
    return [...findings, ...(there.length > 0 ? [fine(there.join(', '))] : [])];
  },
};

async function runningModules(exam: Exam, signal: AbortSignal): Promise<ReadonlySet<string>> {
  return inspectAri(await exam.asterisk()).modules({ signal });
}

function missing(
  wanted: readonly Wanted[],
  running: ReadonlySet<string>,
  verdict: 'warning' | 'failed',
): Finding[] {
  return wanted
    .filter(({ names }) => !names.some((name) => running.has(name)))
    .map(({ names, purpose }) =>
      troubleWith(
        new ParleyError('asterisk-module-missing', { module: names.join(' or '), purpose }),
        verdict,
      ),
    );
}
