import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInContent, placeholdersOf } from '../../app/nlu/content.ts';
import { phraseKey } from '../../app/nlu/local/tokens.ts';

for (const language of ['en-US', 'es-ES']) {
  const content = builtInContent(language);

  test(`${language}: Parley’s bot knows its nine intents`, () => {
    assert.deepEqual(content.intents.map((each) => each.intent).sort(), [
      'Call',
      'GetNews',
      'GetTime',
      'GetWeather',
      'Goodbye',
      'Help',
      'None',
      'Repeat',
      'Stop',
    ]);
  });

  test(`${language}: no sample belongs to two intents, and none is there twice`, () => {
    const owners = new Map<string, string>();
    const twice: string[] = [];
    for (const { intent, common, samples } of content.intents) {
      for (const sample of [...common, ...samples]) {
        const key = phraseKey(sample.replace(/[{}]/g, '_'));
        const owner = owners.get(key);
        if (owner !== undefined) twice.push(`${sample}: ${owner} and ${intent}`);
        owners.set(key, intent);
      }
    }
    assert.deepEqual(twice, []);
  });

  test(`${language}: there are enough samples, and plenty of what the bot does not do`, () => {
    for (const { intent, common, samples } of content.intents) {
      assert.ok(common.length + samples.length >= 80, `${intent} has ${common.length + samples.length}`);
    }
    const none = content.intents.find(({ intent }) => intent === 'None')?.samples ?? [];
    assert.ok(none.length >= 500);
    assert.ok(none.filter((sample) => placeholdersOf(sample).length > 0).length >= 100);
  });

  test(`${language}: yes and no share no phrase`, () => {
    const { yes, no } = content.affirmations;
    assert.deepEqual(
      yes.filter((phrase) => no.includes(phrase)),
      [],
    );
  });
}
