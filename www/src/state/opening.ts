import type { Analysis, BestFeature, DictionaryInfo, FeatureCard, Replay } from 'othello-lens';

import { type BoardLabel, boardLabel, holds } from '../text/labels.js';
import { GAMES } from './games.js';

/** What the page shows of itself where its address names no game. */
export interface Opening {
  /** The feature to pin; null to pin none. */
  feature: number | null;
  transcript: string;
  ply: number;
}

/** What the choice of an opening asks of a loaded model and of the rules. */
export interface Source {
  bestFeatures(dictionary: string): Promise<BestFeature[] | null>;
  card(dictionary: string, feature: number): Promise<FeatureCard | null>;
  analyse(transcript: string, options: { dictionary: string }): Promise<Pick<Analysis, 'features'>>;
  randomGame(seed: number): Promise<Replay>;
}

/** The plies that are the middle of a game: enough has happened, and enough is left to play. */
const MIDDLE = { from: 16, to: 36 };
/** The random games that are looked through, and how many of them the model may read. */
const SEEDS = 40;
const READ = 4;
/** The share of its maximum at which a feature is strong. */
const STRONG = 0.6;
/** The ply of the game that is shown where nothing is known of features. */
const EXAMPLE_PLY = 22;

/**
 * What to open with: `feature` or, without one, the feature of `dictionary` that tells best which side has a
 * square, in the middle of a random game, at a ply where it is strong.
 */
export async function openingOf(
  source: Source,
  { id, cards }: Pick<DictionaryInfo, 'id' | 'cards'>,
  feature: number | null,
): Promise<Opening> {
  const best = feature ?? (cards && bestOfSides((await source.bestFeatures(id)) ?? [])?.feature) ?? null;
  const card = cards && best !== null ? await source.card(id, best) : null;
  const label = boardLabel(card?.sets[0]?.labels[0]?.name ?? null);
  if (best === null || !card || !label) return example(best);
  let strongest: { opening: Opening; share: number } | null = null;
  let read = 0;
  for (let seed = 0; seed < SEEDS && read < READ; seed++) {
    const game = await source.randomGame(seed);
    if (!changesInTheMiddle(label, game)) continue;
    read += 1;
    const { features } = await source.analyse(game.transcript, { dictionary: id });
    if (!features) break;
    for (let ply = MIDDLE.from; ply <= MIDDLE.to; ply++) {
      const share = (features.data[(ply - 1) * features.shape[1] + best] ?? 0) / card.max;
      if (share <= (strongest?.share ?? 0)) continue;
      strongest = { opening: { feature: best, transcript: game.transcript, ply }, share };
    }
    if (strongest && strongest.share >= STRONG) break;
  }
  return strongest?.opening ?? example(best);
}

/** The game that comes with the page, at a ply where much is going on. */
export function example(feature: number | null): Opening {
  return { feature, transcript: GAMES[2].transcript, ply: EXAMPLE_PLY };
}

/** Of the labels that say which side has a square, the one that a feature tells best. */
export function bestOfSides(all: readonly BestFeature[]): BestFeature | null {
  return all
    .filter(({ set, label }) => set === 'board' && /^(own|opponent) /.test(label.name))
    .reduce<BestFeature | null>((best, each) => (best && best.auroc >= each.auroc ? best : each), null);
}

/** Whether the label holds at some plies of the middle and not at others: then there is something to see. */
function changesInTheMiddle(label: BoardLabel, { positions }: Replay): boolean {
  const middle = positions.slice(MIDDLE.from, MIDDLE.to + 1).map((position) => holds(label, position));
  return middle.includes(true) && middle.includes(false);
}
