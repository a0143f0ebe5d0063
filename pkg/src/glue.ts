import type { Code } from './code.js';
import { LensError, type LensErrorCode, type LensErrorDetails } from './error.js';
import * as relaxed from './wasm/relaxed/othello_lens.js';
import * as simd128 from './wasm/simd128/othello_lens.js';

/** The functions of the wasm; those of both variants have the same types. */
export type Glue = typeof simd128;

/** Runs the module that the page has compiled. */
export async function instantiate({ variant, module }: Code): Promise<Glue> {
  const glue = variant === 'relaxed' ? (relaxed as unknown as Glue) : simd128;
  try {
    await glue.default({ module_or_path: module });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LensError('wasm_failed', `The program could not be started: ${why}`, {}, { cause });
  }
  return glue;
}

/** What the wasm threw, with its code. */
export function fromWasm(thrown: unknown): unknown {
  if (thrown instanceof WebAssembly.RuntimeError) {
    return new LensError(
      'internal',
      `The program crashed (${thrown.message}); load it again to go on.`,
      {},
      { cause: thrown },
    );
  }
  if (!(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const { code, details } = thrown as unknown as { code: LensErrorCode; details?: LensErrorDetails };
  return new LensError(code, thrown.message, details ?? {});
}

/** Calls the wasm. */
export function call<T>(run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    throw fromWasm(thrown);
  }
}

/** Calls the wasm and waits. */
export async function callAsync<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw fromWasm(thrown);
  }
}
