import type { Atlas, AtlasSource, Label, Square } from 'othello-lens';

import { statementOf } from './question.js';

/** A source's best on one label. */
export interface Ranked {
  source: AtlasSource;
  /** Null of a probe. */
  feature: number | null;
  auroc: number;
  /** NaN where no interval was measured. */
  low: number;
  high: number;
  /** NaN where it was not measured. */
  f1: number;
}

/** F1 of "always yes" where a label holds at a share `rate` of positions: 2p / (1 + p). */
export function baseF1(rate: number): number {
  return (2 * rate) / (1 + rate);
}

/** All sources that tell the label, best first. */
export function rank(atlas: Atlas, label: number): Ranked[] {
  const rows = atlas.sources.map((source, at) => ranked(atlas, source, at * atlas.labels.length + label));
  return rows.filter(({ auroc }) => !Number.isNaN(auroc)).sort((a, b) => b.auroc - a.auroc);
}

function ranked(atlas: Atlas, source: AtlasSource, at: number): Ranked {
  const [feature = -1, auroc = NaN, low = NaN, high = NaN, f1 = NaN] = [
    atlas.feature[at],
    atlas.auroc[at],
    atlas.low[at],
    atlas.high[at],
    atlas.f1[at],
  ];
  return { source, feature: feature < 0 ? null : feature, auroc, low, high, f1 };
}

/** Whom a map asks. */
export type Among = 'dictionary' | 'neurons' | 'features' | 'probe';

/** What {@link Among} is in words. */
export const AMONG: Readonly<Record<Among, string>> = {
  features: 'features of dictionaries, and neurons',
  dictionary: 'features of dictionaries alone',
  neurons: 'neurons alone',
  probe: 'probes, which were supervised',
};

/** The best AUROC for a statement on each of the 64 squares; NaN where there is no label or nothing tells it. */
export function bestBySquare(atlas: Atlas, statement: string, among: Among): Float32Array {
  const best = new Float32Array(64).fill(NaN);
  atlas.labels.forEach((label, number) => {
    if (label.square === null || statementOf(label) !== statement) return;
    for (const [at, { kind }] of atlas.sources.entries()) {
      if (among === 'features' ? kind === 'probe' : kind !== among) continue;
      const auroc = atlas.auroc[at * atlas.labels.length + number] ?? NaN;
      const before = best[label.square] ?? NaN;
      if (auroc > before || Number.isNaN(before)) best[label.square] = auroc;
    }
  });
  return best;
}

/** The statements that are made of squares, in their order. */
export function statements(labels: readonly Label[]): string[] {
  return [...new Set(labels.filter(({ square }) => square !== null).map(statementOf))];
}

/** How far a square is from the edge, in the report's words. */
export type Ring = 'centre' | 'inner' | 'middle' | 'outer';

export const RINGS: readonly Ring[] = ['inner', 'middle', 'outer'];

export function ringOf(square: Square): Ring {
  const fromMiddle = (i: number) => (i < 4 ? 3 - i : i - 4);
  const ring = Math.max(fromMiddle(square % 8), fromMiddle(Math.floor(square / 8)));
  return (['centre', 'inner', 'middle', 'outer'] as const)[ring] ?? 'outer';
}

/** An AUROC above this counts as telling a label, as in the report. */
export const COUNTS = 0.9;

/** How many squares of each ring are told, of how many: the four in the centre, where no move goes, are left out. */
export function ringCounts(map: Float32Array): { ring: Ring; told: number; of: number }[] {
  return RINGS.map((ring) => {
    const squares = [...map.keys()].filter((square) => ringOf(square) === ring);
    return { ring, told: squares.filter((square) => (map[square] ?? 0) > COUNTS).length, of: squares.length };
  });
}
