import { cpSync, createReadStream, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

import { VIEWS } from './src/state/views.js';

const root = resolve(import.meta.dirname, '..');

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
    rollupOptions: { input: VIEWS.map(({ file }) => join(import.meta.dirname, file)) },
  },
  worker: { format: 'es' },
  plugins: [models()],
});
