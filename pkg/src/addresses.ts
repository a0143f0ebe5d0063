/** Which build of the wasm a browser runs. */
export type Variant = 'relaxed' | 'simd128';

/** The builds that are there to choose from, the fastest first. */
export const VARIANTS: readonly Variant[] = ['relaxed', 'simd128'];

/** Where a build of the wasm is. */
export function wasmAddress(variant: Variant): URL {
  // Written out, so that bundlers see both files.
  return variant === 'relaxed'
    ? new URL('./othello_lens_relaxed.wasm', import.meta.url)
    : new URL('./othello_lens_simd128.wasm', import.meta.url);
}

/** What kind of script the worker's is. */
export const WORKER_TYPE: WorkerType = 'module';

/** Where the worker's script is. It needs nothing beside it: to bundlers it is a file like another. */
export function workerAddress(): URL {
  return new URL('./worker.js', import.meta.url);
}
