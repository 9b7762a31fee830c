import { randomInt, randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ParleyError, messageOf } from '../errors.ts';
import { withLock } from './cache.ts';

const secretsSchema = z.object({
  /** Of the ARI user. */
  ari: z.string().min(12),
  /** Of the software caller's account, 6099. */
  caller: z.string().min(12),
  /** Of each telephone account, by its number. */
  phones: z.record(z.string(), z.string().min(12)),
  /** The console's token; not in what was written before there was one. */
  console: z.string().min(12).optional(),
});

/** The passwords of this Parley. */
export type Secrets = Readonly<Required<z.infer<typeof secretsSchema>>>;

/** No characters that look alike (0 O, 1 l I): people type these into telephones. 16 of 56 are 93 bits. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const passwordLength = 16;

function newPassword(): string {
  return Array.from({ length: passwordLength }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/**
 * The passwords in `STATE/secrets.json`, made on first use and kept for good; a phone account that is new gets one.
 * The file is readable by its owner alone and is replaced as a whole.
 * @param phones the numbers of the accounts.
 * @throws ParleyError `config-unreadable` when the file is damaged: new passwords would lock every telephone out.
 */
export async function loadSecrets(
  stateDir: string,
  phones: readonly string[],
  options: { readonly signal: AbortSignal },
): Promise<Secrets> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  return withLock(stateDir, 'secrets', options, async () => {
    const file = path.join(stateDir, 'secrets.json');
    const before = await read(file);
    const secrets: Secrets = {
      ari: before?.ari ?? newPassword(),
      caller: before?.caller ?? newPassword(),
      phones: {
        ...before?.phones,
        ...Object.fromEntries(phones.map((phone) => [phone, before?.phones[phone] ?? newPassword()])),
      },
      console: before?.console ?? newPassword(),
    };
    const isNew = before?.console === undefined || phones.some((phone) => before.phones[phone] === undefined);
    if (isNew) await replace(file, `${JSON.stringify(secrets, undefined, 2)}\n`);
    else await chmod(file, 0o600);
    return secrets;
  });
}

async function read(file: string): Promise<z.infer<typeof secretsSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ParleyError('config-unreadable', { file, reason: messageOf(error) }, { cause: error });
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    // What is in the file stays out of the message.
    throw new ParleyError(
      'config-unreadable',
      {
        file,
        reason: 'it is not what Parley wrote; remove it to get new passwords',
      },
      { cause: error },
    );
  }
}

/** Puts a whole file in place of the old one, on disk before it can be seen. */
async function replace(file: string, text: string): Promise<void> {
  const part = `${file}.${randomUUID()}.part`;
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}
