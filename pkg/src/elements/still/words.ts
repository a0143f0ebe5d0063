import { type FeatureStill, type StillLabel, TELLS } from './feature.js';
import type { StillDictionary } from './manifest.js';

/** `0.913`. */
export function auroc(value: number): string {
  return value.toFixed(3);
}

/** `0.913 (0.905–0.921)`, or the number alone where no interval was measured. */
export function withInterval({ auroc: value, interval }: StillLabel): string {
  return interval ? `${auroc(value)} (${interval.map(auroc).join('–')})` : auroc(value);
}

/** `3.1 %`; of what is rare, two digits that count. */
export function percent(share: number): string {
  const value = 100 * share;
  return `${value === 0 || value >= 1 ? value.toFixed(1) : value.toPrecision(2)} %`;
}

/** What a dictionary is: `standard, tied, 1,024 features; reads blocks.5.hook_resid_post`. */
export function dictionaryWords({ config }: StillDictionary): string {
  const { architecture, tied, features, reads, writes } = config;
  const kind = `${architecture.kind.replace(/_/g, ' ')}${tied ? ', tied' : ''}`;
  const writing = writes.join() === reads.join() ? '' : `, writes ${writes.join(', ')}`;
  return `${kind}, ${features.toLocaleString('en')} features; reads ${reads.join(', ')}${writing}`;
}

/** What a feature knows, in one line. */
export function headline({ best, density }: FeatureStill): string {
  if (density === 0) return 'never active';
  if (!best) return 'not measured';
  return best.auroc >= TELLS ? best.name : 'no board label';
}

/** What stands behind the headline, in one line. */
export function evidence({ best }: FeatureStill): string | null {
  if (!best) return null;
  return best.auroc >= TELLS
    ? `AUROC ${withInterval(best)}`
    : `the best is ${best.name}, AUROC ${withInterval(best)}`;
}

/** Facts in small print. */
export function facts({ density, max, corpus }: FeatureStill): string[] {
  const parts: string[] = [];
  if (density !== null) parts.push(`active at ${percent(density)} of positions`);
  if (max !== null) parts.push(`largest activation ${max.toPrecision(3)}`);
  if (corpus) parts.push(`measured over ${corpus.games.toLocaleString('en')} random games`);
  return parts;
}

/** All of it as a sentence, for pages that run no scripts. */
export function sentence(still: FeatureStill): string {
  const { feature, dictionary } = still;
  const said = [headline(still), evidence(still), ...facts(still)].filter((part) => part !== null);
  return `Feature ${feature} of ${dictionary.id} (${dictionaryWords(dictionary)}): ${said.join(', ')}.`;
}
