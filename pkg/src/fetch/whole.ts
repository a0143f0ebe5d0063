import { LensError } from '../error.js';
import { announcedLength, checkStatus, chunks, request } from './request.js';
import { PATIENCE, persist } from './retry.js';

/** No file is longer that is fetched without a manifest that says so, in bytes. */
const MOST = 2 ** 30;

/** The bytes of a file of which nothing is known but its address. A broken download is begun anew. */
export async function fetchWhole(
  name: string,
  url: string,
  onBytes: (loaded: number, total: number) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  let received = 0;
  return persist(
    async (connection) => {
      const response = await request({ name, url }, connection);
      checkStatus(response, name);
      const total = announcedLength(response) ?? 0;
      const parts: Uint8Array<ArrayBuffer>[] = [];
      let length = 0;
      for await (const chunk of chunks(response, name, connection, 'file_missing')) {
        length += chunk.length;
        if (length > MOST)
          throw new LensError('too_large', `${name} has more than ${MOST} bytes, the most that is fetched.`, {
            file: name,
            url,
          });
        parts.push(chunk);
        received = Math.max(received, length);
        onBytes(length, Math.max(length, total));
      }
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    },
    {
      patience: PATIENCE,
      signal,
      received: () => received,
      gaveUp: ({ message }) =>
        new LensError('network', `${name} could not be loaded: ${message}.`, { file: name, url }),
    },
  );
}
