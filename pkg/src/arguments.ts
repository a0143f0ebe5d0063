import { LensError } from './error.js';
import type { PathedFile } from './protocol.js';
import type { CallOptions, ChunkActivations, ImportRequest, OnProgress, Tap } from './types.js';

/** An argument of a call: gives its value, or throws the `bad_argument` that says what is wrong with it. */
export type Argument<T> = () => T;

/** Reads a value that may be anything; `name` is what the error calls it. */
type Shape<T> = (value: unknown, name: string) => T;

/** What the fields of an options object are read as. */
type Fields = Record<string, Shape<unknown>>;

/** The options object that `F` reads; every field may be left out. */
type Options<F extends Fields> = { [K in keyof F]?: Exclude<ReturnType<F[K]>, undefined> };

/** The argument that the caller knows as `name`, read as `shape`. */
export function argument<T>(name: string, shape: Shape<T>, value: unknown): Argument<T> {
  return () => read(name, shape, value);
}

function read<T>(name: string, shape: Shape<T>, value: unknown): T {
  try {
    return shape(value, name);
  } catch (cause) {
    if (cause instanceof LensError) throw cause;
    // A getter or a proxy of the caller's that throws.
    throw refusal(name, 'an object that cannot be read', 'plain data', { cause });
  }
}

/** A string. */
export const text: Shape<string> = (value, name) => {
  if (typeof value !== 'string') throw refusal(name, describe(value), 'a string');
  return value;
};

/** A file, or the text or bytes of one. */
export const blob: Shape<Blob> = (value, name) => {
  if (typeof value === 'string' || value instanceof ArrayBuffer) return new Blob([value]);
  if (value instanceof Uint8Array) return new Blob([Uint8Array.from(value)]);
  if (isBlob(value)) return value;
  throw refusal(name, describe(value), 'a File, a Blob, a Uint8Array or a string');
};

/** Whether a value is a `Blob`, of this realm or another. */
function isBlob(value: unknown): value is Blob {
  return has(Blob.prototype, 'size', value);
}

/** Files to be imported; those that are addresses, from `base`. */
export function importFiles(base: () => string): Shape<PathedFile[]> {
  return (value, name) => listOf(importFile(base))(value, name);
}

function importFile(base: () => string): Shape<PathedFile> {
  return (value, name) => {
    if (typeof value === 'string' || has(URL.prototype, 'href', value)) {
      const url = addressFrom(base)(value, name);
      return { path: decodeURIComponent(new URL(url).pathname.split('/').pop() ?? ''), file: url };
    }
    const { path, file } = IMPORT_FILE(value, name);
    if (path !== undefined && file !== undefined) return { path, file };
    throw refusal(name, describe(value), 'an address, or an object with path and file');
  };
}

/** What a bundle is to be made of. */
export const importRequest: Shape<ImportRequest> = (value, name) => {
  const { name: called, parts } = IMPORT_REQUEST(value, name);
  if (called === undefined || parts === undefined)
    throw refusal(name, describe(value), 'an object with name and parts');
  return { name: called, parts };
};

const importPart: Shape<ImportRequest['parts'][number]> = (value, name) => {
  const { item, answers } = IMPORT_PART(value, name);
  if (item === undefined) throw refusal(name, describe(value), 'an object with item and answers');
  return { item, answers: answers ?? {} };
};

/** `true` or `false`. */
export const flag: Shape<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw refusal(name, describe(value), 'true or false');
  return value;
};

/** A whole number of 32 bits. */
export const u32: Shape<number> = (value, name) => {
  if (!isU32(value)) throw refusal(name, describe(value), `a whole number from 0 to ${LAST}`);
  return value;
};

/** The last whole number of 32 bits. */
const LAST = 2 ** 32 - 1;

function isU32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST;
}

/** A whole number of 64 bits. */
export const u64: Shape<bigint> = (value, name) => {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) {
    const whole = BigInt(value);
    if (whole >= 0n && whole < 2n ** 64n) return whole;
  }
  throw refusal(name, describe(value), 'a whole number from 0 to 2⁶⁴ − 1, a bigint where it is beyond 2⁵³');
};

/** The most workers that a call can have: each takes the memory of a model. */
const MOST_WORKERS = 16;

/** A number of workers. */
export const workerCount: Shape<number> = (value, name) => {
  if (!isU32(value) || value < 1 || value > MOST_WORKERS)
    throw refusal(name, describe(value), `a whole number from 1 to ${MOST_WORKERS}`);
  return value;
};

/** A number from 0 to 1. */
export const share: Shape<number> = (value, name) => {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw refusal(name, describe(value), 'a number from 0 to 1');
  return value;
};

/** A square's number, or text. */
export const square: Shape<number | string> = (value, name) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 64) return value;
  throw refusal(name, describe(value), 'the name of a square or a whole number from 0 to 63');
};

/** A site and a layer. */
type Place = Pick<Tap, 'site' | 'layer'>;

/** An activation by its name, or by site and layer. Which there are the lens knows. */
export const tap: Shape<Place | string> = (value, name) => {
  if (typeof value === 'string') return value;
  if (isPlace(value)) return { site: value.site, layer: value.layer };
  throw refusal(name, describe(value), 'the name of an activation, or its site and layer');
};

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null || !('site' in value && 'layer' in value)) return false;
  return typeof value.site === 'string' && isU32(value.layer);
}

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value, name) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw refusal(name, describe(value), words.join(', '));
    return found;
  };
}

/** Numbers of 32 bits. */
const floats: Shape<Float32Array> = (value, name) => {
  if (!(value instanceof Float32Array)) throw refusal(name, describe(value), 'a Float32Array');
  return value;
};

/** The activations of a chunk of games. */
export const chunkActivations: Shape<ChunkActivations> = (value, name) => {
  const { features, target, reconstruction } = CHUNK(value, name);
  if (features && target && reconstruction) return { features, target, reconstruction };
  throw refusal(name, describe(value), 'an object with features, target and reconstruction');
};

/** An array. */
export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw refusal(name, describe(value), 'an array');
    return Array.from(value, (item: unknown, at) => read(`${name}[${at}]`, shape, item));
  };
}

/** Null, or what `shape` reads. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, name) => (value === null ? null : shape(value, name));
}

/** An options object. Fields that are left out or undefined are not in what is read. */
export function options<F extends Fields>(fields: F): Shape<Options<F>> {
  return (value, name) => {
    const given: Options<F> = {};
    if (value === undefined) return given;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw refusal(name, describe(value), 'an object');
    for (const field of Object.keys(value)) {
      if (!Object.hasOwn(fields, field))
        throw refusal(`${name}.${field}`, 'no option of this call', Object.keys(fields).join(', '));
    }
    for (const [field, shape] of Object.entries(fields)) {
      const found: unknown = Reflect.get(value, field);
      if (found !== undefined) Object.assign(given, { [field]: read(`${name}.${field}`, shape, found) });
    }
    return given;
  };
}

const IMPORT_FILE = options({ path: text, file: blob });

const IMPORT_PART = options({
  item: u32,
  answers: options({ heads: text, squares: text, reads: text, pre_bias: text, selection: text }),
});

const IMPORT_REQUEST = options({ name: text, parts: listOf(importPart) });

const CHUNK = options({ features: floats, target: floats, reconstruction: floats });

/** A function that is told of progress. */
const onProgress: Shape<OnProgress> = (value, name) => {
  const isFunction = (value: unknown): value is OnProgress => typeof value === 'function';
  if (!isFunction(value)) throw refusal(name, describe(value), 'a function');
  return value;
};

/** An `AbortSignal`, of this realm or another. */
const signal: Shape<AbortSignal> = (value, name) => {
  const isSignal = (value: unknown): value is AbortSignal => has(AbortSignal.prototype, 'aborted', value);
  if (!isSignal(value)) throw refusal(name, describe(value), 'an AbortSignal');
  return value;
};

/** The options of every call. */
export const CALL_FIELDS = { signal, onProgress };

/** An options object with those of every call alone. */
export const CALL = options(CALL_FIELDS);

/** What a call's own options say, without those of every call. */
export function ownOptions<O extends CallOptions>(given: Argument<O>): Argument<Omit<O, keyof CallOptions>> {
  return () => {
    const { signal, onProgress, ...own } = given();
    return own;
  };
}

/** The address that a string or a `URL` gives, from `base`. */
export function addressFrom(base: () => string): Shape<string> {
  return (value, name) => {
    const given = typeof value === 'string' || has(URL.prototype, 'href', value) ? String(value) : null;
    if (given === null) throw refusal(name, describe(value), 'a string or a URL');
    try {
      return new URL(given, base()).href;
    } catch (cause) {
      if (cause instanceof LensError) throw cause;
      throw refusal(name, describe(given), 'the address of a bundle', { cause });
    }
  };
}

/** Whether the accessor `property` of `prototype` takes `value` for one of its own. */
function has(prototype: object, property: string, value: unknown): boolean {
  try {
    Reflect.get(prototype, property, value);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function refusal(argument: string, found: string, expected: string, options?: ErrorOptions): LensError {
  const message = `\`${argument}\` is ${found}; expected ${expected}`;
  return new LensError('bad_argument', message, { argument, found, expected }, options);
}

/** Letters of a text that an error repeats. */
const SHOWN = 40;

/** A value in an error's words. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const shown = value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
      return JSON.stringify(shown);
    }
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}
