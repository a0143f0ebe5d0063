import type { BestFeature, CardBoard, DictionaryInfo, FeatureCard } from 'othello-lens';

import { GAMES } from './games.js';

/** What the page shows of itself where its address names no game. */
export interface Opening {
  /** The feature to pin; null to pin none. */
  feature: number | null;
  /** The seed of a random game, or a transcript. */
  game: number | string;
  ply: number;
}

/** What the choice of an opening asks of a loaded model. */
export interface Source {
  bestFeatures(dictionary: string): Promise<BestFeature[] | null>;
  card(dictionary: string, feature: number): Promise<FeatureCard | null>;
}

/** The ply that openings are near: enough has happened, and enough is left to play. */
const MIDDLE = 24;

/** The ply of the game that is shown where nothing is known of features. */
const EXAMPLE_PLY = 22;

/**
 * What to open with: the game and ply where `feature` is strong or, without one, the feature of `dictionary`
 * that tells best which side has a square.
 */
export async function openingOf(
  source: Source,
  { id, cards }: Pick<DictionaryInfo, 'id' | 'cards'>,
  feature: number | null,
): Promise<Opening> {
  if (!cards) return example(feature);
  const best = feature ?? bestOfSides((await source.bestFeatures(id)) ?? [])?.feature ?? null;
  if (best === null) return example(feature);
  const board = midGame((await source.card(id, best))?.boards.strongest ?? []);
  return board ? { feature: best, game: board.seed, ply: board.position.ply } : example(best);
}

/** The game that comes with the page, at a ply where much is going on. */
export function example(feature: number | null): Opening {
  return { feature, game: GAMES[2].transcript, ply: EXAMPLE_PLY };
}

/** Of the labels that say which side has a square, the one that a feature tells best. */
export function bestOfSides(all: readonly BestFeature[]): BestFeature | null {
  return all
    .filter(({ set, label }) => set === 'board' && /^(own|opponent) /.test(label.name))
    .reduce<BestFeature | null>((best, each) => (best && best.auroc >= each.auroc ? best : each), null);
}

/** The position nearest to the middle of a game. */
export function midGame(boards: readonly CardBoard[]): CardBoard | null {
  const away = ({ position }: CardBoard) => Math.abs(position.ply - MIDDLE);
  return boards.reduce<CardBoard | null>(
    (best, each) => (best && away(best) <= away(each) ? best : each),
    null,
  );
}
