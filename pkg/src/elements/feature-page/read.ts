import type { FeatureCard, LabelScore, LabelSetInfo, Study } from '../../types.js';
import { type BoardGroup, type FeatureNumbers, MAPS, type Told } from './numbers.js';

/** What the bundle's card says of a feature. */
export function fromCard({
  corpus,
  density,
  max,
  sets,
  maps,
  histogram,
  boards,
}: FeatureCard): FeatureNumbers {
  const told = sets.flatMap(({ set, labels: [best], interval }): Told[] =>
    best ? [{ ...best, set, interval, positions: corpus.positions }] : [],
  );
  return {
    corpus,
    threshold: 0,
    density,
    max,
    best: bestOf(told),
    f1: sets.find(({ f1 }) => f1)?.f1 ?? null,
    sets,
    maps,
    histogram: histogram && { ...histogram, label: histogram.label.name },
    roc: null,
    curve: null,
    groups: groupsOf(boards),
    correlated: null,
  };
}

/**
 * What was measured here of a feature: a study of it for each set of labels, of the same games. The first is looked at
 * closely.
 */
export function fromStudies(
  studies: readonly [Study, ...Study[]],
  sets: readonly LabelSetInfo[],
  threshold: number,
): FeatureNumbers {
  const [first] = studies;
  const { corpus, density, max, label, boards, correlated } = first;
  const scored = studies.map(({ set, aurocs }) => {
    const { labels = [] } = sets.find(({ name }) => name === set) ?? {};
    return {
      set,
      labels: ranked(labels.map((label, at) => ({ ...label, auroc: aurocs[at] ?? Number.NaN }))),
    };
  });
  return {
    corpus,
    threshold,
    density,
    max,
    // Of the other sets some label is told by chance: over few games rare ones are.
    best:
      label && label.auroc !== null
        ? { ...label, auroc: label.auroc, set: first.set, positions: corpus.positions }
        : null,
    f1: label && {
      ...label,
      threshold: label.prediction.threshold,
      f1: label.prediction.f1,
      base: label.base,
    },
    sets: scored,
    maps: mapsOf(scored),
    histogram: label && { ...label.histogram, label: label.name },
    roc: label?.roc && label.auroc !== null ? { ...label.roc, label: label.name, auroc: label.auroc } : null,
    curve: label && { label: label.name, points: label.curve, base: label.base },
    groups: groupsOf(boards),
    correlated,
  };
}

/** Of equal ones the first: the board's own labels come before others. */
function bestOf(told: readonly Told[]): Told | null {
  return told.reduce<Told | null>((best, each) => (best && best.auroc >= each.auroc ? best : each), null);
}

function ranked(labels: readonly LabelScore[]): LabelScore[] {
  return labels.filter(({ auroc }) => !Number.isNaN(auroc)).sort((a, b) => b.auroc - a.auroc);
}

/** The maps of the labels that have one; null if there is none of them. */
function mapsOf(sets: readonly { labels: readonly LabelScore[] }[]): FeatureNumbers['maps'] {
  const scores = new Map(sets.flatMap(({ labels }) => labels.map(({ name, auroc }) => [name, auroc])));
  const map = (name: string) =>
    Float32Array.from(
      { length: 64 },
      (_, square) =>
        scores.get(`${name} ${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`) ?? Number.NaN,
    );
  const [own, opponent, empty, legal] = MAPS.map(map);
  if (!own || !opponent || !empty || !legal || own.every(Number.isNaN)) return null;
  return { own, opponent, empty, legal };
}

function groupsOf(boards: FeatureCard['boards'] | Study['boards']): BoardGroup[] {
  const { strongest, quantiles, random, falsePositives, falseNegatives } = boards;
  const [first = [], second = [], third = [], fourth = []] = quantiles;
  return [
    { name: 'strongest', boards: strongest },
    { name: 'quarter 4', boards: fourth },
    { name: 'quarter 3', boards: third },
    { name: 'quarter 2', boards: second },
    { name: 'quarter 1', boards: first },
    { name: 'random', boards: random },
    { name: 'false positives', boards: falsePositives },
    { name: 'false negatives', boards: falseNegatives },
  ];
}
