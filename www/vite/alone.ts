import { join, resolve } from 'node:path';
import { build, type Plugin } from 'vite';

/** Builds scripts that stand alone beside the page, under names of their own: those that other pages load. */
export function alone(scripts: Readonly<Record<string, string>>): Plugin {
  let root = '';
  let out = '';
  return {
    name: 'alone',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      out = resolve(config.root, config.build.outDir);
    },
    async writeBundle() {
      for (const [name, source] of Object.entries(scripts))
        await buildAlone(root, out, name, join(root, source));
    },
  };
}

/** Builds the script `source` into one file. */
export async function buildAlone(
  root: string,
  outDir: string,
  name: string,
  source: string,
  define: Record<string, string> = {},
): Promise<void> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    define,
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      rollupOptions: { input: source, output: { entryFileNames: name, format: 'iife' } },
    },
  });
}
