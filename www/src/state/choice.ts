import type { DictionaryInfo } from 'othello-lens';

import type { Address } from './address.js';
import { bundleOf } from './bundles.js';

/** What an address chooses of the bundle that is loaded. */
export interface Choice {
  dictionary: DictionaryInfo | null;
  /** The pinned feature; null if the address pins none, or one that is not there. */
  feature: number | null;
  /** What the address names and the page does not have, as people would say it. */
  missing: readonly string[];
}

/**
 * What `address` chooses among `dictionaries` and `neurons`. A link is a citation: where it names what is not
 * here, nothing else is pinned in its place.
 */
export function choose(
  address: Pick<Address, 'model' | 'dictionary' | 'feature' | 'faults'>,
  dictionaries: readonly DictionaryInfo[],
  neurons: readonly DictionaryInfo[] = [],
): Choice {
  const missing = [...address.faults];
  let { feature } = address;
  const lacks = (what: string) => {
    missing.push(what);
    feature = null;
  };
  if (!bundleOf(address.model)) lacks(`the model “${address.model}”`);
  const named = [...dictionaries, ...neurons].find(({ id }) => id === address.dictionary) ?? null;
  // Until the bundle is here, nothing is known to be missing from it.
  const loaded = dictionaries.length + neurons.length > 0;
  if (address.dictionary !== null && !named && loaded) lacks(`the dictionary “${address.dictionary}”`);
  const dictionary = named ?? best(dictionaries) ?? late(neurons);
  if (feature !== null && dictionary && feature >= dictionary.features)
    lacks(`the feature ${feature}, of a dictionary that has ${dictionary.features}`);
  return { dictionary, feature, missing };
}

/** The dictionary with features for the most own and opponent's discs; of equal ones the first. */
export function best(dictionaries: readonly DictionaryInfo[]): DictionaryInfo | null {
  const contents = ({
    metrics: { own_over_0_9: own = 0, opponent_over_0_9: opponent = 0 },
  }: DictionaryInfo) => own + opponent;
  return dictionaries.reduce<DictionaryInfo | null>(
    (best, each) => (best && contents(best) >= contents(each) ? best : each),
    null,
  );
}

/** Where nobody trained a dictionary, neurons have features too: those of a block past the middle, which know most. */
function late(neurons: readonly DictionaryInfo[]): DictionaryInfo | null {
  return neurons[Math.floor((5 * neurons.length) / 8)] ?? null;
}
