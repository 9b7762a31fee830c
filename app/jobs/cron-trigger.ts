import { schedule, validateDetailed } from 'node-cron';
import type { Log } from '../ops/log.ts';

/** Says when something is due. */
export interface Trigger {
  /** What is wrong with an expression, or undefined. */
  problemWith(expression: string): string | undefined;
  /** Calls `tick` each time it is due, until the function that is returned is called. */
  every(expression: string, tick: () => void): () => void;
}

/** node-cron, in the machine's time zone. Its timers do not keep the process alive. */
export function cronTrigger(log: Log): Trigger {
  return {
    problemWith(expression) {
      const { valid, errors } = validateDetailed(expression);
      return valid ? undefined : errors.map(({ message }) => message).join('; ');
    },
    every(expression, tick) {
      const task = schedule(expression, tick, {
        unref: true,
        // A machine that slept or a blocked event loop misses a time; the next one does.
        suppressMissedWarning: true,
        logger: {
          debug: (message) => log.debug(String(message)),
          info: (message) => log.debug(message),
          warn: (message) => log.warn(message),
          error: (message, error) => log.error(String(message), { error }),
        },
      });
      return () => void task.destroy();
    },
  };
}
