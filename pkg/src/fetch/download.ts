import { LensError } from '../error.js';
import { announcedLength, checkStatus, chunks, contentRange, request } from './request.js';
import { type Connection, Interruption, PATIENCE, type Patience, persist } from './retry.js';
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
 * resumed where it broke. The length is checked here; the hash is not.
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
  const { name, url } = file;
  const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  const response = await request({ name, url, headers, cache: anew ? 'reload' : 'default' }, connection);
  if (response.status === 416) throw wrongLength(file, contentRange(response).total ?? from);
  checkStatus(response, name);
  const begins = response.status === 206 ? rangeStart(file, from, response) : 0;
  if (begins > from)
    throw new Interruption(`the server sent bytes from ${begins} where ${from} was asked for`);
  await receive(file, response, from - begins, receiver, connection);
}

/** Where the part that the server sent begins. */
function rangeStart(file: File, asked: number, response: Response): number {
  const { start, total } = contentRange(response);
  if (total !== null && total !== file.bytes) throw wrongLength(file, total);
  // Other origins hide the header unless they choose to show it; what was asked for is then believed.
  return start ?? asked;
}

/** Reads an answer whose first `skip` bytes are here already. */
async function receive(
  file: File,
  response: Response,
  skip: number,
  receiver: Receiver,
  connection: Connection,
): Promise<void> {
  const announced = announcedLength(response);
  const expected = file.bytes - receiver.received + skip;
  let arrived = 0;
  for await (const chunk of chunks(response, file.name, connection, 'file_missing')) {
    // Not before the first bytes are here: they say whether it is the file at all.
    if (announced !== null && announced > expected)
      throw wrongLength(file, file.bytes + announced - expected);
    const known = Math.max(0, Math.min(chunk.length, skip - arrived));
    arrived += chunk.length;
    if (known < chunk.length) receiver.push(chunk.subarray(known));
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
