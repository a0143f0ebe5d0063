import { LensError } from './error.js';
import { isKept, KeptStore } from './fetch/kept.js';
import type { RemoteWork } from './remote-work.js';
import { workTogether } from './shared-work.js';
import type { CallOptions, ChunkActivations, KeptBundle, Measured } from './types.js';
import type { MeasureRequest } from './wasm/lab/simd128/othello_lens.js';
import type { WorkerPool } from './worker-pool.js';

/** Measures a dictionary, of activations that are brought, in one worker. */
export function measureBrought(
  pool: WorkerPool,
  dictionary: string,
  request: MeasureRequest,
  activations: readonly ChunkActivations[],
  call: CallOptions,
): Promise<Measured> {
  return pool.use(1, call.signal, async (clients) => {
    const work = first(clients).work('measuring');
    try {
      await work.begin([dictionary, request, 0, 1], call);
      for (const { features, target, reconstruction } of activations)
        await work.call('take', [features, target, reconstruction], call.signal);
      await work.call('allTaken', [], call.signal);
      await work.advance(call);
      return await work.call('end', [], call.signal);
    } finally {
      work.end();
    }
  });
}

/** Measures a dictionary in as many workers, or as many as its games can be divided among. */
export function measure(
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  request: MeasureRequest,
  call: CallOptions,
): Promise<Measured> {
  return measureTogether(pool, workers, dictionary, request, call, (work) =>
    work.call('end', [], call.signal),
  );
}

/** Measures a dictionary, and keeps the bundle at `url` with what came of it, in place of one that was kept there. */
export async function measureAndKeep(
  url: string,
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  request: MeasureRequest,
  call: CallOptions,
): Promise<KeptBundle> {
  const store = await KeptStore.open();
  const { manifest, files } = await measureTogether(pool, workers, dictionary, request, call, (work) =>
    work.call('bundle', [], call.signal),
  );
  const base = isKept(url) ? (await store.manifest(url)).base : url;
  async function* entries() {
    for (const { contents, ...entry } of files) {
      call.signal?.throwIfAborted();
      yield [entry, contents] as const;
    }
    call.signal?.throwIfAborted();
  }
  return store.put(manifest, entries(), { base, replaced: isKept(url) ? url : null });
}

/** Lets workers measure together; `end` asks the first of them for what came of it. */
async function measureTogether<T>(
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  request: MeasureRequest,
  call: CallOptions,
  end: (work: RemoteWork<'measuring'>) => Promise<T>,
): Promise<T> {
  // What is asked for wrongly is found out before more workers are started.
  const shares = await pool.use(1, call.signal, (clients) =>
    first(clients).call('lab', 'measureShares', [() => dictionary, () => request], () => call),
  );
  const of = Math.min(workers, shares);
  return pool.use(of, call.signal, async (clients) => {
    const works = clients.map((client) => client.work('measuring'));
    try {
      // Of the weights, which each of them brings, one tells.
      const begin = (work: (typeof works)[number], number: number) =>
        work.begin([dictionary, request, number, of], number === 0 ? call : quiet(call));
      await Promise.all(works.map(begin));
      await workTogether(works, call);
      return await end(first(works));
    } finally {
      for (const work of works) work.end();
    }
  });
}

/** A call's options without its progress. */
function quiet({ signal }: CallOptions): CallOptions {
  return signal ? { signal } : {};
}

/** The one of several that stands for all. */
export function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new LensError('internal', 'no worker was asked');
  return one;
}
