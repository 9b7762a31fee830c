import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ParleyError } from '../errors.ts';
import { debianPrefix, libraryFolders, writeScript } from './debian-packages.ts';
import { runProgram } from './program.ts';
import type { OnProgress } from './steps.ts';

export interface FindChromiumOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: OnProgress | undefined;
  /** What to call as the browser of this machine; a test may put its own program here. */
  readonly installed?: readonly string[];
}

const installedNames = ['chromium', 'google-chrome', 'chromium-headless-shell'];
/** The browser without a window has half of the dependencies; a font, for screenshots. */
const packages = ['chromium-headless-shell', 'fonts-dejavu-core'];
const program = 'usr/lib/chromium/chromium-headless-shell';

/**
 * What glibc brings. The browser starts itself anew for each of its processes, so it is run by the loader of the
 * machine, and with the loader goes the machine's own glibc; the packages are of the same release.
 */
const glibc = /^(ld-linux.*|lib(c|m|mvec|pthread|dl|rt|resolv|util|anl|nsl|thread_db|nss_\w+)\.so\.\d+)$/;

/** Fontconfig is told of no folder but that of the prefix: a page looks the same on every machine. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/**
 * A Chromium for the tests of the console: that of this machine, else one of Parley's own, fetched when it is not in
 * the cache.
 * @returns what to call.
 * @throws ParleyError `setup-*`.
 */
export async function findChromium(options: FindChromiumOptions): Promise<string> {
  const { cacheDir, signal } = options;
  for (const name of options.installed ?? installedNames) if (await runs(name, signal)) return name;
  const prefix = await debianPrefix({
    cacheDir,
    name: 'chromium',
    what: 'Chromium for the tests',
    packages,
    fitting: true,
    signal,
    progress: options.progress,
    check: (files, system) => {
      // Ubuntu's package of this name holds no browser.
      if (system.distribution === 'debian' && files.some(({ name }) => name === packages[0])) return;
      throw new ParleyError('setup-tool-missing', { tool: 'chromium', package: 'chromium' });
    },
    finish: async (folder) => {
      const folders = await libraryFolders(folder);
      for (const each of folders) {
        for (const name of await readdir(path.join(folder, each)).catch(() => []))
          if (glibc.test(name)) await rm(path.join(folder, each, name));
      }
      await writeFile(path.join(folder, 'fonts.conf'), fonts);
      await writeScript(folder, 'chromium', [
        `export LD_LIBRARY_PATH="${folders.map((each) => `$prefix/${each}`).join(':')}"`,
        'export FONTCONFIG_FILE="$prefix/fonts.conf"',
        `exec "$prefix/${program}" "$@"`,
      ]);
      if (await runs(path.join(folder, 'bin/chromium'), signal)) return;
      throw new ParleyError('setup-no-network', {
        what: 'Chromium',
        reason: 'the packages that came do not run here',
      });
    },
  });
  return path.join(prefix, 'bin/chromium');
}

async function runs(browser: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await runProgram(browser, ['--version'], { signal, deadlineMs: 20_000 });
    return status === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
