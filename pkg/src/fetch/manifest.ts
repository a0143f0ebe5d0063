import { LensError } from '../error.js';
import { announcedLength, checkStatus, chunks, contentRange, request } from './request.js';
import { type Connection, Interruption, type Patience, persist } from './retry.js';

/** The name of a bundle's manifest. */
export const MANIFEST = 'manifest.json';

/** No manifest is longer, in bytes. */
const MAX_BYTES = 4 << 20;

/**
 * Fetches the manifest at `url`, which is asked for anew each time: it alone may change. A connection that
 * breaks is resumed where the server can tell that the file is still the same.
 */
export async function fetchManifest(
  url: string,
  patience: Patience,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const received = new Received(url);
  await persist((connection) => attempt(url, received, connection), {
    patience,
    signal,
    received: () => received.length,
    gaveUp: ({ message, status }) =>
      new LensError(
        'network',
        `${MANIFEST} could not be loaded: ${message}. Is ${url} the address of a bundle?`,
        {
          file: MANIFEST,
          url,
          ...(status === undefined ? {} : { status }),
        },
      ),
  });
  return received.bytes();
}

/** One request for what is missing. */
async function attempt(url: string, received: Received, connection: Connection): Promise<void> {
  const from = received.version === null ? 0 : received.length;
  const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  const response = await request({ name: MANIFEST, url, headers, cache: 'no-cache' }, connection);
  const { status } = response;
  if (status === 206 || status === 416) {
    const starts = contentRange(response).start ?? from;
    if (status === 416 || starts !== from || version(response) !== received.version) {
      received.clear();
      throw new Interruption('the file changed on the server while it came', status);
    }
  } else {
    checkStatus(response, MANIFEST);
    received.clear();
    received.version = version(response);
  }
  received.expect(announcedLength(response) ?? 0);
  for await (const chunk of chunks(response, MANIFEST, connection, 'bad_manifest')) received.push(chunk);
}

/** What tells one version of a file from the next; null where the server does not say, or compresses: then a
 * range would be one of compressed bytes. */
function version({ headers }: Response): string | null {
  return headers.has('content-encoding') ? null : (headers.get('etag') ?? headers.get('last-modified'));
}

/** What is here of a manifest, at most {@link MAX_BYTES}. */
class Received {
  /** The version on the server that it is of. */
  version: string | null = null;
  length = 0;
  #chunks: Uint8Array[] = [];
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Refuses so many more bytes before they come. */
  expect(more: number): void {
    const length = this.length + more;
    if (length <= MAX_BYTES) return;
    throw new LensError(
      'bad_manifest',
      `${MANIFEST} has ${length} bytes or more; at most ${MAX_BYTES} are read.`,
      {
        file: MANIFEST,
        url: this.#url,
      },
    );
  }

  push(chunk: Uint8Array): void {
    this.expect(chunk.length);
    this.#chunks.push(chunk);
    this.length += chunk.length;
  }

  clear(): void {
    this.#chunks = [];
    this.length = 0;
    this.version = null;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}
