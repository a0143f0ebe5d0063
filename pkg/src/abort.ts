/** `promise`, unless `signal` ends the wait for it first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A signal that follows another one and can be aborted by itself. */
export interface Aborting {
  readonly signal: AbortSignal;
  abort(): void;
  /** Follows no longer. */
  end(): void;
}

/** A signal that is aborted with `signal`, and when it is told. */
export function abortingWith(signal: AbortSignal | undefined): Aborting {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    abort,
    end: () => signal?.removeEventListener('abort', abort),
  };
}
