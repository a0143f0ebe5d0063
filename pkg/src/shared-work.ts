import { abortingWith } from './abort.js';
import type { Begun } from './protocol.js';
import type { RemoteWork } from './remote-work.js';
import type { CallOptions, OnProgress, Progress } from './types.js';

/** Work that workers can share, and bring each other what they found. */
type Shared = RemoteWork<'measuring'>;

/** Lets every worker do its share of what can be done now. What goes wrong in one ends the others too. */
export async function advanceAll<K extends keyof Begun>(
  works: readonly RemoteWork<K>[],
  { signal, onProgress }: CallOptions,
): Promise<void> {
  const all = abortingWith(signal);
  const told = onProgress && new Sum(works.length, onProgress);
  const advance = (work: RemoteWork<K>, index: number) =>
    work.advance({ signal: all.signal, ...(told && { onProgress: told.of(index) }) });
  try {
    await Promise.all(works.map(advance));
  } catch (error) {
    all.abort();
    throw error;
  } finally {
    all.end();
  }
}

/**
 * Goes through all stages of work that workers share: in each, every worker does its share, then is brought what
 * each other one has for it.
 */
export async function workTogether(works: readonly Shared[], call: CallOptions): Promise<void> {
  const all = abortingWith(call.signal);
  try {
    for (;;) {
      await advanceAll(works, { ...call, signal: all.signal });
      const stage = await works[0]?.call('stage', [], all.signal);
      if (!stage || stage === 'whole') return;
      await Promise.all(works.flatMap((to, receiver) => deliveries(works, to, receiver, all.signal)));
      await Promise.all(works.map((work) => work.call('proceed', [], all.signal)));
    }
  } catch (error) {
    all.abort();
    throw error;
  } finally {
    all.end();
  }
}

/** Brings one worker what each other one has for it. */
function deliveries(
  works: readonly Shared[],
  to: Shared,
  receiver: number,
  signal: AbortSignal,
): Promise<void>[] {
  const deliver = async (from: Shared, giver: number) => {
    if (giver === receiver) return;
    const bytes = await from.call('give', [receiver], signal);
    await to.call('bring', [giver, bytes], signal);
  };
  return works.map(deliver);
}

/** The progress of several workers as one, told once each of them has told of its own. */
class Sum {
  readonly #last: (Progress | undefined)[];
  readonly #onProgress: OnProgress;

  constructor(workers: number, onProgress: OnProgress) {
    this.#last = Array.from({ length: workers });
    this.#onProgress = onProgress;
  }

  of(worker: number): OnProgress {
    return (progress) => {
      this.#last[worker] = progress;
      const all = this.#last.filter((last) => last?.phase === progress.phase) as Progress[];
      if (all.length < this.#last.length) return;
      const sum = (of: (progress: Progress) => number) => all.reduce((sum, last) => sum + of(last), 0);
      this.#onProgress({
        phase: progress.phase,
        loaded: sum(({ loaded }) => loaded),
        total: sum(({ total }) => total),
      });
    };
  }
}
