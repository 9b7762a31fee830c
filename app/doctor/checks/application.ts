import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { fine, note } from '../findings.ts';
import type { Check } from '../spec.ts';

/** Events can be listened to, and the bot's application name is told apart from somebody else's. */
export const applicationCheck: Check = {
  name: 'application',
  title: 'ARI application',
  needs: ['asterisk'],
  deadlineMs: 15_000,
  async examine(exam, { signal }) {
    const asterisk = await exam.asterisk();
    await exam.ari();
    const { app } = exam.config.ari;
    const taken = await inspectAri(asterisk).hasApplication(app, { signal });
    const opened = 'the event socket opens';
    if (!taken) return [fine(`${opened}; nobody serves "${app}" now`)];
    if (exam.running) return [fine(`${opened}; the Parley that runs here serves "${app}"`)];
    return [
      note(
        `${opened}; a program somewhere serves "${app}": an application name belongs to one program`,
        `Where that is another Parley, give this one another name (ARI_APP) before it is started.`,
      ),
    ];
  },
};
