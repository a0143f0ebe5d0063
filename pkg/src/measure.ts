import type { Client } from './client.js';
import { LensError } from './error.js';
import { workTogether } from './shared-work.js';
import type { CallOptions, ChunkActivations, Measured } from './types.js';
import type { MeasureRequest } from './wasm/simd128/othello_lens.js';
import type { WorkerPool } from './worker-pool.js';

/** Measures a dictionary in the lens's own worker, of activations that are brought or of the model's. */
export async function measureAlone(
  client: Client,
  dictionary: string,
  request: MeasureRequest,
  activations: readonly ChunkActivations[] | undefined,
  call: CallOptions,
): Promise<Measured> {
  const work = client.work('measuring');
  try {
    await work.begin([dictionary, request, 0, 1], call);
    if (activations) {
      for (const { features, target, reconstruction } of activations)
        await work.call('take', [features, target, reconstruction], call.signal);
      await work.call('allTaken', [], call.signal);
    }
    await work.advance(call);
    return await work.call('end', [], call.signal);
  } finally {
    work.end();
  }
}

/** Measures a dictionary in as many workers, or as many as its games can be divided among. */
export async function measureTogether(
  client: Client,
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  request: MeasureRequest,
  call: CallOptions,
): Promise<Measured> {
  // What is asked for wrongly is found out before a worker is started.
  const shares = await client.call('lens', 'measureShares', [() => dictionary, () => request], () => call);
  const of = Math.min(workers, shares);
  return pool.use(of, call.signal, async (clients) => {
    const works = clients.map((client) => client.work('measuring'));
    try {
      // Of the weights, which each of them brings, one tells.
      const begin = (work: (typeof works)[number], number: number) =>
        work.begin([dictionary, request, number, of], number === 0 ? call : quiet(call));
      await Promise.all(works.map(begin));
      await workTogether(works, call);
      return await ending(works).call('end', [], call.signal);
    } finally {
      for (const work of works) work.end();
    }
  });
}

/** A call's options without its progress. */
function quiet({ signal }: CallOptions): CallOptions {
  return signal ? { signal } : {};
}

/** The one of several works that ends. */
function ending<W>([first]: readonly W[]): W {
  if (first === undefined) throw new LensError('internal', 'no worker was asked to measure');
  return first;
}
