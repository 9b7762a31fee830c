/**
 * The names of the bridges, channels and recordings that Parley makes on Asterisk: `APP-own-CALL-...`.
 * They tell whose they are, so that what a dead process left behind can be found and removed.
 */

export function namePrefix(app: string, callId: string): string {
  return `${ownPrefix(app)}${callId}-`;
}

/** The call that something on Asterisk belongs to; undefined when it is none of Parley's. */
export function callOf(app: string, name: string): string | undefined {
  const prefix = ownPrefix(app);
  return name.startsWith(prefix) ? name.slice(prefix.length).split('-', 1)[0] : undefined;
}

/** Whether it is the leg to another phone, rather than a snoop channel. */
export function isLeg(app: string, name: string): boolean {
  return callOf(app, name) !== undefined && /-leg-\d+$/.test(name);
}

function ownPrefix(app: string): string {
  return `${app}-own-`;
}
