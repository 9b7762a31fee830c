import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { asteriskCheck } from '../../app/doctor/checks/asterisk.ts';
import { callCheck, mediaSocketCheck } from '../../app/doctor/checks/call.ts';
import { codecsCheck, modulesCheck } from '../../app/doctor/checks/modules.ts';
import type { Exam } from '../../app/doctor/spec.ts';
import { hasCode, type ErrorCode } from '../../app/errors.ts';
import { startFakeServer } from '../fakes/http.ts';
import { examOf, found, startFakeAri } from './support.ts';

/** All that Parley asks of Asterisk. */
const complete = [
  ...['app_stasis', 'res_stasis', 'res_stasis_answer', 'res_stasis_recording', 'res_stasis_playback'],
  ...['res_stasis_snoop', 'res_ari_channels', 'res_ari_bridges', 'res_ari_events', 'res_ari_recordings'],
  ...['res_http_websocket', 'res_http_media_cache', 'bridge_softmix', 'func_talkdetect', 'format_wav'],
  ...['chan_pjsip', 'res_rtp_asterisk', 'chan_websocket', 'codec_ulaw', 'codec_alaw', 'codec_g722'],
  ...['codec_opus_open_source', 'codec_resample'],
].map((name) => `${name}.so`);

async function examWith(
  t: TestContext,
  options: Parameters<typeof startFakeAri>[0] & { password?: string; settings?: object } = {},
): Promise<Exam> {
  const ari = await startFakeAri({ modules: complete, ...options });
  t.after(() => ari.close());
  const asterisk = { ...ari.access, ...(options.password !== undefined && { password: options.password }) };
  return examOf(options.settings, { asterisk: () => Promise.resolve(asterisk) });
}

async function rejectedWith(exam: Exam, code: ErrorCode, says: RegExp): Promise<void> {
  await assert.rejects(found(asteriskCheck, exam), (error) => {
    assert.ok(hasCode(error, code), String(error));
    assert.match(error.message, says);
    assert.notEqual(error.remedy, '');
    return true;
  });
}

test('an Asterisk that lets us in is fine, with its version', async (t) => {
  const [finding] = await found(asteriskCheck, await examWith(t));
  assert.equal(finding?.verdict, 'fine');
  assert.match(finding.says, /^22\.10\.1 at http:\/\/127\.0\.0\.1:\d+ \(that of ari\.url\)$/);
});

test('a wrong password is told from an Asterisk that is not there', async (t) => {
  await rejectedWith(await examWith(t, { password: 'wrong' }), 'ari-rejected', /refused/);
  const gone = await startFakeAri();
  await gone.close();
  await rejectedWith(
    examOf({}, { asterisk: () => Promise.resolve(gone.access) }),
    'ari-unreachable',
    /ECONNREFUSED/,
  );
});

test('an Asterisk that does not answer is given up', async (t) => {
  const ari = await startFakeAri();
  t.after(() => ari.close());
  ari.behave('hang');
  const exam = examOf({ ari: { commandDeadlineMs: 50 } }, { asterisk: () => Promise.resolve(ari.access) });
  await rejectedWith(exam, 'ari-unreachable', /does not answer/);
});

test('an HTTP server that is not ARI is told from one whose ARI is switched off', async (t) => {
  for (const [server, says] of [
    ['nginx', /it is nginx/],
    ['Asterisk', /ARI is switched off/],
  ] as const) {
    const web = await startFakeServer({
      answer: () => ({ status: 404, headers: { server }, body: '<html>Not here</html>' }),
      wrongSchema: { status: 200, body: '{}' },
    });
    t.after(() => web.close());
    const asterisk = { url: web.url, user: 'parley', password: 'x', source: 'configured' } as const;
    await rejectedWith(examOf({}, { asterisk: () => Promise.resolve(asterisk) }), 'ari-not-asterisk', says);
  }
  const other = await startFakeAri();
  t.after(() => other.close());
  other.behave('wrong-schema');
  await rejectedWith(
    examOf({}, { asterisk: () => Promise.resolve(other.access) }),
    'ari-not-asterisk',
    /answers 200/,
  );
});

test('an Asterisk before 20 is refused with its version', async (t) => {
  await rejectedWith(await examWith(t, { version: '18.26.2' }), 'asterisk-too-old', /Asterisk 18\.26\.2/);
});

test('modules: all there', async (t) => {
  const findings = await found(modulesCheck, await examWith(t));
  assert.deepEqual(
    findings.map(({ verdict }) => verdict),
    ['fine'],
  );
});

test('modules: what calls cannot do without fails, with the module and what it is for', async (t) => {
  const modules = complete.filter((name) => name !== 'app_stasis.so');
  const [finding, ...others] = await found(modulesCheck, await examWith(t, { modules }));
  assert.deepEqual([finding?.verdict, finding?.code], ['failed', 'asterisk-module-missing']);
  assert.match(finding?.says ?? '', /app_stasis\.so: the dialplan cannot hand calls/);
  assert.match(finding?.remedy ?? '', /load = app_stasis\.so/);
  assert.deepEqual(others, []);
});

test('modules: without chan_websocket callers are recorded, and what recording needs becomes essential', async (t) => {
  const recorded = complete.filter((name) => name !== 'chan_websocket.so');
  const [told] = await found(modulesCheck, await examWith(t, { modules: recorded }));
  assert.equal(told?.verdict, 'note');
  assert.match(told.says, /callers are recorded/);
  const without = (modules: readonly string[]): readonly string[] =>
    modules.filter((name) => name !== 'res_http_media_cache.so');
  const [lessStreamed] = await found(modulesCheck, await examWith(t, { modules: without(complete) }));
  assert.equal(lessStreamed?.verdict, 'warning');
  const [lessRecorded] = await found(modulesCheck, await examWith(t, { modules: without(recorded) }));
  assert.equal(lessRecorded?.verdict, 'failed');
});

test('codecs: opus may be missing, ulaw may not', async (t) => {
  const without = (name: string): readonly string[] => complete.filter((module) => module !== name);
  const [noOpus, rest] = await found(
    codecsCheck,
    await examWith(t, { modules: without('codec_opus_open_source.so') }),
  );
  assert.equal(noOpus?.verdict, 'note');
  assert.equal(rest?.says, 'ulaw, alaw, g722');
  const [noUlaw] = await found(codecsCheck, await examWith(t, { modules: without('codec_ulaw.so') }));
  assert.equal(noUlaw?.verdict, 'failed');
  const [noResampler] = await found(
    codecsCheck,
    await examWith(t, { modules: without('codec_resample.so') }),
  );
  assert.equal(noResampler?.verdict, 'failed');
});

test('without chan_websocket there is no media socket to try and no test call', async (t) => {
  const exam = await examWith(t, { modules: [] });
  for (const check of [mediaSocketCheck, callCheck]) {
    const [finding] = await found(check, exam);
    assert.equal(finding?.verdict, 'note');
  }
});
