// Stands for `../addresses.ts` in a page that is one file.
import type { Variant } from '../addresses.js';
import { divert } from './divert.js';
import { HOLDER, WASM, WORKER } from './held.js';

/** The build that every browser with WebAssembly SIMD runs: a file holds one. */
export const VARIANTS: readonly Variant[] = ['simd128'];

const json = document.getElementById(HOLDER)?.textContent ?? '{}';
const { [WORKER]: script = '', [WASM]: wasm = '', ...files } = JSON.parse(json) as Record<string, string>;
divert({ ...files, [WASM]: wasm });

/** Where the wasm of both programs is. */
export function wasmAddress(): URL {
  return new URL(WASM);
}

/** Browsers start no module worker from a page without an origin, as one on a disk is. */
export const WORKER_TYPE: WorkerType = 'classic';

let worker: URL | null = null;

/** Where the script of all workers is, which is preceded by the files that it asks for. */
export function workerAddress(): URL {
  worker ??= new URL(
    URL.createObjectURL(
      new Blob([`(${divert})(${JSON.stringify(files)});\n`, new TextDecoder().decode(bytesOf(script))], {
        type: 'text/javascript',
      }),
    ),
  );
  return worker;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
