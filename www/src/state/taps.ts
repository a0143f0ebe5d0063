import type { ModelInfo, Tap } from 'othello-lens';

/** The activation that the final norm divides by the deviation of: what a feature adds to the logits needs it. */
export function lastResidual({ layers }: Pick<ModelInfo, 'layers'>): Pick<Tap, 'site' | 'layer'> {
  return { site: 'resid_post', layer: layers - 1 };
}
