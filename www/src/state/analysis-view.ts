import type { Analysis, FeatureStatistics, NextMove, Position, Replay } from 'othello-lens';

import { squareName } from '../text/squares.js';
import { START } from './start.js';

/** A feature at one ply. */
export interface ActiveFeature {
  feature: number;
  /** Its activation here. */
  value: number;
  /** `value` as a share of the largest over the corpus; null if that is not known. */
  share: number | null;
  /** Share of the corpus's positions where it is active; null if not known. */
  density: number | null;
}

/** The active features of a ply, and how many there are in all. */
export interface Activity {
  active: ActiveFeature[];
  total: number;
}

/**
 * A game, and what an analysis says of it. The model is causal: what it says at a ply rests on the moves up
 * to there alone, so an analysis of another game holds as far as the two games agree.
 */
export class AnalysisView {
  readonly game: Replay;
  readonly #analysis: Analysis | null;
  readonly #dictionary: string | null;
  readonly #features: Analysis['features'];
  readonly #statistics: FeatureStatistics | null;
  /** Plies up to this one agree. */
  readonly #common: number;
  readonly #activities = new Map<number, Activity | null>();

  /** The features are those of `dictionary`, or none; `statistics` are its own. */
  constructor(
    game: Replay,
    analysis: Analysis | null,
    dictionary: string | null,
    statistics: FeatureStatistics | null,
  ) {
    this.game = game;
    this.#analysis = analysis;
    this.#dictionary = dictionary;
    this.#features = analysis?.features?.dictionary === dictionary ? (analysis?.features ?? null) : null;
    this.#statistics = statistics;
    this.#common = analysis ? commonPlies(game.transcript, analysis.transcript) : -1;
  }

  /** The view of what is given; this one, if it is of just that. */
  with(
    game: Replay,
    analysis: Analysis | null,
    dictionary: string | null,
    statistics: FeatureStatistics | null,
  ): AnalysisView {
    const same =
      game === this.game &&
      analysis === this.#analysis &&
      dictionary === this.#dictionary &&
      statistics === this.#statistics;
    return same ? this : new AnalysisView(game, analysis, dictionary, statistics);
  }

  /** The last ply of the game. */
  get lastPly(): number {
    return this.game.positions.length - 1;
  }

  /** The position at `ply`. */
  position(ply: number): Position {
    return this.game.positions[ply] ?? START;
  }

  /** `ply 20 of 60, f5`: a ply in words. */
  describe(ply: number): string {
    const { move } = this.position(ply);
    return `ply ${ply} of ${this.lastPly}, ${move === null ? 'start' : squareName(move)}`;
  }

  /** What the model expects at `ply`: null where it says nothing, undefined where it is not known yet. */
  nextMove(ply: number): NextMove | null | undefined {
    const position = this.game.positions[ply];
    if (ply === 0 || (position && isOver(position))) return null;
    return ply <= this.#common ? this.#analysis?.nextMoves[ply] : undefined;
  }

  /** A number per ply, from ply 0 to the last; null where there is none. */
  series(read: (next: NextMove) => number): (number | null)[] {
    return this.game.positions.map((_, ply) => {
      const next = this.nextMove(ply);
      return next ? read(next) : null;
    });
  }

  /** The activation of `feature` by ply; null where there is none. */
  activations(feature: number): (number | null)[] {
    return this.game.positions.map((_, ply) => this.#row(ply)?.[feature] ?? null);
  }

  /**
   * What a feature adds to the 64 squares' logits at `ply`, along the direct path: `effect`, that of a unit, times
   * its activation there, over the standard deviation that the final norm divides by. Null where it says nothing.
   */
  effectAt(effect: Float32Array | null, feature: number, ply: number): Float32Array | null {
    const value = this.#row(ply)?.[feature];
    const last = this.#analysis?.activations[0];
    if (!effect || value === undefined || !last) return null;
    const width = last.shape[1] ?? 0;
    const factor = value / deviation(last.data.subarray((ply - 1) * width, ply * width));
    return effect.map((each) => factor * each);
  }

  /** The active features at `ply`, strongest first; null where there are none to speak of. */
  activity(ply: number): Activity | null {
    const known = this.#activities.get(ply);
    if (known !== undefined) return known;
    const activity = this.#activityOf(ply);
    this.#activities.set(ply, activity);
    return activity;
  }

  #activityOf(ply: number): Activity | null {
    const row = this.#row(ply);
    if (!row) return null;
    const active: ActiveFeature[] = [];
    row.forEach((value, feature) => {
      if (value === 0) return;
      const max = this.#statistics?.max[feature];
      active.push({
        feature,
        value,
        share: max ? value / max : null,
        density: this.#statistics?.density[feature] ?? null,
      });
    });
    const known = this.#statistics !== null;
    active.sort(
      (a, b) => (known ? (b.share ?? 0) - (a.share ?? 0) : b.value - a.value) || a.feature - b.feature,
    );
    return { active, total: row.length };
  }

  #row(ply: number): Float32Array | null {
    const features = this.#features;
    if (!features || ply === 0 || ply > this.#common || ply > features.shape[0]) return null;
    const width = features.shape[1];
    return features.data.subarray((ply - 1) * width, ply * width);
  }
}

/** Whether `analysis` says all there is to say of a game, with the features of `dictionary`. */
export function covers(analysis: Analysis | null, transcript: string, dictionary: string | null): boolean {
  if (!analysis?.transcript.startsWith(transcript)) return false;
  return dictionary === null || analysis.features?.dictionary === dictionary;
}

/** Whether nobody can move any more. */
export function isOver(position: Position): boolean {
  return position.toMove === null;
}

/** The standard deviation of `values`, as a norm over them has it. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length + 1e-5);
}

/** How many moves two transcripts share from the start. */
function commonPlies(a: string, b: string): number {
  let plies = 0;
  while (2 * plies < a.length && a.slice(2 * plies, 2 * plies + 2) === b.slice(2 * plies, 2 * plies + 2))
    plies += 1;
  return plies;
}
