import type { Client } from './client.js';
import { LensError } from './error.js';
import { first } from './measure.js';
import { advanceAll } from './shared-work.js';
import type { CallOptions, Study } from './types.js';
import type { StudyRequest } from './wasm/lab/simd128/othello_lens.js';
import type { WorkerPool } from './worker-pool.js';

/** Studies a feature, of games that workers have run or run now; the first of them keeps what they found. */
export async function study(
  pool: WorkerPool,
  workers: number,
  dictionary: string,
  feature: number,
  request: StudyRequest,
  call: CallOptions,
): Promise<Study> {
  return pool.use(1, call.signal, async (clients) => {
    const keeper = first(clients);
    const ask = () =>
      keeper.call('lab', 'studied', [() => dictionary, () => feature, () => request], () => call);
    const known = await ask();
    if (known) return known;
    const shares = await keeper.call('lab', 'studyShares', [() => request], () => call);
    const parts = await pool.use(Math.min(workers, shares), call.signal, (clients) =>
      run(clients, dictionary, feature, request, call),
    );
    const kept = [() => dictionary, () => feature, () => request, () => parts] as const;
    await keeper.call('lab', 'keepStudy', kept, () => call);
    return (await ask()) ?? lost();
  });
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
