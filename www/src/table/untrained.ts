import { BUNDLES } from '../state/bundles.js';
import type { DictionaryRow } from './dictionaries.js';

/** As much of a manifest as a row needs. */
interface Listed {
  id: string;
  config: { reads: string[]; features: number; tied: boolean };
  training: { seed?: number; sparsity?: { kind?: string; k?: number; penalty?: number } };
  metrics: Record<string, number>;
}

/**
 * The dictionaries of the control, whose model was never trained, as rows beside those of `bundle`: what there is to
 * find without anything learned. Its manifest alone is fetched. None where the control is what is looked at.
 */
export async function untrainedRows(bundle: string, signal: AbortSignal): Promise<DictionaryRow[]> {
  const control = BUNDLES.find(({ trained }) => !trained);
  if (!control || control.name === bundle) return [];
  const response = await fetch(new URL(`${control.path}manifest.json`, document.baseURI), { signal });
  if (!response.ok) throw new Error(`${control.path}manifest.json: the server answered ${response.status}.`);
  const { dictionaries }: { dictionaries: Listed[] } = await response.json();
  return dictionaries.map(({ id, config, training, metrics }) => {
    const [, layer = '', site = ''] = /^blocks\.(\d+)\..*hook_(\w+)/.exec(config.reads[0] ?? '') ?? [];
    return {
      id,
      kind: 'untrained',
      site,
      layer: Number(layer),
      recipe: `${training.sparsity?.kind ?? 'dictionary'} of the untrained model`.replaceAll('_', ' '),
      tied: config.tied,
      features: config.features,
      strength: training.sparsity?.k ?? training.sparsity?.penalty ?? null,
      seed: training.seed ?? null,
      metrics,
    };
  });
}
