import { html, svg } from 'lit';

import type { Content } from '../lens-element.js';
import { percent } from './text.js';

/** How a feature's activation is spread, where a label holds and where it does not. */
export interface SplitHistogram {
  /** The label's name. */
  label: string;
  /** The end of the last bin. */
  max: number;
  /** Positions at exactly 0: without the label, with it. */
  zero: readonly [number, number];
  /** Positions by bin, of equal width from 0 to `max`: without the label, with it. */
  counts: readonly [ArrayLike<number>, ArrayLike<number>];
}

const WIDTH = 320;
const HEIGHT = 150;
const LEFT = 48;
const FLOOR = 128;

/**
 * Activations by class, each as shares of its positions: a bar at exactly 0 on a scale of its own, up to all of them,
 * and the rest on a scale of theirs. It is the report's figure.
 */
export function histogram({ label, max, zero, counts }: SplitHistogram, side: string): Content {
  const [without, with_] = counts.map((bins) => Array.from(bins)) as [number[], number[]];
  const sum = (bins: readonly number[]) => bins.reduce((sum, bin) => sum + bin, 0);
  const totals = [sum(without) + zero[0], sum(with_) + zero[1]] as const;
  const share = (positions: number, of: number) => (of > 0 ? positions / of : 0);
  const shares = [without.map((n) => share(n, totals[0])), with_.map((n) => share(n, totals[1]))] as const;
  const most = Math.max(...shares[0], ...shares[1], 1e-9);
  const bins = Math.max(without.length, with_.length, 1);
  const width = (WIDTH - LEFT) / bins;
  const zeros = [share(zero[0], totals[0]), share(zero[1], totals[1])] as const;
  const bar = (kind: string, x: number, wide: number, height: number) =>
    svg`<rect class=${kind} x=${x.toFixed(2)} y=${(FLOOR - height).toFixed(2)} width=${wide.toFixed(2)} height=${height.toFixed(2)} />`;
  const room = FLOOR - 8;
  return html`
    <svg class="chart histogram ${side}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"
      aria-label=${`Activations where ${label} holds and where it does not. At exactly 0: ${percent(zeros[1])} of the positions where it holds, ${percent(zeros[0])} of the others.`}>
      ${bar('without', 4, 14, room * zeros[0])}${bar('with', 19, 14, room * zeros[1])}
      ${shares[0].map((share, at) => bar('without', LEFT + at * width, Math.max(0.5, width - 0.6), (room * share) / most))}
      ${shares[1].map((share, at) => bar('with', LEFT + at * width, Math.max(0.5, width - 0.6), (room * share) / most))}
      <path class="axis" d=${`M2 ${FLOOR}H36M${LEFT - 2} ${FLOOR}H${WIDTH}`} />
      <text x="19" y=${FLOOR + 13} class="middle">0</text>
      <text x=${LEFT} y=${FLOOR + 13}>&gt; 0</text>
      <text x=${WIDTH} y=${FLOOR + 13} class="end">${max.toFixed(2)}</text>
    </svg>
    <p class="key number">
      <span class="with ${side}">${label}</span> at exactly 0 in ${percent(zeros[1])} of its positions,
      <span class="without">all others</span> in ${percent(zeros[0])} of theirs.
    </p>
  `;
}
