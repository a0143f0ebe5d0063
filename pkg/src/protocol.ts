import type { Code } from './code.js';
import type { PlainError } from './error.js';
import type { LensGlue } from './glue.js';
import type { Device, Loaded, Progress } from './types.js';
import type {
  GpuDevice,
  Importer,
  ImportRequest,
  Lab,
  Lens,
  Measuring,
  Studying,
} from './wasm/lab/simd128/othello_lens.js';

/** A file to be imported, or its address, and its path, which tells what lies beside it. */
export interface PathedFile {
  path: string;
  file: Blob | string;
}

/** What a page asks of a worker that runs the lens. */
export type LensQuestion =
  | { what: 'fetch'; url: string }
  | { what: 'start'; code: Code }
  | { what: 'load'; url: string; device: Device; manifest: Uint8Array | null }
  | { what: 'call'; target: keyof Targets; method: string; args: readonly unknown[] };

/** What a page asks of a worker that runs the laboratory, besides. */
export type LabQuestion =
  | { what: 'games'; file: Blob; readAs: string | null }
  | { what: 'import'; files: readonly PathedFile[] }
  | { what: 'base'; url: string }
  | { what: 'keep'; request: ImportRequest }
  | { what: 'begin'; work: WorkId; method: keyof Begun; args: readonly unknown[] }
  | { what: 'advance'; work: WorkId }
  | { what: 'step'; work: WorkId; method: string; args: readonly unknown[] }
  | { what: 'end'; work: WorkId };

/** What a page asks of its workers. */
export type Question = LensQuestion | LabQuestion;

/** The number of work that takes several calls, chosen by the page. */
export type WorkId = number;

/** What a page tells its worker; `id` names the call. Once it is aborted nobody waits for it any more. */
export type Ask = { id: number } & (Question | { what: 'abort' });

/** What a worker tells its page; a call is over with its value or its error. */
export type Answer = { id: number } & ({ progress: Progress } | { value: unknown } | { error: PlainError });

/** The objects of the wasm whose methods a page can call by name. */
export interface Targets {
  /** The rules of the game, and what else needs no bundle. */
  rules: Pick<LensGlue, 'replay' | 'randomGame' | 'perft' | 'figures' | 'labelSets'>;
  /** The lens that was loaded: it takes one call at a time. */
  lens: Lens;
  /** The same lens, whose dictionaries are measured. */
  lab: Lab;
  /** The files that are being imported. */
  importer: Importer;
  /** The GPU's device, if there is one. */
  device: GpuDevice;
}

/** The work that a laboratory can begin, by the methods that do. */
export interface Begun {
  measuring: Measuring;
  studying: Studying;
}

/** Work that takes several calls. */
export type Work = Measuring | Studying;

/** A loaded bundle, and the bytes of its manifest. */
export interface LoadedBundle extends Loaded {
  manifest: Uint8Array;
}

type AnyMethod = (...args: never[]) => unknown;

/** The names of a target's methods. */
export type MethodOf<T> = { [K in keyof T]: T[K] extends AnyMethod ? K : never }[keyof T] & string;

/** The arguments of a method. */
export type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

/** What a method gives in the end. */
export type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
