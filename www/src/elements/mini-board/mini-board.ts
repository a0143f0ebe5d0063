import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Position, Square } from 'othello-lens';

import { base } from '../base.styles.js';

/** A position in small, with one square marked. It says nothing of itself: whoever shows it does. */
@customElement('ol-mini-board')
export class MiniBoard extends LitElement {
  static override styles = [
    base,
    css`
      svg {
        display: block;
        width: 100%;
        aspect-ratio: 1;
      }
      .felt {
        fill: var(--board);
      }
      .lines {
        fill: none;
        stroke: var(--grid);
        stroke-width: 0.5;
      }
      .black,
      .white {
        stroke: var(--disc-edge);
        stroke-width: 0.5;
      }
      .black {
        fill: var(--black);
      }
      .white {
        fill: var(--white);
      }
      .last {
        fill: var(--opponent);
      }
      .mark {
        fill: none;
        stroke: var(--own);
        stroke-width: 2.2;
      }
      .halo {
        fill: none;
        stroke: var(--board);
        stroke-width: 4.2;
      }
      @media (forced-colors: active) {
        svg {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) position: Position | null = null;
  @property({ attribute: false }) marked: Square | null = null;

  protected override render() {
    const { position, marked } = this;
    return html`
      <svg viewBox="0 0 80 80" aria-hidden="true">
        <rect class="felt" width="80" height="80" rx="3" />
        <path class="lines" d=${LINES} />
        ${[...(position?.board ?? [])].map((disc, square) =>
          disc
            ? svg`<circle class=${disc === 1 ? 'black' : 'white'} cx=${column(square) + 5} cy=${row(square) + 5} r="4" />`
            : nothing,
        )}
        ${
          position?.move == null
            ? nothing
            : svg`<circle class="last" cx=${column(position.move) + 5} cy=${row(position.move) + 5} r="1.3" />`
        }
        ${
          marked === null
            ? nothing
            : ['halo', 'mark'].map(
                (name) =>
                  svg`<rect class=${name} x=${column(marked) + 0.4} y=${row(marked) + 0.4} width="9.2" height="9.2" rx="1.5" />`,
              )
        }
      </svg>
    `;
  }
}

const LINES = [1, 2, 3, 4, 5, 6, 7].map((i) => `M${10 * i} 0v80M0 ${10 * i}h80`).join('');

function column(square: Square): number {
  return 10 * (square % 8);
}

function row(square: Square): number {
  return 10 * Math.floor(square / 8);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-mini-board': MiniBoard;
  }
}
