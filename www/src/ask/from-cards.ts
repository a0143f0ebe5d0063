import type { Atlas, Lens } from 'othello-lens';

/** How many dictionaries have been read, of how many. */
export type OnRead = (read: number, of: number) => void;

/**
 * The atlas of a set that a bundle without one has, put together from the cards of its dictionaries: without neurons
 * and probes, rates and F1. Null if no dictionary has cards with that set.
 */
export async function atlasFromCards(
  lens: Lens,
  set: string,
  signal: AbortSignal,
  onRead: OnRead,
): Promise<Atlas | null> {
  const measured = lens.dictionaries.filter(({ cards }) => cards !== null);
  const best = [];
  for (const { id, cards } of measured) {
    onRead(best.length, measured.length);
    const features = await lens.bestFeatures(id, { signal });
    best.push({ id, cards, features: (features ?? []).filter((each) => each.set === set) });
  }
  const labels = [
    ...new Map(best.flatMap(({ features }) => features).map(({ label }) => [label.name, label])).values(),
  ];
  if (labels.length === 0) return null;
  const numbers = new Map(labels.map(({ name }, number) => [name, number]));
  const size = best.length * labels.length;
  const missing = () => new Float32Array(size).fill(Number.NaN);
  const atlas: Atlas = {
    set,
    version: 0,
    positions: Math.max(...best.map(({ cards }) => cards?.positions ?? 0)),
    labels,
    rate: new Float32Array(labels.length).fill(Number.NaN),
    sources: best.map(({ id }) => ({ kind: 'dictionary', id })),
    feature: new Int32Array(size).fill(-1),
    auroc: missing(),
    low: missing(),
    high: missing(),
    f1: missing(),
  };
  for (const [source, { features }] of best.entries()) {
    for (const { label, feature, auroc, interval } of features) {
      const at = source * labels.length + (numbers.get(label.name) ?? 0);
      atlas.feature[at] = feature;
      atlas.auroc[at] = auroc;
      [atlas.low[at], atlas.high[at]] = interval;
    }
  }
  return atlas;
}
