import { LensError } from '../error.js';
import { type Connection, checkStatus, Interruption, PATIENCE, type Patience, persist } from './retry.js';
import type { Store } from './store.js';

/** A file as the manifest lists it. */
export interface File {
  /** Its name in the bundle. */
  name: string;
  url: string;
  /** Its length. */
  bytes: number;
  sha256: string;
}

export interface DownloadOptions {
  store: Store;
  /** Told how many bytes of the file are here whenever there are more. */
  onBytes?: (received: number) => void;
  /** Passes over what is kept, for a file that came damaged. */
  anew?: boolean;
  patience?: Patience;
  signal?: AbortSignal;
}

/** Parts of this size are kept as they come, so that little is lost when the page is closed. */
const PART = 1 << 19;

/**
 * The bytes of `file`: those that the store holds, the rest from the network. A broken connection is
 * taken up where it broke. The length is checked here; the hash is not.
 */
export async function download(file: File, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const receiver = new Receiver(file, options);
  if (!options.anew) await receiver.restore();
  if (receiver.complete) return receiver.bytes;
  try {
    await persist((connection) => attempt(file, receiver, options.anew ?? false, connection), {
      patience: options.patience ?? PATIENCE,
      signal: options.signal,
      received: () => receiver.received,
      gaveUp: (last) => gaveUp(file, receiver.received, last),
    });
  } finally {
    await receiver.keep();
  }
  return receiver.bytes;
}

/** What is here of a file. */
class Receiver {
  readonly bytes: Uint8Array<ArrayBuffer>;
  received = 0;
  #kept = 0;
  #writes: Promise<void> = Promise.resolve();
  readonly #file: File;
  readonly #options: DownloadOptions;

  constructor(file: File, options: DownloadOptions) {
    this.bytes = new Uint8Array(file.bytes);
    this.#file = file;
    this.#options = options;
  }

  get complete(): boolean {
    return this.received === this.bytes.length;
  }

  /** Takes what the store holds. */
  async restore(): Promise<void> {
    for await (const part of this.#options.store.read(this.#file.sha256)) {
      if (this.received + part.length > this.bytes.length) {
        // Not of this file; the hash would say so only once all of it is here.
        await this.#options.store.drop(this.#file.sha256);
        this.received = 0;
        break;
      }
      this.bytes.set(part, this.received);
      this.received += part.length;
    }
    this.#kept = this.received;
    this.#options.onBytes?.(this.received);
  }

  /** Takes bytes from the network. */
  push(chunk: Uint8Array): void {
    if (this.received + chunk.length > this.bytes.length) throw tooLong(this.#file);
    this.bytes.set(chunk, this.received);
    this.received += chunk.length;
    this.#options.onBytes?.(this.received);
    if (this.received - this.#kept >= PART) this.#write();
  }

  /** Writes what is not in the store yet, and waits until it is. */
  keep(): Promise<void> {
    if (this.received > this.#kept) this.#write();
    return this.#writes;
  }

  #write(): void {
    const from = this.#kept;
    const part = this.bytes.slice(from, this.received);
    this.#kept = this.received;
    this.#writes = this.#writes.then(() => this.#options.store.write(this.#file.sha256, from, part));
  }
}

/** One request for what is missing. */
async function attempt(file: File, receiver: Receiver, anew: boolean, connection: Connection): Promise<void> {
  const from = receiver.received;
  const response = await fetch(file.url, {
    headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    cache: anew ? 'reload' : 'default',
    signal: connection.signal,
  });
  if (response.status === 416) {
    const [, total] = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    throw wrongLength(file, Number(total ?? from));
  }
  checkStatus(response, file.name);
  const begins = response.status === 206 ? rangeStart(file, from, response) : 0;
  if (begins > from)
    throw new Interruption(`the server sent bytes from ${begins} where ${from} was asked for`);
  await receive(file, response, from - begins, receiver, connection);
}

/** Where the part that the server sent begins. */
function rangeStart(file: File, asked: number, response: Response): number {
  const header = response.headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header) ?? [];
  if (total !== undefined && total !== '*' && Number(total) !== file.bytes)
    throw wrongLength(file, Number(total));
  // Other origins hide the header unless they choose to show it; what was asked for is then believed.
  return start === undefined ? asked : Number(start);
}

/** Reads an answer whose first `skip` bytes are here already. */
async function receive(
  file: File,
  response: Response,
  skip: number,
  receiver: Receiver,
  connection: Connection,
): Promise<void> {
  // Of a compressed answer the header gives the compressed length.
  const plain = !response.headers.has('content-encoding');
  const header = response.headers.get('content-length');
  const announced = plain && header !== null ? Number(header) : null;
  const expected = file.bytes - receiver.received + skip;
  if (announced !== null && announced > expected) throw wrongLength(file, file.bytes + announced - expected);

  let arrived = 0;
  if (response.body) {
    const reader = response.body.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      connection.touch();
      const chunk = next.value;
      const known = Math.max(0, Math.min(chunk.length, skip - arrived));
      arrived += chunk.length;
      if (known < chunk.length) receiver.push(chunk.subarray(known));
    }
  }
  if (receiver.complete) return;
  if (announced !== null && arrived === announced) throw wrongLength(file, receiver.received);
  throw new Interruption(`the connection ended after ${receiver.received} of ${file.bytes} bytes`);
}

function wrongLength(file: File, found: number): LensError {
  return new LensError(
    'file_damaged',
    `${file.name} has ${found} bytes on the server; the manifest says ${file.bytes}. The bundle has to be uploaded again.`,
    { file: file.name, url: file.url },
  );
}

function tooLong(file: File): LensError {
  return new LensError(
    'file_damaged',
    `${file.name} is longer than the ${file.bytes} bytes that the manifest says. The bundle has to be uploaded again.`,
    { file: file.name, url: file.url },
  );
}

function gaveUp(file: File, received: number, last: Interruption): LensError {
  const details = {
    file: file.name,
    url: file.url,
    ...(last.status === undefined ? {} : { status: last.status }),
  };
  return new LensError(
    'network',
    `${file.name} could not be loaded: ${last.message} (${received} of ${file.bytes} bytes are here). Loading again goes on from there.`,
    details,
    { cause: last },
  );
}
