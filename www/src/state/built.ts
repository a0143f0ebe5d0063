import address from 'virtual:built';
import type {
  Analysis,
  BestFeature,
  BestLabels,
  DictionaryInfo,
  FeatureCard,
  FeatureStatistics,
  ModelInfo,
} from 'othello-lens';

import type { Address } from './address.js';
import { readArrays } from './arrays.js';

/**
 * What the page shows where its address names nothing, as the engine answered when the site was built. It stands
 * in for the model until that is here.
 */
export interface Built {
  /** The hash of the model that answered, as `Lens.hash` has it. */
  hash: string;
  model: ModelInfo;
  dictionaries: DictionaryInfo[];
  neurons: DictionaryInfo[];
  /** The dictionary in view. */
  dictionary: string;
  /** The feature that is pinned. */
  feature: number;
  ply: number;
  /** The game, and what the model and the dictionary make of it. */
  analysis: Analysis;
  statistics: FeatureStatistics | null;
  labels: BestLabels | null;
  bestFeatures: BestFeature[] | null;
  /** Of the pinned feature. */
  card: FeatureCard | null;
  effect: Float32Array;
}

/** Whether what an address shows is what was built. */
export function showsBuilt({ view, model, dictionary, feature, transcript }: Address): boolean {
  return view === 'play' && [model, dictionary, feature, transcript].every((named) => named === null);
}

/** Fetches what was built; null where there is none, or it does not come: the model will answer. */
export async function fetchBuilt(): Promise<Built | null> {
  if (address === null) return null;
  try {
    const response = await fetch(address);
    return response.ok ? (readArrays(await response.text()) as Built) : null;
  } catch {
    return null;
  }
}
