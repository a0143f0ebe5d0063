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

/** Waits, unless `signal` ends the wait. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
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
