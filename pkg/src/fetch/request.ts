import { LensError, type LensErrorCode } from '../error.js';
import { forbidden, PolicyWatch } from './forbidden.js';
import { type Connection, Interruption } from './retry.js';

/** What is asked for, and how. */
export interface Asked {
  /** The name of the file, for messages. */
  name: string;
  url: string;
  headers?: Record<string, string>;
  cache?: RequestCache;
}

/**
 * Sends one request. Browsers say "Failed to fetch" of everything that brings no answer; what they know to
 * be forbidden, and another try would not mend, is told apart here.
 *
 * @throws a `LensError` with the code `blocked` where the browser forbids the request or the answer.
 */
export async function request({ name, url, ...init }: Asked, { signal }: Connection): Promise<Response> {
  const policy = PolicyWatch.ofRequest(url);
  try {
    return await fetch(url, { ...init, signal });
  } catch (error) {
    if (!(error instanceof TypeError) || signal.aborted) throw error;
    const found = await forbidden(url, policy);
    if (!found) throw error;
    // A server that was away for a moment answers now.
    const again = found.reason === 'cors' ? await fetch(url, { ...init, signal }).catch(() => null) : null;
    if (again) return again;
    const { reason, why } = found;
    throw new LensError(
      'blocked',
      `${name} may not be read: ${why}`,
      { file: name, url, reason },
      { cause: error },
    );
  } finally {
    policy.end();
  }
}

/** Refuses an answer that brings nothing. */
export function checkStatus(response: Response, name: string): void {
  const { status, url } = response;
  if (response.ok) return;
  if (status === 408 || status === 429 || status >= 500) {
    throw new Interruption(`the server answered ${status}`, status);
  }
  throw new LensError('file_missing', `${name} could not be had: the server answered ${status} for ${url}.`, {
    file: name,
    url,
    status,
  });
}

/**
 * The bytes of an answer, as they come. Many hosts send a page of HTML, as if all were well, in place of a
 * file that they do not have or that wants a login.
 *
 * @throws a `LensError` with the code `ifHtml` where the answer is such a page.
 */
export async function* chunks(
  response: Response,
  name: string,
  connection: Connection,
  ifHtml: LensErrorCode,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!response.body) return;
  const reader = response.body.getReader();
  // A part from the middle of a file may begin with anything.
  let beginning = response.status !== 206;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    connection.touch();
    if (beginning && next.value.length > 0) {
      if (looksLikeHtml(next.value)) {
        throw new LensError(
          ifHtml,
          `The server sent a page of HTML in place of ${name}. Either ${response.url} is not its address, or the host answers so for what it does not have.`,
          { file: name, url: response.url, status: response.status },
        );
      }
      beginning = false;
    }
    yield next.value;
  }
}

/** Whether an answer begins as a page does. No weight file does: its header would be 10¹⁸ bytes long. */
function looksLikeHtml(start: Uint8Array): boolean {
  return /^\s*<(!doctype|html|head|!--)/i.test(new TextDecoder().decode(start.subarray(0, 256)));
}

/** Where the part that a server sent begins, and the length of the whole. Other origins may hide both. */
export function contentRange(response: Response): { start: number | null; total: number | null } {
  const header = response.headers.get('content-range') ?? '';
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(header) ?? [];
  const number = (digits: string | undefined) => (digits && digits !== '*' ? Number(digits) : null);
  return { start: number(start), total: number(total) };
}

/** The length of the body that a server announced; null where it said nothing, or of the compressed body. */
export function announcedLength(response: Response): number | null {
  const header = response.headers.get('content-length');
  return header === null || response.headers.has('content-encoding') ? null : Number(header);
}
