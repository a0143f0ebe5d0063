import { html } from 'lit';

import type { Content } from '../lens-element.js';
import { three } from './text.js';

/** False and true positives as the threshold falls, both from 0 to 1. */
export interface Roc {
  /** The label's name. */
  label: string;
  /** The area below the curve. */
  auroc: number;
  falsePositives: ArrayLike<number>;
  truePositives: ArrayLike<number>;
}

/** The ROC curve of an activation as a score for a label. */
export function roc({ label, auroc, ...curve }: Roc): Content {
  const points = Array.from(curve.falsePositives, (x, at) => {
    const y = curve.truePositives[at] ?? 0;
    return `${(10 + 120 * x).toFixed(1)} ${(128 - 120 * y).toFixed(1)}`;
  });
  return html`<svg class="chart roc" viewBox="0 0 136 150" role="img" aria-label=${`ROC curve for ${label}, area ${three(auroc)}`}>
    <rect class="ground" x="10" y="8" width="120" height="120" />
    <path class="chance" d="M10 128L130 8" />
    <path class="curve" d=${points.length > 0 ? `M10 128L${points.join('L')}L130 8` : ''} />
    <text x="70" y="142" class="middle">false positives</text>
    <text x="-68" y="7" class="middle turned">true positives</text>
    <text x="126" y="122" class="end strong">${three(auroc)}</text>
  </svg>`;
}
