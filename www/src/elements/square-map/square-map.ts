import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Square } from 'othello-lens';

import { COUNTS } from '../../ask/atlas.js';
import { SquareEvent } from '../../ask/events.js';
import { cssProperties } from '../../directives/css-properties.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import { styles } from './square-map.styles.js';

const UNIT = 20;
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * A number from .5 to 1 on each of the 64 squares, as a map of the board: a grid that the keyboard walks and whose
 * squares can be chosen, or, with `still`, a picture.
 *
 * @fires ol-square - a square was chosen
 */
@customElement('ol-square-map')
export class SquareMap extends LitElement {
  static override styles = [base, styles];

  /** By square; NaN where there is none. */
  @property({ attribute: false }) values: Float32Array | null = null;
  /** What is mapped: `own`, `opponent`, `empty`, `legal` have colours of their own. */
  @property({ reflect: true }) statement = '';
  @property({ attribute: false }) selected: Square | null = null;
  @property({ type: Boolean }) still = false;

  /** The square that the keyboard is on, once it was moved there. */
  @state() private moved: Square | null = null;

  get #cursor(): Square {
    return this.moved ?? this.selected ?? 26;
  }

  protected override render() {
    if (this.still)
      return html`<svg viewBox="0 0 160 160" aria-hidden="true">${this.#squares((square) => this.#fill(square))}</svg>`;
    return html`<svg
      viewBox="-11 -13 173 175"
      role="grid"
      aria-label=${`Best AUROC for “${this.statement}” on each square`}
      @keydown=${this.#onKey}
    >
      <g aria-hidden="true">
        ${EIGHT.map(
          (i) => svg`
            <text x=${i * UNIT + 10} y="-4">${'abcdefgh'.charAt(i)}</text>
            <text x="-6" y=${i * UNIT + 13}>${i + 1}</text>`,
        )}
      </g>
      ${EIGHT.map((row) => svg`<g role="row">${EIGHT.map((column) => this.#cell(8 * row + column))}</g>`)}
    </svg>`;
  }

  #squares(draw: (square: Square) => unknown) {
    return Array.from({ length: 64 }, (_, square) => draw(square));
  }

  #fill(square: Square) {
    const value = this.values?.[square] ?? Number.NaN;
    const [x, y] = [(square % 8) * UNIT + 0.5, Math.floor(square / 8) * UNIT + 0.5];
    return svg`
      <rect class=${Number.isNaN(value) ? 'none' : 'cell'} x=${x} y=${y} width="19" height="19" rx="2.5" />
      ${
        Number.isNaN(value)
          ? nothing
          : svg`<rect class="value" x=${x} y=${y} width="19" height="19" rx="2.5" ${cssProperties({ '--strength': strength(value) })} />`
      }`;
  }

  #cell(square: Square) {
    const value = this.values?.[square] ?? Number.NaN;
    const selected = square === this.selected;
    const [x, y] = [(square % 8) * UNIT, Math.floor(square / 8) * UNIT];
    return svg`<g
      role="gridcell"
      class="square"
      data-square=${squareName(square)}
      tabindex=${square === this.#cursor ? 0 : -1}
      aria-label=${`${this.statement} ${squareName(square)}, ${Number.isNaN(value) ? 'not measured' : value.toFixed(2)}`}
      aria-selected=${selected ? 'true' : 'false'}
      @click=${() => this.#choose(square)}
      @focus=${() => (this.moved = square)}
    >
      <title>${squareName(square)} ${Number.isNaN(value) ? '' : value.toFixed(2)}</title>
      ${this.#fill(square)}
      ${value > COUNTS ? svg`<circle class="told" cx=${x + 10} cy=${y + 10} r="1.7" />` : nothing}
      ${selected ? svg`<rect class="mark" x=${x + 1.5} y=${y + 1.5} width="17" height="17" rx="2" />` : nothing}
      <rect class="focus" x=${x + 0.5} y=${y + 0.5} width="19" height="19" rx="2.5" />
    </g>`;
  }

  #choose(square: Square): void {
    this.moved = square;
    this.dispatchEvent(new SquareEvent(square));
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#cursor;
    const row = at - (at % 8);
    const to: Record<string, Square> = {
      ArrowLeft: Math.max(row, at - 1),
      ArrowRight: Math.min(row + 7, at + 1),
      ArrowUp: at >= 8 ? at - 8 : at,
      ArrowDown: at < 56 ? at + 8 : at,
      Home: row,
      End: row + 7,
      PageUp: at % 8,
      PageDown: 56 + (at % 8),
    };
    const target = to[event.key];
    if (target !== undefined) {
      this.moved = target;
      this.renderRoot.querySelector<SVGGElement>(`[data-square=${squareName(target)}]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') this.#choose(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

/** How strongly a square is filled: not at .5, fully at 1. */
function strength(auroc: number): string {
  return Math.max(0, 2 * (auroc - 0.5)).toFixed(3);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-square-map': SquareMap;
  }
}
