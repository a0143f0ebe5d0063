// Builds `dist/`: modules that need nothing beside them but the wasm, and their types.
//
// - `index.js`, `worker.js` and `lab-worker.js`: the package without its elements.
// - `elements/index.js`: the elements for bundlers, which bring Lit and Observable Plot themselves.
// - `elements.js`: the same for a script tag, with both inside.
//
// - `single-file.js` saves an element as a page of one file, whose scripts are `single-file/page.js`
//   and `single-file/worker.js`.
//
// Both kinds of elements import `index.js` when an engine is first needed.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { describeElements } from './manifest.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const inside = (...parts) => path.join(root, ...parts);
const { version } = JSON.parse(await readFile(inside('package.json'), 'utf8'));

await rm(inside('dist'), { recursive: true, force: true });
for (const name of ['index', 'worker', 'lab-worker']) {
  await build({
    input: inside('src', `${name}.ts`),
    platform: 'browser',
    // Bundlers take the worker as it is.
    output: { file: inside('dist', `${name}.js`), format: 'esm', sourcemap: true, minify: name !== 'index' },
  });
}
await buildElements({
  file: 'elements/index.js',
  chunks: 'elements',
  external: /^(lit|@observablehq\/plot)(\/|$)/,
  minify: false,
});
await buildElements({
  file: 'elements.js',
  chunks: 'elements/alone',
  external: [],
  minify: true,
  // What it shares with what comes later is inside: one file is one request. Nobody imports it by names.
  preserveEntrySignatures: 'allow-extension',
});
await build({
  input: inside('src/single-file/index.ts'),
  platform: 'browser',
  output: { file: inside('dist', 'single-file.js'), format: 'esm', sourcemap: true },
});
await buildPage();
await build({
  // It does what both kinds of workers do.
  input: inside('src/lab-worker.ts'),
  platform: 'browser',
  output: { file: inside('dist/single-file/worker.js'), format: 'iife', sourcemap: true, minify: true },
});
for (const program of ['lens', 'lab']) {
  for (const variant of ['simd128', 'relaxed']) {
    const from = inside('src/wasm', program, variant, 'othello_lens_bg.wasm');
    await copyFile(from, inside('dist', `othello_${program}_${variant}.wasm`));
  }
}
await declare();
await describeElements(root);

/** Builds the elements into `file`; what they import only when it is needed comes into `chunks`. */
async function buildElements({ file, chunks, external, minify, ...rest }) {
  const engine = inside('src/index.ts');
  await build({
    input: { elements: inside('src/elements/index.ts') },
    platform: 'browser',
    external,
    ...rest,
    tsconfig: inside('tsconfig.json'),
    transform: { define: { OTHELLO_LENS_VERSION: JSON.stringify(version) } },
    plugins: [
      {
        name: 'engine',
        // The engine is a file of its own, which `index.js` of the package is too.
        async resolveId(source, importer) {
          if (!source.endsWith('/index.js') || importer === undefined) return null;
          const resolved = path.resolve(path.dirname(importer), source.replace(/\.js$/, '.ts'));
          return resolved === engine ? { id: inside('dist/index.js'), external: 'absolute' } : null;
        },
        renderChunk(code, { fileName }) {
          const from = path.dirname(inside('dist', fileName));
          const relative = path.relative(from, inside('dist/index.js'));
          const specifier = relative.startsWith('.') ? relative : `./${relative}`;
          return { code: code.replaceAll(inside('dist/index.js'), specifier), map: null };
        },
      },
    ],
    output: {
      dir: inside('dist'),
      entryFileNames: file,
      chunkFileNames: `${chunks}/[name]-[hash].js`,
      format: 'esm',
      sourcemap: true,
      minify,
    },
  });
}

/** Builds the script of a page that is one file: elements and engine together, which fetch nothing. */
async function buildPage() {
  const addresses = inside('src/addresses.ts');
  await build({
    input: inside('src/single-file/page.ts'),
    platform: 'browser',
    tsconfig: inside('tsconfig.json'),
    transform: { define: { OTHELLO_LENS_VERSION: JSON.stringify(version) } },
    plugins: [
      {
        name: 'addresses',
        resolveId(source, importer) {
          if (importer === undefined || !source.endsWith('/addresses.js')) return null;
          const resolved = path.resolve(path.dirname(importer), source.replace(/\.js$/, '.ts'));
          return resolved === addresses ? inside('src/single-file/addresses.ts') : null;
        },
      },
    ],
    output: {
      file: inside('dist/single-file/page.js'),
      format: 'iife',
      codeSplitting: false,
      sourcemap: true,
      minify: true,
    },
  });
}

/** Writes the types that the public modules lead to, those that the wasm declares among them. */
async function declare() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', inside('tsconfig.types.json')], { stdio: 'inherit' });
  const wasm = 'wasm/lab/simd128/othello_lens.d.ts';
  const needed = new Set(['index.d.ts', 'elements/index.d.ts', 'single-file/index.d.ts']);
  for (const file of needed) {
    if (file === wasm) continue;
    const imports = (await readFile(inside('dist', file), 'utf8')).matchAll(
      /(?:from|import|import\()\s?'(\.{1,2}\/.*)\.js'/g,
    );
    for (const [, module] of imports) needed.add(path.join(path.dirname(file), `${module}.d.ts`));
  }
  for (const file of await readdir(inside('dist'), { recursive: true }))
    if (file.endsWith('.d.ts') && !needed.has(file)) await rm(inside('dist', file));
  // What Rust declares comes first; the classes that its declarations are handed over by stay inside.
  const [declared] = (await readFile(inside('src', wasm), 'utf8')).split(
    /^(?:\/\*\*\n(?: \*.*\n)*?)?export class /m,
  );
  await mkdir(path.dirname(inside('dist', wasm)), { recursive: true });
  await writeFile(inside('dist', wasm), declared);
}
