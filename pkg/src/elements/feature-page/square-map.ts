import { html, nothing, svg } from 'lit';

import type { Square } from '../../types.js';
import { cssProperties } from '../css-properties.js';
import type { Content } from '../lens-element.js';
import { squareName } from '../squares.js';

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** A number on each of the 64 squares. */
export interface SquareMap {
  /** What it is, for those who do not see it. */
  label: string;
  /** NaN where there is none. */
  values: ArrayLike<number>;
  /** How strongly a square is tinted, −1 to 1; below 0 in the other colour. */
  strength(value: number): number;
  /** The value in words. */
  show(value: number): string;
  /** The class that gives it its colours: `own`, `opponent`, `empty`, `legal`, `effect`. */
  colour: string;
  marked?: Square | null;
}

/** A map of the board. */
export function squareMap({ label, values, strength, show, colour, marked = null }: SquareMap): Content {
  return html`<svg class=${`map ${colour}`} viewBox="-9 -10 170 171" role="img" aria-label=${label}>
    ${EIGHT.map(
      (i) => svg`
        <text x=${20 * i + 10} y="-3">${'abcdefgh'.charAt(i)}</text>
        <text x="-5" y=${20 * i + 13}>${i + 1}</text>`,
    )}
    ${Array.from({ length: 64 }, (_, square) => {
      const value = values[square] ?? Number.NaN;
      const [x, y] = [20 * (square % 8) + 0.5, 20 * Math.floor(square / 8) + 0.5];
      if (Number.isNaN(value)) return svg`<rect class="none" x=${x} y=${y} width="19" height="19" rx="2" />`;
      const tint = strength(value);
      return svg`<rect class="cell" x=${x} y=${y} width="19" height="19" rx="2" />
        <rect class=${tint < 0 ? 'value below' : 'value'} x=${x} y=${y} width="19" height="19" rx="2"
          ${cssProperties({ '--strength': Math.min(1, Math.abs(tint)).toFixed(3) })}><title>${squareName(square)} ${show(value)}</title></rect>`;
    })}
    ${marked === null ? nothing : svg`<rect class="mark" x=${20 * (marked % 8) + 1} y=${20 * Math.floor(marked / 8) + 1} width="18" height="18" rx="2" />`}
  </svg>`;
}

/** What a map says in words: the squares with the largest values. */
export function foremost(values: ArrayLike<number>, show: (value: number) => string, most = 3): string {
  return Array.from(values, (value, square) => ({ value, square }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value)
    .slice(0, most)
    .map(({ value, square }) => `${squareName(square)} ${show(value)}`)
    .join(', ');
}
