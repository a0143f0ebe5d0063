/** The element of a page in one file that holds everything else: base64 by address. */
export const HOLDER = 'othello-lens-files';
/** The addresses of the laboratory's own files in there, which nobody serves; it does what the lens does too. */
export const WASM = 'https://othello-lens.invalid/othello_lab_simd128.wasm';
export const WORKER = 'https://othello-lens.invalid/lab-worker.js';
/** The address there of a bundle that a browser kept. */
export const BUNDLE = 'https://othello-lens.invalid/bundle/';
