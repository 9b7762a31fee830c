import { messageOf, ParleyError } from '../errors.ts';
import type { Finding } from './spec.ts';

export function fine(says: string): Finding {
  return { verdict: 'fine', says };
}

export function note(says: string, remedy?: string): Finding {
  return { verdict: 'note', says, ...(remedy !== undefined && { remedy }) };
}

export function warning(says: string, remedy: string): Finding {
  return { verdict: 'warning', says, remedy };
}

/** An error of the table with its remedy; any other is a fault of the doctor. */
export function troubleWith(error: unknown, verdict: 'warning' | 'failed' = 'failed'): Finding {
  if (!(error instanceof ParleyError))
    return troubleWith(
      new ParleyError('doctor-failed', { reason: messageOf(error) }, { cause: error }),
      verdict,
    );
  return { verdict, says: error.message, remedy: error.remedy, code: error.code };
}
