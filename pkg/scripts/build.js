// Builds `dist/`: two modules that need nothing beside them but the wasm, and their types.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const inside = (...parts) => path.join(root, ...parts);

await rm(inside('dist'), { recursive: true, force: true });
for (const name of ['index', 'worker']) {
  await build({
    input: inside('src', `${name}.ts`),
    platform: 'browser',
    output: { file: inside('dist', `${name}.js`), format: 'esm', sourcemap: true },
  });
}
for (const variant of ['simd128', 'relaxed']) {
  const from = inside('src/wasm', variant, 'othello_lens_bg.wasm');
  await copyFile(from, inside('dist', `othello_lens_${variant}.wasm`));
}
await declare();

/** Writes the types that `index.d.ts` leads to, those that the wasm declares among them. */
async function declare() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', inside('tsconfig.types.json')], { stdio: 'inherit' });
  const wasm = 'wasm/simd128/othello_lens.d.ts';
  const needed = new Set(['index.d.ts']);
  for (const file of needed) {
    if (file === wasm) continue;
    const imports = (await readFile(inside('dist', file), 'utf8')).matchAll(/from '\.\/(.*)\.js'/g);
    for (const [, module] of imports) needed.add(`${module}.d.ts`);
  }
  for (const file of await readdir(inside('dist')))
    if (file.endsWith('.d.ts') && !needed.has(file)) await rm(inside('dist', file));
  // What Rust declares comes first; the classes that its declarations are handed over by stay inside.
  const [declared] = (await readFile(inside('src', wasm), 'utf8')).split(
    /^(?:\/\*\*\n(?: \*.*\n)*?)?export class /m,
  );
  await mkdir(path.dirname(inside('dist', wasm)), { recursive: true });
  await writeFile(inside('dist', wasm), declared);
}
