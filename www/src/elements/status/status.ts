import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Position, Square } from 'othello-lens';

import { cssProperties } from '../../directives/css-properties.js';
import { sideName, squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import { styles } from './status.styles.js';

/** Whose turn it is, why a move was refused, and the discs of either side. */
@customElement('ol-status')
export class Status extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) position: Position | null = null;
  @property({ type: Number }) last = 0;
  /** The square that was chosen though no move there is legal. */
  @property({ attribute: false }) refused: Square | null = null;

  protected override render() {
    const { position } = this;
    if (!position) return html``;
    const { black, white } = position.score;
    return html`
      <h2>
        <i class=${position.toMove ?? 'none'} aria-hidden="true"></i>
        ${this.#turn(position)}
      </h2>
      <span class="ply number">${
        this.refused === null
          ? `ply ${position.ply} of ${this.last}`
          : html`<span class="warn">${squareName(this.refused)} is not legal</span>`
      }</span>
      <span class="score number">
        <i class="black" aria-hidden="true"></i><span class="unseen">Black</span> ${black}
        <span class="tug" aria-hidden="true"><span ${cssProperties({ '--share': black / Math.max(1, black + white) })}></span></span>
        <span class="unseen">White</span> ${white} <i class="white" aria-hidden="true"></i>
      </span>
    `;
  }

  #turn({ toMove, skipped, score }: Position) {
    if (!toMove) {
      if (score.black === score.white) return 'Game over: a draw';
      return `Game over: ${score.black > score.white ? 'Black' : 'White'} wins`;
    }
    const to = `${sideName(toMove)} to move`;
    // One reason at a time: there is no room for two.
    return skipped && this.refused === null
      ? html`${to} <small>${sideName(toMove === 'black' ? 'white' : 'black')} skipped</small>`
      : to;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-status': Status;
  }
}
