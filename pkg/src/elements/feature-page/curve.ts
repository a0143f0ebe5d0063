import { html, nothing, svg } from 'lit';

import type { Content } from '../lens-element.js';
import { percent } from './text.js';

/** How well "above a share of the maximum" says that a label holds. */
export interface Curve {
  /** The label's name. */
  label: string;
  points: readonly { threshold: number; precision: number | null; recall: number | null; f1: number }[];
  /** The F1 of "always". */
  base: number;
}

type Measure = 'precision' | 'recall' | 'f1';

/** Precision, recall and F1 over the threshold, with the F1 of "always" beside them. */
export function curve({ label, points, base }: Curve, threshold: number): Content {
  const [x, y] = [(share: number) => 10 + 120 * share, (value: number) => 128 - 120 * value];
  const path = (measure: Measure) =>
    points
      .filter((point) => point[measure] !== null)
      .map(
        (point, at) =>
          `${at === 0 ? 'M' : 'L'}${x(point.threshold).toFixed(1)} ${y(point[measure] ?? 0).toFixed(1)}`,
      )
      .join('');
  const here = points.find((point) => point.threshold >= threshold);
  return html`
    <svg class="chart curve-over" viewBox="0 0 136 150" role="img" aria-label=${`Precision, recall and F1 for ${label} over the threshold; at ${percent(threshold)}: F1 ${here?.f1.toFixed(2) ?? 'not known'}`}>
      <rect class="ground" x="10" y="8" width="120" height="120" />
      <path class="chance" d=${`M10 ${y(base).toFixed(1)}H130`} />
      <path class="precision" d=${path('precision')} />
      <path class="recall" d=${path('recall')} />
      <path class="f1" d=${path('f1')} />
      ${threshold > 0 ? svg`<path class="here" d=${`M${x(threshold).toFixed(1)} 8V128`} />` : nothing}
      <text x="70" y="142" class="middle">share of the maximum</text>
    </svg>
    <p class="key"><span class="line f1">F1</span> <span class="line precision">precision</span> <span class="line recall">recall</span> <span class="line chance">F1 of “always”</span></p>
  `;
}
