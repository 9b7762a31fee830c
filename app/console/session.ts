import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';

const sessionMs = 7 * 24 * 3_600_000;
/** Sessions that were ended are remembered until they would have ended by themselves; of so many. */
const mostEnded = 1_000;
const windowMs = 60_000;
const triesOfOne = 5;
const triesOfAll = 100;

/**
 * Who may use the console. A session is a cookie that the token signs: `ID.EXPIRES.HMAC`. So it outlives the process, and
 * another token ends them all.
 */
export class Sessions {
  readonly #clock: Clock;
  readonly #token: string | undefined;
  readonly #key: Buffer;
  readonly #ended = new Set<string>();
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  /** @param token undefined: everybody who reaches it may. */
  constructor(token: string | undefined, clock: Clock) {
    this.#clock = clock;
    this.#token = token;
    this.#key = token === undefined ? randomBytes(32) : digest(`parley console session ${token}`);
  }

  get needsToken(): boolean {
    return this.#token !== undefined;
  }

  /**
   * Compares in constant time, and no more than a few times a minute for one address when it was wrong.
   * @throws ParleyError `console-token-wrong`, `console-too-many-tries`.
   */
  checkToken(given: string, address: string): void {
    if (this.#token === undefined) return;
    const waitMs = Math.max(this.#waitMs(address, triesOfOne), this.#waitMs('', triesOfAll));
    if (waitMs > 0)
      throw new ParleyError('console-too-many-tries', { waitSeconds: Math.ceil(waitMs / 1_000) });
    if (timingSafeEqual(digest(given), digest(this.#token))) return;
    this.#count(address);
    this.#count('');
    throw new ParleyError('console-token-wrong');
  }

  /** @returns the cookie's value, the session's name and how long it lasts. */
  open(): { readonly cookie: string; readonly name: string; readonly maxAgeSeconds: number } {
    const name = `${randomBytes(16).toString('base64url')}.${this.#clock.now().getTime() + sessionMs}`;
    return { cookie: `${name}.${this.#sign(`session ${name}`)}`, name, maxAgeSeconds: sessionMs / 1_000 };
  }

  /** @returns the session's name; undefined for a cookie that is forged, over or ended. */
  nameOf(cookie: string): string | undefined {
    const [id = '', expires = '', signature = ''] = cookie.split('.', 3);
    const name = `${id}.${expires}`;
    const isOurs = timingSafeEqual(digest(signature), digest(this.#sign(`session ${name}`)));
    const isOver = !(Number(expires) > this.#clock.now().getTime()) || this.#ended.has(name);
    return isOurs && !isOver ? name : undefined;
  }

  end(name: string): void {
    this.#ended.add(name);
    const [oldest] = this.#ended;
    if (this.#ended.size > mostEnded && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** Of a session; '' for who needs none. */
  csrfOf(name: string): string {
    return this.#sign(`csrf ${name}`);
  }

  isCsrf(given: string, name: string): boolean {
    return timingSafeEqual(digest(given), digest(this.csrfOf(name)));
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  #waitMs(address: string, most: number): number {
    const failed = this.#failures.get(address);
    if (failed === undefined) return 0;
    return failed.count >= most ? failed.sinceMs + windowMs - this.#clock.monotonicMs() : 0;
  }

  #count(address: string): void {
    for (const [other, { sinceMs }] of this.#failures)
      if (this.#clock.monotonicMs() - sinceMs >= windowMs) this.#failures.delete(other);
    const failed = this.#failures.get(address) ?? { count: 0, sinceMs: this.#clock.monotonicMs() };
    failed.count += 1;
    this.#failures.set(address, failed);
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
