import { cpSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';

/** What a page without a bundler loads, and the folders that it lies in. */
const NEEDED =
  /^(|(elements|index|worker|lab-worker)\.js|[^/]+\.wasm|elements|elements\/alone(\/[^/]+\.js)?)$/;

/** Puts the package beside the page, for other pages to load the elements from: `package/elements.js`. */
export function packageBeside(dist: string): Plugin {
  let out = '';
  return {
    name: 'package-beside',
    apply: 'build',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      cpSync(dist, join(out, 'package'), {
        recursive: true,
        filter: (file) => NEEDED.test(relative(dist, file).replaceAll('\\', '/')),
      });
    },
  };
}
