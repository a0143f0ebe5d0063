import type { Variant } from './addresses.js';
import type { Code } from './code.js';
import { LensError, type LensErrorCode, type LensErrorDetails } from './error.js';

/** The exports of the lens's wasm, which are the same in both variants. */
export type LensGlue = typeof import('./wasm/lens/simd128/othello_lens.js');

/** Those of the laboratory's: the same and more. */
export type LabGlue = typeof import('./wasm/lab/simd128/othello_lens.js');

/** Runs the module that the page has compiled. */
export async function instantiate<G extends LensGlue>(
  glues: Readonly<Record<Variant, G>>,
  { variant, module }: Code,
): Promise<G> {
  const glue = glues[variant];
  try {
    await glue.default({ module_or_path: module });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LensError('wasm_failed', `The program could not be started: ${why}`, {}, { cause });
  }
  return glue;
}

/** Calls the wasm and waits; its errors become `LensError`s. */
export async function wasm<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof WebAssembly.RuntimeError) {
      const message = `The program crashed (${thrown.message}); load it again to go on.`;
      throw new LensError('internal', message, {}, { cause: thrown });
    }
    throw isCoded(thrown) ? new LensError(thrown.code, thrown.message, thrown.details) : thrown;
  }
}

/** An error as `src/wasm/error.rs` makes it. */
interface CodedError extends Error {
  code: LensErrorCode;
  details: LensErrorDetails;
}

function isCoded(thrown: unknown): thrown is CodedError {
  return thrown instanceof Error && 'code' in thrown && 'details' in thrown;
}
