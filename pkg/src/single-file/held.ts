/** The element of a page in one file that holds everything else: base64 by address. */
export const HOLDER = 'othello-lens-files';
/** The addresses of the program's own files in there, which nobody serves. */
export const WASM = 'https://othello-lens.invalid/othello_lens_simd128.wasm';
export const WORKER = 'https://othello-lens.invalid/worker.js';
