import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const compress = promisify(brotliCompress);
/** What saves less than this share is sent as it is: halves of weights hardly get shorter. */
const WORTH = 0.05;
/** Files that are compressed at the same time. */
const AT_ONCE = 2;

/**
 * Puts a `.br` beside each file of the site that gets shorter by it, for servers that send what is there, such as
 * sirv, nginx with `brotli_static`, or Caddy with `precompressed`.
 */
export function brotli(): Plugin {
  let out = '';
  return {
    name: 'brotli',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      // After the models have been copied and the service worker built.
      order: 'post',
      sequential: true,
      handler: () => compressFolder(out),
    },
  };
}

/** Compresses the files below `folder`. */
export async function compressFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.br'));
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).values();
  const work = async () => {
    for (const path of paths) await compressFile(path);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function compressFile(path: string): Promise<void> {
  if ((await stat(path)).size === 0) return;
  const bytes = await readFile(path);
  // A quick try tells whether the slow one pays.
  const quick = await compress(bytes, parameters(4, bytes.length));
  if (quick.length > bytes.length * (1 - WORTH)) return;
  await writeFile(
    `${path}.br`,
    await compress(bytes, parameters(constants.BROTLI_MAX_QUALITY, bytes.length)),
  );
}

function parameters(quality: number, size: number) {
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: size,
    },
  };
}
