import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CardBoard, Square } from 'othello-lens';

import { PositionEvent, SideBoardEvent } from '../../events.js';
import { roundPercent } from '../../text/numbers.js';
import { sideName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../mini-board/mini-board.js';

/**
 * A position beside the reader's game, which stays as it is.
 *
 * @fires ol-position - the position is to be opened in the player, as a line beside the reader's
 * @fires ol-side-board - the board is to be put away
 */
@customElement('ol-side-board')
export class SideBoard extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 260px) minmax(130px, 1fr);
        gap: 14px;
        align-items: start;
        padding: 12px;
        background: var(--sunk);
        border: 1px solid var(--line);
        border-radius: var(--radius);
      }
      p {
        margin-top: 6px;
        font-size: var(--size-small);
        color: var(--soft);
      }
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 12px;
      }
    `,
  ];

  @property({ attribute: false }) board: CardBoard | null = null;
  /** The square that the feature reads. */
  @property({ attribute: false }) marked: Square | null = null;
  /** The feature's largest activation. */
  @property({ type: Number }) max = 1;

  protected override firstUpdated(): void {
    this.scrollIntoView({ block: 'nearest' });
  }

  protected override render() {
    const { board } = this;
    if (!board) return html``;
    const { seed, activation, position } = board;
    const { ply, toMove } = position;
    return html`
      <ol-mini-board colours="own" .position=${position} .marked=${this.marked}></ol-mini-board>
      <div role="group" aria-label=${`Ply ${ply} of random game ${seed}`}>
        <h3>Random game <span class="number">${seed}</span>, ply ${ply}</h3>
        <p>
          ${toMove ? `${sideName(toMove)} is to move` : 'The game is over'}; activation
          <b class="number">${activation.toFixed(2)}</b>, ${roundPercent(activation / this.max)} of the maximum.
        </p>
        <p>Your game stays as it is. Opened in the player, this is a line beside it.</p>
        <div class="ways">
          <button class="main" @click=${() => this.dispatchEvent(new PositionEvent(seed, ply))}>Open in player</button>
          <button @click=${() => this.dispatchEvent(new SideBoardEvent(null))}>Close</button>
        </div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-side-board': SideBoard;
  }
}
