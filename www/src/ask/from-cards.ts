import type { Atlas, Lens } from 'othello-lens';

/** How many dictionaries have been read, of how many. */
export type OnRead = (read: number, of: number) => void;

/**
 * The atlas of a set with the dictionaries that `known`, the bundle's own, has not: they were measured later, or the
 * bundle has none. They are put together from their cards, without F1; without `known` there are no rates and no
 * probes either. Null if nothing has cards with that set.
 */
export async function atlasFromCards(
  lens: Lens,
  set: string,
  known: Atlas | null,
  signal: AbortSignal,
  onRead: OnRead,
): Promise<Atlas | null> {
  const sources = known?.sources ?? [];
  const all = [
    ...lens.dictionaries.map((dictionary) => ({ ...dictionary, kind: 'dictionary' as const })),
    ...lens.neurons.map((neurons) => ({ ...neurons, kind: 'neurons' as const })),
  ];
  const measured = all.filter(
    ({ id, cards }) => cards !== null && !sources.some((source) => source.id === id),
  );
  const best = [];
  for (const [read, { id, cards, kind }] of measured.entries()) {
    onRead(read, measured.length);
    const features = await lens.bestFeatures(id, { signal }).catch((error: unknown) => {
      // What is known is answered without it.
      if (!known || signal.aborted) throw error;
      return null;
    });
    const ofSet = (features ?? []).filter((each) => each.set === set);
    if (ofSet.length > 0) best.push({ id, cards, kind, features: ofSet });
  }
  if (best.length === 0) return known;
  const named = new Map(best.flatMap(({ features }) => features).map(({ label }) => [label.name, label]));
  const labels = known?.labels ?? [...named.values()];
  const numbers = new Map(labels.map(({ name }, number) => [name, number]));
  const start = sources.length * labels.length;
  const longer = <T extends Float32Array | Int32Array>(longer: T, before: T | undefined): T => {
    if (before) longer.set(before);
    return longer;
  };
  const size = start + best.length * labels.length;
  const numbersFrom = (before?: Float32Array) => longer(new Float32Array(size).fill(Number.NaN), before);
  const atlas: Atlas = {
    set,
    version: known?.version ?? 0,
    positions: known?.positions ?? Math.max(...best.map(({ cards }) => cards?.positions ?? 0)),
    labels,
    rate: known?.rate ?? new Float32Array(labels.length).fill(Number.NaN),
    sources: [...sources, ...best.map(({ id, kind }) => ({ kind, id }))],
    feature: longer(new Int32Array(size).fill(-1), known?.feature),
    auroc: numbersFrom(known?.auroc),
    low: numbersFrom(known?.low),
    high: numbersFrom(known?.high),
    f1: numbersFrom(known?.f1),
  };
  for (const [source, { features }] of best.entries()) {
    for (const { label, feature, auroc, interval } of features) {
      const number = numbers.get(label.name);
      if (number === undefined) continue;
      const at = start + source * labels.length + number;
      atlas.feature[at] = feature;
      atlas.auroc[at] = auroc;
      [atlas.low[at], atlas.high[at]] = interval;
    }
  }
  return atlas;
}
