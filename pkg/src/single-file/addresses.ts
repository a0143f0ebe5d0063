// Stands for `../addresses.ts` in a page that is one file.
import type { Variant } from '../addresses.js';
import { divert } from './divert.js';
import { openHolder, WASM, WORKER } from './held.js';

/** The build that every browser with WebAssembly SIMD runs: a file holds one. */
export const VARIANTS: readonly Variant[] = ['simd128'];

const held = openHolder();
/** Where each file is now. */
const places = [...held].map(([address, blob]) => [address, URL.createObjectURL(blob)] as const);
divert(places);

/** Where the wasm is. */
export function wasmAddress(): URL {
  return new URL(new Map(places).get(WASM) ?? '');
}

let worker: URL | null = null;

/** Where the worker's script is, which is preceded by what lets it find the files. */
export function workerAddress(): URL {
  const prelude = `(${divert})(${JSON.stringify(places)});\n`;
  const script = () => new Blob([prelude, held.get(WORKER) ?? ''], { type: 'text/javascript' });
  worker ??= new URL(URL.createObjectURL(script()));
  return worker;
}
