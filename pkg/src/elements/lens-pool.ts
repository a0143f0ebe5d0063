import type { Lens } from '../lens.js';
import type { Device, Progress } from '../types.js';

/** How long a lens that nobody uses any more is kept, in milliseconds: an element that is moved comes back. */
const KEPT = 2000;

/** One lens of the page. */
interface Shared {
  lens: Promise<Lens>;
  users: number;
  progress: Progress | null;
  listeners: Set<(progress: Progress) => void>;
  abort: AbortController;
}

const pool = new Map<string, Shared>();

/** The use of a lens that others may use too. */
export interface Lease {
  /** The lens; it rejects with the `LensError` that kept it from loading. */
  readonly lens: Promise<Lens>;
  /** Ends the use. The lens is disposed of when the last use has ended. */
  release(): void;
}

/**
 * The lens of the bundle at `address`, which is loaded once a page however many elements show it. The code of
 * the engine is loaded with the first.
 */
export function lease(address: string, device: Device, onProgress: (progress: Progress) => void): Lease {
  const key = `${device} ${address}`;
  const shared = pool.get(key) ?? open(key, address, device);
  shared.users += 1;
  shared.listeners.add(onProgress);
  queueMicrotask(() => shared.progress && shared.listeners.has(onProgress) && onProgress(shared.progress));
  let ended = false;
  return {
    lens: shared.lens,
    release() {
      if (ended) return;
      ended = true;
      shared.users -= 1;
      shared.listeners.delete(onProgress);
      if (shared.users === 0) setTimeout(() => close(key, shared), KEPT);
    },
  };
}

function open(key: string, address: string, device: Device): Shared {
  const abort = new AbortController();
  const shared: Shared = { lens: load(), users: 0, progress: null, listeners: new Set(), abort };
  pool.set(key, shared);
  // The next element tries again; those that wait are told by their own promise.
  shared.lens.catch(() => pool.get(key) === shared && pool.delete(key));
  return shared;

  async function load(): Promise<Lens> {
    const { Lens } = await import('../index.js');
    return Lens.load(address, {
      device,
      signal: abort.signal,
      onProgress(progress) {
        shared.progress = progress;
        for (const listener of shared.listeners) listener(progress);
      },
    });
  }
}

function close(key: string, shared: Shared): void {
  if (shared.users > 0) return;
  if (pool.get(key) === shared) pool.delete(key);
  shared.abort.abort();
  shared.lens.then(
    (lens) => lens.dispose(),
    () => {},
  );
}
