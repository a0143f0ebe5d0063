/** The element of a page in one file that holds everything else: base64 by address. */
export const HOLDER = 'othello-lens-files';
/** The addresses of the program's own files in there. */
export const WASM = 'othello_lens_simd128.wasm';
export const WORKER = 'worker.js';

const TYPES: Record<string, string> = {
  wasm: 'application/wasm',
  js: 'text/javascript',
  json: 'application/json',
};

/** The files that the page holds, by the address that each had. */
export function openHolder(): ReadonlyMap<string, Blob> {
  const json = document.getElementById(HOLDER)?.textContent ?? '{}';
  const files = JSON.parse(json) as Record<string, string>;
  return new Map(Object.entries(files).map(([address, base64]) => [address, blobOf(address, base64)]));
}

function blobOf(address: string, base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const type = TYPES[address.slice(address.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  return new Blob([bytes], { type });
}
