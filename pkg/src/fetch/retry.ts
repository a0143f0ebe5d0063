import { LensError } from '../error.js';

/** How patient a download is. */
export interface Patience {
  /** How often in a row it is tried again with no byte gained in between. */
  retries: number;
  /** Wait before the first of these, in milliseconds; it doubles with each. */
  delay: number;
  /** Time without a byte after which a connection counts as broken, in milliseconds. */
  stall: number;
}

export const PATIENCE: Patience = { retries: 4, delay: 300, stall: 30_000 };

/** A connection that broke, or a server that is not well: worth another try. */
export class Interruption extends Error {
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** One try. */
export interface Connection {
  /** Ends what belongs to it. */
  signal: AbortSignal;
  /** To be called when something arrives. */
  touch(): void;
}

export interface PersistOptions {
  patience: Patience;
  signal: AbortSignal | undefined;
  /** Bytes that are here; while they grow, tries are not counted. */
  received: () => number;
  /** The error to end with. */
  gaveUp: (last: Interruption) => LensError;
}

/** Runs `attempt` until it ends with a result or with an error that another try would not mend. */
export async function persist<T>(
  attempt: (connection: Connection) => Promise<T>,
  { patience, signal, received, gaveUp }: PersistOptions,
): Promise<T> {
  for (let failures = 0; ; ) {
    const before = received();
    try {
      return await connect(attempt, patience, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      if (received() > before) failures = 0;
      if (failures === patience.retries) throw gaveUp(error);
      await sleep(patience.delay * 2 ** failures * (0.75 + Math.random() / 2), signal);
      failures += 1;
    }
  }
}

async function connect<T>(
  attempt: (connection: Connection) => Promise<T>,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<T> {
  const connection = new AbortController();
  const abort = () => connection.abort(signal?.reason);
  const stall = () => connection.abort(new Interruption('nothing arrived for too long'));
  let timer = setTimeout(stall, patience.stall);
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(stall, patience.stall);
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    return await attempt({ signal: connection.signal, touch });
  } catch (error) {
    if (error instanceof LensError || error instanceof Interruption) throw error;
    const reason: unknown = connection.signal.aborted ? connection.signal.reason : error;
    if (reason instanceof Interruption) throw reason;
    // Browsers tell of a connection that broke, or never came about, by a bare TypeError.
    if (reason instanceof TypeError) throw new Interruption(reason.message);
    throw reason;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    // What is left of the answer, if it was not read to its end.
    connection.abort();
  }
}

/** Waits, unless `signal` ends the wait. */
function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', end, { once: true });
  });
}
