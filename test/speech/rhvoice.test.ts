import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { findRhvoice } from '../../app/setup/rhvoice.ts';
import { createRhvoiceTts } from '../../app/speech/rhvoice/tts.ts';
import { findVoices } from '../../app/speech/rhvoice/voices.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-rhvoice-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function addVoice(root: string, name: string, language: string): Promise<void> {
  const dir = path.join(root, 'share/RHVoice/voices', name.toLowerCase());
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'voice.info'), `name=${name}\nlanguage=${language}\nformat=4\n`);
}

/** A machine that has RHVoice, but for what is inside its library. */
async function installed(t: TestContext): Promise<string> {
  const root = await folder(t);
  await addVoice(root, 'Alan', 'English');
  await addVoice(root, 'Slt', 'English');
  await addVoice(root, 'Mateo', 'Spanish');
  await addVoice(root, 'Anna', 'Russian');
  await addVoice(root, 'Lyubov', 'English');
  await mkdir(path.join(root, 'lib/some-linux-gnu'), { recursive: true });
  await writeFile(path.join(root, 'lib/some-linux-gnu/libRHVoice.so.5'), 'not really');
  return root;
}

test('an installed RHVoice is found with the voices that Parley can use, English and Spanish', async (t) => {
  const root = await installed(t);
  const { signal } = t;
  const files = await findRhvoice({ cacheDir: root, signal, roots: [await folder(t), root] });
  assert.equal(files.library, path.join(root, 'lib/some-linux-gnu/libRHVoice.so.5'));
  assert.deepEqual(
    findVoices(files.dataDir).map(({ name, languages }) => [name, languages[0]]),
    [
      ['slt', 'en-US'],
      ['alan', 'en-US'],
      ['mateo', 'es-ES'],
    ],
  );
});

test('a synthesiser without RHVoice, or with a folder that is none, is refused with the way to get it', async (t) => {
  const nowhere = { library: '/nowhere/libRHVoice.so.5', dataDir: await folder(t) };
  for (const files of [undefined, nowhere]) {
    assert.throws(
      () => createRhvoiceTts({ files }),
      (error) => hasCode(error, 'rhvoice-missing') && error.remedy.includes('rhvoice-english'),
    );
  }
});

test('a voice that is not there is refused with those that are', async (t) => {
  const root = await installed(t);
  const files = await findRhvoice({ cacheDir: root, signal: t.signal, roots: [root] });
  assert.throws(
    () => createRhvoiceTts({ files, voice: 'anna' }),
    (error) => hasCode(error, 'provider-mismatch') && /slt, alan, mateo.*is anna/.test(error.message),
  );
});

test('a library that cannot be loaded costs a coded error, not the process', async (t) => {
  const root = await installed(t);
  const files = await findRhvoice({ cacheDir: root, signal: t.signal, roots: [root] });
  const tts = createRhvoiceTts({ files });
  t.after(() => tts.close());
  assert.deepEqual(tts.can.voices, ['slt', 'alan', 'mateo']);
  await assert.rejects(
    async () => {
      for await (const piece of tts.speak('Hello', {
        sampleRateHz: 16_000,
        language: 'en-US',
        signal: t.signal,
      }))
        assert.ok(piece);
    },
    (error) => hasCode(error, 'tts-unavailable') && error.message.includes('shared library'),
  );
});

test('Spanish is spoken by a Spanish voice only', async (t) => {
  const root = await folder(t);
  await addVoice(root, 'Slt', 'English');
  await mkdir(path.join(root, 'lib'), { recursive: true });
  await writeFile(path.join(root, 'lib/libRHVoice.so.5'), 'not really');
  const files = await findRhvoice({ cacheDir: root, signal: t.signal, roots: [root] });
  const tts = createRhvoiceTts({ files });
  t.after(() => tts.close());
  assert.ok(!tts.can.languages.includes('es-ES'));
  const speaking = tts.speak('Hola', { sampleRateHz: 16_000, language: 'es-ES', signal: t.signal });
  await assert.rejects(
    speaking[Symbol.asyncIterator]().next(),
    (error) => hasCode(error, 'tts-rejected') && error.message.includes('does not speak es-ES'),
  );
});
