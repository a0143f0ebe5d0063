import { cpSync, createReadStream, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

import { VIEWS } from './src/state/views.js';
import { alone } from './vite/alone.js';
import { built } from './vite/built.js';
import { brotli } from './vite/compress.js';
import { firstView } from './vite/first-view.js';
import { packageBeside } from './vite/package.js';
import { reports } from './vite/report.js';
import { serviceWorker } from './vite/service-worker.js';
import { unserved } from './vite/unserved.js';

const root = resolve(import.meta.dirname, '..');
/** Whether files are to be compressed for servers that send what is there: `1` in a build for release. */
const { SITE_BROTLI } = process.env;

/** The bundles lie beside the page, unchanged: their files carry their hashes already. */
function models(): Plugin {
  let out = '';
  return {
    name: 'models',
    configResolved(config) {
      out = resolve(config.root, config.build.outDir, 'models');
    },
    configureServer(server) {
      server.middlewares.use('/models', (request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://local').pathname;
        const file = join(root, 'models', path);
        if (statSync(file, { throwIfNoEntry: false })?.isFile()) createReadStream(file).pipe(response);
        else next();
      });
    },
    closeBundle() {
      cpSync(join(root, 'models'), out, { recursive: true });
    },
  };
}

export default defineConfig({
  // Relative, so that the site works below any path.
  base: './',
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: VIEWS.map(({ file }) => join(import.meta.dirname, file)),
      output: { codeSplitting: firstView(join(import.meta.dirname, 'src/main.ts')) },
    },
  },
  worker: { format: 'es' },
  plugins: [
    models(),
    reports(root),
    built(root),
    packageBeside(join(root, 'pkg/dist')),
    unserved(),
    alone({ 'embed.js': 'src/embed/host.ts' }),
    serviceWorker(),
    ...(SITE_BROTLI === '1' ? [brotli()] : []),
  ],
});
