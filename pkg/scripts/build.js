// Builds `dist/`: two modules that need nothing beside them but the wasm, and their types.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, rm } from 'node:fs/promises';
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
// The types that the wasm declares, where those of the package look for them.
await mkdir(inside('dist/wasm/simd128'), { recursive: true });
await copyFile(inside('src/wasm/simd128/othello_lens.d.ts'), inside('dist/wasm/simd128/othello_lens.d.ts'));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', inside('tsconfig.types.json')], { stdio: 'inherit' });
