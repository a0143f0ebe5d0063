import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Position, Square } from 'othello-lens';

import { base } from '../base.styles.js';

/**
 * A position in small, with squares marked. With `colours="own"` its discs are those of the player to move and
 * of the opponent, in their two colours; else black and white. It says nothing of itself: whoever shows it does.
 */
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
      .own {
        fill: var(--own);
      }
      .opponent {
        fill: var(--opponent);
      }
      .last {
        fill: var(--board);
        stroke: var(--ink);
        stroke-width: 0.6;
      }
      .mark {
        fill: none;
        stroke: var(--ink);
        stroke-width: 1.6;
      }
      .halo {
        fill: none;
        stroke: var(--board);
        stroke-width: 3.6;
      }
      @media (forced-colors: active) {
        svg {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) position: Position | null = null;
  /** The square that is spoken of. */
  @property({ attribute: false }) marked: Square | null = null;
  /** Whose discs are told apart: the two sides’, or those of the player to move and of the opponent. */
  @property() colours: 'sides' | 'own' = 'sides';

  protected override render() {
    const { position, marked } = this;
    return html`<svg viewBox="0 0 80 80" aria-hidden="true"><rect class="felt" width="80" height="80" rx="3" /><path
      class="lines" d=${LINES} />${[1, 2].map(
        (disc) => svg`<path class=${this.#classOf(disc)} d=${discs(position, disc)} />`,
      )}${
        position?.move == null
          ? nothing
          : svg`<circle class="last" cx=${column(position.move) + 5} cy=${row(position.move) + 5} r="1.3" />`
      }${
        marked === null
          ? nothing
          : ['halo', 'mark'].map(
              (name) =>
                svg`<rect class=${name} x=${column(marked) + 0.4} y=${row(marked) + 0.4} width="9.2" height="9.2" rx="1.5" />`,
            )
      }</svg>`;
  }

  #classOf(disc: number): string {
    const side = disc === 1 ? 'black' : 'white';
    // Once the game is over nobody is to move.
    const toMove = this.position?.toMove;
    if (this.colours === 'sides' || !toMove) return side;
    return side === toMove ? 'own' : 'opponent';
  }
}

/** The discs of one colour, as one path: the page shows many boards. */
function discs(position: Position | null, colour: number): string {
  return [...(position?.board ?? [])]
    .map((disc, square) =>
      disc === colour ? `M${column(square) + 1} ${row(square) + 5}a4 4 0 1 0 8 0a4 4 0 1 0-8 0` : '',
    )
    .join('');
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
