import type { Client } from './client.js';
import { LensError } from './error.js';
import { advanceAll } from './shared-work.js';
import type { CallOptions, Study } from './types.js';
import type { StudyRequest } from './wasm/simd128/othello_lens.js';
import type { WorkerPool } from './worker-pool.js';

/** Studies a feature in the lens's own worker, of games that are run there or, if there are any, by others. */
export async function study(
  client: Client,
  pool: WorkerPool,
  workers: number | undefined,
  dictionary: string,
  feature: number,
  request: StudyRequest,
  call: CallOptions,
): Promise<Study> {
  const ask = () =>
    client.call('lens', 'studied', [() => dictionary, () => feature, () => request], () => call);
  const known = await ask();
  if (known) return known;
  const parts =
    workers === undefined
      ? await run([client], dictionary, feature, request, call)
      : await runInPool(client, pool, workers, dictionary, feature, request, call);
  const kept = [() => dictionary, () => feature, () => request, () => parts] as const;
  await client.call('lens', 'keepStudy', kept, () => call);
  return (await ask()) ?? lost();
}

async function runInPool(
  client: Client,
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  feature: number,
  request: StudyRequest,
  call: CallOptions,
): Promise<Uint8Array[]> {
  const shares = await client.call('lens', 'studyShares', [() => request], () => call);
  return pool.use(Math.min(workers, shares), call.signal, (clients) =>
    run(clients, dictionary, feature, request, call),
  );
}

/** Runs the games; what each worker kept of its share. */
async function run(
  clients: readonly Client[],
  dictionary: string,
  feature: number,
  request: StudyRequest,
  call: CallOptions,
): Promise<Uint8Array[]> {
  const works = clients.map((client) => client.work('studying'));
  try {
    const begin = (work: (typeof works)[number], number: number) =>
      work.begin([dictionary, feature, request, number, works.length], call);
    await Promise.all(works.map(begin));
    await advanceAll(works, call);
    return await Promise.all(works.map((work) => work.call('part', [], call.signal)));
  } finally {
    for (const work of works) work.end();
  }
}

/** More studies were kept in the meantime than there is room for. */
function lost(): never {
  throw new LensError('internal', 'the study was not kept');
}
