import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Square } from 'othello-lens';

import { signed } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import { styles } from './effect.styles.js';

const UNIT = 20;

/**
 * What a feature does to the logits of the 64 squares, as a small board on a scale that runs from
 * lowering to raising; dots are the squares where a move is legal now.
 */
@customElement('ol-effect')
export class Effect extends LitElement {
  static override styles = [base, styles];

  /** By square; NaN where no token names the square. */
  @property({ attribute: false }) effect: Float32Array | null = null;
  @property({ attribute: false }) legal: readonly Square[] = [];

  protected override render() {
    const greatest = Math.max(0, ...rank(this.effect).map(({ value }) => Math.abs(value)));
    return html`
      <svg viewBox="-9 -11 171 173" role="img" aria-label="Direct effect on each square’s logit">
        ${[0, 1, 2, 3, 4, 5, 6, 7].map(
          (i) => svg`
            <text x=${i * UNIT + 10} y="-3">${'abcdefgh'.charAt(i)}</text>
            <text x="-5" y=${i * UNIT + 13}>${i + 1}</text>`,
        )}
        ${Array.from({ length: 64 }, (_, square) => this.#cell(square, greatest))}
      </svg>
      <div class="scale number" aria-hidden="true">
        <span>${greatest ? signed(-greatest) : ''}</span><i></i><span>${greatest ? signed(greatest) : ''}</span>
      </div>
    `;
  }

  #cell(square: Square, greatest: number) {
    const value = this.effect?.[square] ?? 0;
    const x = (square % 8) * UNIT;
    const y = Math.floor(square / 8) * UNIT;
    const none = Number.isNaN(value);
    const strength = none || greatest === 0 ? 0 : Math.abs(value) / greatest;
    return svg`
      <rect class="cell" x=${x + 0.5} y=${y + 0.5} width="19" height="19" rx="2.5" />
      ${
        none
          ? svg`<path class="none" d=${`M${x + 7} ${y + 7}l6 6m0-6l-6 6`} />`
          : svg`<rect class=${value > 0 ? 'up' : 'down'} x=${x + 0.5} y=${y + 0.5} width="19" height="19" rx="2.5" opacity=${strength.toFixed(3)}><title>${squareName(square)} ${signed(value)}</title></rect>`
      }
      ${this.legal.includes(square) ? svg`<circle class="legal" cx=${x + 10} cy=${y + 10} r="2.6" />` : nothing}
    `;
  }
}

/** The squares that a token names, from the most raised to the most lowered. */
export function rank(effect: Float32Array | null): { square: Square; value: number }[] {
  return [...(effect ?? [])]
    .map((value, square) => ({ square, value }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-effect': Effect;
  }
}
