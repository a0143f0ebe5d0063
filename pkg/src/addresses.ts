/** What a worker runs: the lens, or the laboratory, which also measures, studies and reads the files of others. */
export type Program = 'lens' | 'lab';

/** Which build of the wasm a browser runs. */
export type Variant = 'relaxed' | 'simd128';

/** The builds that are there to choose from, the fastest first. */
export const VARIANTS: readonly Variant[] = ['relaxed', 'simd128'];

/** Where a build of a program's wasm is. */
export function wasmAddress(program: Program, variant: Variant): URL {
  // Written out, so that bundlers see all files.
  switch (program) {
    case 'lens':
      return variant === 'relaxed'
        ? new URL('./othello_lens_relaxed.wasm', import.meta.url)
        : new URL('./othello_lens_simd128.wasm', import.meta.url);
    case 'lab':
      return variant === 'relaxed'
        ? new URL('./othello_lab_relaxed.wasm', import.meta.url)
        : new URL('./othello_lab_simd128.wasm', import.meta.url);
  }
}

/** What kind of script a worker's is. */
export const WORKER_TYPE: WorkerType = 'module';

/** Where the script of a program's worker is. It needs nothing beside it: to bundlers it is a file like another. */
export function workerAddress(program: Program): URL {
  return program === 'lens'
    ? new URL('./worker.js', import.meta.url)
    : new URL('./lab-worker.js', import.meta.url);
}
