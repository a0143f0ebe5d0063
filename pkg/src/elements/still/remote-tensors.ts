import { LensError } from '../../error.js';
import { checkStatus, chunks, request } from '../../fetch/request.js';
import { type Connection, PATIENCE, type Patience, persist } from '../../fetch/retry.js';

/** A file of tensors on a server, as the manifest lists it. */
export interface RemoteFile {
  name: string;
  url: string;
  /** Its length. */
  bytes: number;
}

/** The types that are read here. */
const TYPES = {
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
} as const;

type Dtype = keyof typeof TYPES;
/** Numbers of a tensor. */
export type Values = InstanceType<(typeof TYPES)[Dtype]>;

interface Entry {
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

interface Part {
  from: number;
  to: number;
}

/** What is asked for at first: more than the header of most files. */
const FIRST = 4096;
/** Parts that lie so near to each other are asked for as one: a request costs more than these bytes. */
const NEAR = 2048;

/**
 * A safetensors file of which no more is fetched than what is read: the header, then the rows that are asked for,
 * by HTTP Range. A server that knows no ranges sends the whole file, which is then kept.
 *
 * The format: eight bytes, little-endian, with the length of a JSON header, the header, the data.
 * https://huggingface.co/docs/safetensors
 */
export class RemoteTensors {
  readonly #source: Source;
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #data: number;
  /** What its writer noted, text by key. */
  readonly metadata: Readonly<Record<string, string>>;

  private constructor(
    source: Source,
    entries: Map<string, Entry>,
    data: number,
    metadata: Record<string, string>,
  ) {
    this.#source = source;
    this.#entries = entries;
    this.#data = data;
    this.metadata = metadata;
  }

  /**
   * Reads the header.
   *
   * @throws a `LensError`: `network`, `blocked`, `file_missing`, or `bad_weights` where the header lies.
   */
  static async open(file: RemoteFile, signal?: AbortSignal, patience = PATIENCE): Promise<RemoteTensors> {
    const source = new Source(file, signal, patience);
    const start = await source.read({ from: 0, to: Math.min(FIRST, file.bytes) });
    if (start.length < 8) throw bad(file, 'it has no header');
    const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
    const data = 8 + length;
    if (data > file.bytes)
      throw bad(file, `its header would have ${length} bytes and the file has ${file.bytes}`);
    const header = data <= start.length ? start : await source.read({ from: 0, to: data });
    const text = new TextDecoder().decode(header.subarray(8, data));
    return new RemoteTensors(source, ...parse(file, text, data));
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** The shape of a tensor; null if there is none of that name. */
  shape(name: string): readonly number[] | null {
    return this.#entries.get(name)?.shape ?? null;
  }

  /** Row `row` of each tensor of `names` that the file has, by name: a number of `[F]`, K numbers of `[F, K]`. */
  async rows(names: readonly string[], row: number): Promise<Map<string, Values>> {
    const wanted = names.flatMap((name) => {
      const entry = this.#entries.get(name);
      if (!entry) return [];
      const [rows = 1] = entry.shape;
      if (row >= rows)
        throw bad(this.#source.file, `${name} has ${rows} rows, and row ${row} was looked for`);
      const bytes = (entry.end - entry.begin) / rows;
      const from = this.#data + entry.begin + row * bytes;
      return [{ name, entry, part: { from, to: from + bytes } }];
    });
    const spans = join(wanted.map(({ part }) => part));
    const read = await Promise.all(spans.map((span) => this.#source.read(span)));
    const values = wanted.map(({ name, entry, part }): [string, Values] => {
      const at = spans.findIndex(({ from, to }) => from <= part.from && part.to <= to);
      const begin = part.from - (spans[at]?.from ?? 0);
      // A copy begins where the type may.
      const bytes = read[at]?.slice(begin, begin + part.to - part.from) ?? new Uint8Array();
      return [name, new TYPES[entry.dtype](bytes.buffer)];
    });
    return new Map(values);
  }
}

/** Parts in order, those together that are near to each other. */
function join(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const { from, to } of [...parts].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from - last.to <= NEAR) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

function parse(
  file: RemoteFile,
  text: string,
  data: number,
): [Map<string, Entry>, number, Record<string, string>] {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw bad(file, 'its header is no JSON');
  }
  if (typeof header !== 'object' || header === null) throw bad(file, 'its header is no object');
  const { __metadata__: metadata = {}, ...tensors } = header as Record<string, Record<string, unknown>>;
  const entries = new Map<string, Entry>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(tensors)) {
    // Tensors of other types are for other readers.
    if (typeof dtype !== 'string' || !(dtype in TYPES)) continue;
    const [begin, end] = numbers(offsets);
    const dimensions = numbers(shape);
    const type = dtype as Dtype;
    const bytes = dimensions.reduce((a, b) => a * b, TYPES[type].BYTES_PER_ELEMENT);
    if (begin === undefined || end === undefined || end - begin !== bytes || data + end > file.bytes)
      throw bad(
        file,
        `${name} is said to lie at ${begin} to ${end}, where [${dimensions}] of ${type} do not`,
      );
    entries.set(name, { dtype: type, shape: dimensions, begin, end });
  }
  return [entries, data, metadata as Record<string, string>];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0) ? value : [];
}

function bad({ name, url }: RemoteFile, why: string): LensError {
  return new LensError('bad_weights', `${name} cannot be read: ${why}.`, { file: name, url });
}

/** The bytes of a file. */
class Source {
  #whole: Uint8Array | null = null;

  constructor(
    readonly file: RemoteFile,
    private readonly signal: AbortSignal | undefined,
    private readonly patience: Patience,
  ) {}

  async read({ from, to }: Part): Promise<Uint8Array> {
    if (this.#whole) return this.#whole.subarray(from, to);
    const { file, signal, patience } = this;
    return persist((connection) => this.#attempt(from, to, connection), {
      patience,
      signal,
      received: () => 0,
      gaveUp: ({ message }) =>
        new LensError('network', `${file.name} could not be loaded: ${message}.`, {
          file: file.name,
          url: file.url,
        }),
    });
  }

  async #attempt(from: number, to: number, connection: Connection): Promise<Uint8Array> {
    const { name, url, bytes } = this.file;
    const headers = { Range: `bytes=${from}-${to - 1}` };
    const response = await request({ name, url, headers }, connection);
    checkStatus(response, name);
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks(response, name, connection, 'file_missing')) parts.push(chunk);
    const received = concatenate(parts);
    if (response.status === 206) {
      if (received.length !== to - from)
        throw bad(this.file, `the server sent ${received.length} bytes for the range ${from} to ${to}`);
      return received;
    }
    if (received.length !== bytes)
      throw new LensError(
        'file_damaged',
        `${name} has ${received.length} bytes on the server; the manifest says ${bytes}.`,
        { file: name, url },
      );
    this.#whole = received;
    return received.subarray(from, to);
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
