import { LensError } from '../error.js';
import { PATIENCE, type Patience, sleep } from './retry.js';
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
  /** Told to pass over the HTTP cache, for a file that came damaged. */
  anew?: boolean;
  patience?: Patience;
  signal?: AbortSignal;
}

/** Parts of this size are kept as they come, so that little is lost when the page is closed. */
const PART = 1 << 19;

/** A connection that broke, or a server that is not well: worth another try. */
class Interruption extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/**
 * The bytes of `file`: those that the store holds, the rest from the network. A broken connection is
 * taken up where it broke. The length is checked here; the hash is not.
 */
export async function download(file: File, options: DownloadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const receiver = new Receiver(file, options);
  await receiver.restore();
  const { patience = PATIENCE, signal } = options;
  for (let failures = 0; !receiver.complete; ) {
    const before = receiver.received;
    try {
      await attempt(file, receiver, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      if (receiver.received > before) failures = 0;
      if (failures === patience.retries) throw gaveUp(file, receiver.received, error);
      await sleep(patience.delay * 2 ** failures * (0.75 + Math.random() / 2), signal);
      failures += 1;
    } finally {
      await receiver.keep();
    }
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

/** One request for what is missing. Throws an `Interruption` where another may do better. */
async function attempt(file: File, receiver: Receiver, options: DownloadOptions): Promise<void> {
  const { patience = PATIENCE, signal, anew = false } = options;
  const connection = new AbortController();
  const abort = () => connection.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const watch = new Watch(patience.stall, () =>
    connection.abort(new Interruption('nothing came for too long')),
  );
  try {
    signal?.throwIfAborted();
    const { response, skip } = await request(file, receiver.received, anew, connection.signal);
    await receive(file, response, skip, receiver, watch);
  } catch (error) {
    // Browsers tell of a broken connection by a bare TypeError.
    if (error instanceof LensError || error instanceof Interruption) throw error;
    const reason: unknown = connection.signal.aborted ? connection.signal.reason : error;
    throw reason instanceof Interruption
      ? reason
      : new Interruption(reason instanceof Error ? reason.message : String(reason));
  } finally {
    watch.end();
    signal?.removeEventListener('abort', abort);
    connection.abort();
  }
}

/** An answer that brings the file from byte `from` on, after `skip` bytes that are here already. */
async function request(
  file: File,
  from: number,
  anew: boolean,
  signal: AbortSignal,
): Promise<{ response: Response; skip: number }> {
  const response = await fetch(file.url, {
    headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    cache: anew ? 'reload' : 'default',
    signal,
  });
  if (response.status === 200) return { response, skip: from };
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    const [, start, total] = range ?? [];
    if (total !== undefined && total !== '*' && Number(total) !== file.bytes)
      throw wrongLength(file, Number(total));
    // Other origins hide the header unless they choose to show it; what was asked for is then believed.
    if (start === undefined || Number(start) === from) return { response, skip: 0 };
    throw new Interruption(`the server sent bytes from ${start} where ${from} was asked for`);
  }
  if (response.status === 416) {
    const [, total] = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    throw wrongLength(file, Number(total ?? from));
  }
  if (response.status === 429 || response.status === 408 || response.status >= 500) {
    throw new Interruption(`the server answered ${response.status}`, response.status);
  }
  throw new LensError(
    'file_missing',
    `${file.name} could not be had: the server answered ${response.status} for ${file.url}.`,
    { file: file.name, url: file.url, status: response.status },
  );
}

async function receive(
  file: File,
  response: Response,
  skip: number,
  receiver: Receiver,
  watch: Watch,
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
      watch.touch();
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

/** Calls back when it was not touched for a while. */
class Watch {
  #timer: ReturnType<typeof setTimeout>;

  constructor(
    readonly milliseconds: number,
    readonly expired: () => void,
  ) {
    this.#timer = setTimeout(expired, milliseconds);
  }

  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.expired, this.milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
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
