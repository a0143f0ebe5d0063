// What `measure` writes as JSON of a dictionary, as far as figures draw it. The types that write it are in
// `src/figures`, a file a figure.

/** A number with its 95 % interval; null bounds where only the number is known. */
export interface Estimate {
  value: number;
  low: number | null;
  high: number | null;
}

/** How well the best feature tells a label. */
export interface LabelFigures {
  /** Its name in its set, such as `own c4`. */
  label: string;
  feature: number;
  auroc: Estimate;
}

/** How large a feature is where its square holds one of three classes. */
export interface LabelHistogram {
  label: string;
  feature: number;
  histogram: {
    /** The upper end of the last bin; the first begins at 0, and all are of one width. */
    max: number;
    /** Own, opponent, empty: positions at exactly 0, and in each bin. */
    classes: { zero: number; bins: number[] }[];
  };
}

/** True against false positives. */
export interface RocCurve {
  label: string;
  feature: number;
  /** False and true positive rates, from (0, 0) to (1, 1). */
  points: [number, number][];
}

/** The feature with the largest cosine similarity to a direction. */
export interface Closest {
  cosine: number;
  index: number;
}

/** For the directions of a probe, at `classes · square + class`. */
export interface Cosines {
  decoder: Closest[];
  encoder: Closest[];
  random: Closest[];
}

/** What is left when activations up to a share of a feature's largest are hidden. */
export interface ThresholdPoint {
  threshold: number;
  /** Share of positions at which a feature is left. */
  any: number;
  l0: number;
  fvu: number | null;
  precision: number | null;
}

/** Regressions on 1, 2, 4 … features. */
export interface LabelProbes {
  label: string;
  probes: { features: number[]; accuracy: number; f1: number; auroc: number | null }[];
  failure: string | null;
}

/** A position of a random game, and what a feature is there. */
export interface BoardPlace {
  seed: number;
  ply: number;
  activation: number;
}

/** Boards on which a feature is active. */
export interface FeatureBoards {
  top: BoardPlace[];
  /** Of each quarter of its range, from the lowest up. */
  quarters: BoardPlace[][];
}

/** Numbers of a splice by name: `loss_recovered`, `kl`, `illegal_top1` … */
export type SpliceEstimates = Partial<Record<string, Estimate>>;

/** What was measured on a dictionary, by figure; what was not measured is not there. */
export interface Figures {
  sparsity?: { l0: Estimate; dead: Estimate };
  fvu?: { fvu: Estimate };
  detection?: {
    contents: Estimate;
    own: Estimate;
    opponent: Estimate;
    empty: Estimate;
    inner: Estimate;
    middle: Estimate;
    outer: Estimate;
    legality: Estimate;
    labels?: LabelFigures[];
  };
  coverage?: { of_192: Estimate };
  splice?: { scored: SpliceEstimates; by_ply: SpliceEstimates[] };
  board_reconstruction?: { f1: Estimate };
  cosines?: Record<string, Cosines>;
  threshold_curve?: ThresholdPoint[];
  roc?: RocCurve[];
  histograms?: LabelHistogram[];
  boards?: FeatureBoards[];
  k_sparse?: LabelProbes[];
}

/** Random games. */
export interface Games {
  games: number;
  /** The seed of the first; each further game has the next number. Null where it is not known. */
  seed: number | null;
}

/** What was measured on a dictionary, and on which games. */
export interface Measurement {
  on: Games;
  figures: Figures;
}

/** A number whose interval is not known. */
const alone = (value: number): Estimate => ({ value, low: null, high: null });

/**
 * What the metrics of a manifest say of a dictionary: the numbers that stand for the whole, without intervals.
 * Null if it was not measured.
 */
export function fromMetrics(
  metrics: Readonly<Record<string, number>>,
  seed: number | null,
): Measurement | null {
  const of = (name: string) => {
    const value = metrics[name];
    return value === undefined ? null : alone(value);
  };
  const all = <K extends string>(names: Record<K, string>) => {
    const found = Object.entries<string>(names).map(([key, name]) => [key, of(name)] as const);
    return found.every(([, value]) => value !== null)
      ? (Object.fromEntries(found) as Record<K, Estimate>)
      : null;
  };
  const sparsity = all({ l0: 'l0', dead: 'dead' });
  const fvu = all({ fvu: 'fvu' });
  const detection = all({
    contents: 'contents_over_0_9',
    own: 'own_over_0_9',
    opponent: 'opponent_over_0_9',
    empty: 'empty_over_0_9',
    inner: 'inner_over_0_9',
    middle: 'middle_over_0_9',
    outer: 'outer_over_0_9',
    legality: 'legality_over_0_9',
  });
  const coverage = all({ of_192: 'coverage' });
  const reconstruction = all({ f1: 'board_reconstruction' });
  const spliced = ['loss_recovered', 'kl', 'illegal_top1', 'illegal_top1_original', 'loss', 'loss_original'];
  const scored = Object.fromEntries(
    spliced.flatMap((name) => {
      const value = of(name);
      return value ? [[name, value] as const] : [];
    }),
  );
  const figures: Figures = {
    ...(sparsity && { sparsity }),
    ...(fvu && { fvu }),
    ...(detection && { detection }),
    ...(coverage && { coverage }),
    ...(reconstruction && { board_reconstruction: reconstruction }),
    ...('loss_recovered' in scored && { splice: { scored, by_ply: [] } }),
  };
  if (Object.keys(figures).length === 0) return null;
  return { on: { games: metrics['games'] ?? 0, seed }, figures };
}
