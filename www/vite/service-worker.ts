import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

import { buildAlone } from './alone.js';

/** A file of the shell; those whose names carry their hash have no revision. */
interface Entry {
  url: string;
  revision: string | null;
}

const NAME = 'service-worker.js';
/** Scripts for others than the page. */
const ALONE = new Set([NAME, 'embed.js']);
/** The program is kept once a page has chosen which of its builds it runs; licences nobody needs offline. */
const NOT_KEPT = /\.(wasm|map|txt|br)$/;

/** Builds the service worker when the page is built, with the list of the files that it keeps. */
export function serviceWorker(): Plugin {
  let root = '';
  let out = '';
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      out = resolve(config.root, config.build.outDir);
    },
    async writeBundle() {
      await buildAlone(root, out, NAME, join(root, 'src/service-worker/service-worker.ts'), {
        'self.__WB_MANIFEST': JSON.stringify(shell(out)),
        'self.__PROGRAMS': JSON.stringify(programs(out)),
        'process.env.NODE_ENV': '"production"',
      });
    },
  };
}

/** The files of the shell below `folder`: all but the models, and what is too large to be fetched unasked. */
export function shell(folder: string): Entry[] {
  const files = served(folder).filter(
    (file) => !/^(models|package)\//.test(file) && !ALONE.has(file) && !NOT_KEPT.test(file),
  );
  return files.map((url) => {
    const hashed = url.startsWith('assets/');
    const hash = () =>
      createHash('sha256')
        .update(readFileSync(join(folder, url)))
        .digest('hex')
        .slice(0, 16);
    return { url, revision: hashed ? null : hash() };
  });
}

/** The builds of the programs below `folder`; of each a browser runs one. */
export function programs(folder: string): string[] {
  return served(folder).filter((file) => /^assets\/.*\.wasm$/.test(file));
}

/** All files below `folder` by their names in addresses, in order. */
function served(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
