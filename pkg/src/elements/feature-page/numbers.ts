import type { CardBoard, Corpus, Label, LabelScore } from '../../types.js';
import type { Curve } from './curve.js';
import type { SplitHistogram } from './histogram.js';
import type { Roc } from './roc.js';

/** From which best AUROC on a feature is said to tell a label. */
export const TELLS = 0.6;

/** The label that a feature tells best, and how well. */
export interface Told extends LabelScore {
  set: string;
  /** The bounds of its 95 % interval; null where none was measured. */
  interval: readonly [number, number] | null;
  /** Positions that it was measured over. */
  positions: number;
}

/** How well the feature predicts a label, above a share of its maximum. */
export interface Predicted extends Label {
  threshold: number;
  f1: number;
  /** The F1 of "always". */
  base: number;
}

/** Boards that were chosen for one reason. */
export interface BoardGroup {
  name: BoardGroupName;
  boards: readonly CardBoard[];
}

export type BoardGroupName =
  | 'strongest'
  | 'quarter 4'
  | 'quarter 3'
  | 'quarter 2'
  | 'quarter 1'
  | 'random'
  | 'false positives'
  | 'false negatives';

/** What a class of label is called, with a map of its own. */
export const MAPS = ['own', 'opponent', 'empty', 'legal'] as const;

/** Everything that the page shows of a feature and that can be measured anew; null where it was not measured. */
export interface FeatureNumbers {
  corpus: Corpus;
  /** The share of the maximum above which the feature counts as active. */
  threshold: number;
  density: number;
  max: number;
  best: Told | null;
  f1: Predicted | null;
  /** The labels that it tells best, by set. */
  sets: readonly { set: string; labels: readonly LabelScore[] }[];
  /** AUROC by square. */
  maps: Readonly<Record<(typeof MAPS)[number], Float32Array>> | null;
  histogram: SplitHistogram | null;
  roc: Roc | null;
  /** How well it predicts the label above each share of its maximum. */
  curve: Curve | null;
  groups: readonly BoardGroup[];
  /** Features whose activations go with its own. */
  correlated: readonly { feature: number; correlation: number }[] | null;
}

/** Whether the feature tells its best label better than by chance. */
export function tells<N extends Pick<FeatureNumbers, 'best'>>(numbers: N): numbers is N & { best: Told } {
  return numbers.best !== null && numbers.best.auroc >= TELLS;
}

/** A number of the bundle, and the same one measured here. */
export interface Difference {
  name: string;
  bundle: number;
  here: number;
}

/** The numbers that both have, side by side. */
export function differences(bundle: FeatureNumbers, here: FeatureNumbers): Difference[] {
  const found: Difference[] = [
    { name: 'density', bundle: bundle.density, here: here.density },
    { name: 'maximum', bundle: bundle.max, here: here.max },
  ];
  const scores = (numbers: FeatureNumbers) =>
    new Map(numbers.sets.flatMap(({ labels }) => labels.map(({ name, auroc }) => [name, auroc] as const)));
  const measured = scores(here);
  for (const [name, auroc] of scores(bundle)) {
    const again = measured.get(name);
    if (again !== undefined) found.push({ name: `AUROC of ${name}`, bundle: auroc, here: again });
  }
  if (bundle.f1 && here.f1 && bundle.f1.name === here.f1.name && bundle.f1.threshold === here.f1.threshold)
    found.push({ name: `F1 of ${bundle.f1.name}`, bundle: bundle.f1.f1, here: here.f1.f1 });
  return found;
}
