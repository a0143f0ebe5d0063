import type { Address } from '../state/address.js';
import type { Subject } from './code.js';

/**
 * What of the view at `address` can be put into another page; null if nothing can. `dictionary` is the one in use,
 * where the address leaves it to the page.
 */
export function subjectOf(address: Address, dictionary: string | null): Subject | null {
  const { view, model, feature, figure, label, transcript, ply } = address;
  const used = address.dictionary ?? dictionary;
  switch (view) {
    case 'features':
      if (used === null || feature === null) return null;
      return { widget: 'othello-feature', model, attributes: { dictionary: used, feature: String(feature) } };
    case 'figures':
      if (figure === null) return null;
      return {
        widget: 'othello-figure',
        model,
        attributes: {
          name: figure,
          ...(address.dictionary !== null && { dictionary: address.dictionary }),
          ...(label !== null && { label }),
        },
      };
    case 'play':
      return {
        widget: 'othello-player',
        model,
        attributes: {
          transcript: transcript ?? '',
          ...(ply !== null && { ply: String(ply) }),
          ...(used !== null && feature !== null && { dictionary: used, feature: String(feature) }),
        },
      };
    case 'guide':
      return null;
  }
}
