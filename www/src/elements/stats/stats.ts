import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { NextMove, Position } from 'othello-lens';

import { exactPercent, percent } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import '../term/term.js';
import { styles } from './stats.styles.js';

/** How well the model knows where it may move: four numbers, each with its formula. */
@customElement('ol-stats')
export class Stats extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) position: Position | null = null;
  /** What the model expects; null where it says nothing, undefined where it is not known yet. */
  @property({ attribute: false }) next: NextMove | null | undefined = null;

  /** Whether it is known what is legal. */
  @property({ type: Boolean }) known = false;

  protected override render() {
    const { next, position } = this;
    const legal = position?.legal ?? [];
    const moves = legal.length;
    const mass = legal.reduce((sum, square) => sum + (next?.probabilities[square] ?? 0), 0);
    return html`
      <dl>
        <div>
          <dt><ol-term name="legalMass">legal</ol-term></dt>
          <dd>${next ? exactPercent(mass) : '–'}</dd>
        </div>
        <div>
          <dt><ol-term name="top">top move</ol-term>${next ? (next.topIsLegal ? ', legal' : html`, <b class="warn">illegal ×</b>`) : ''}</dt>
          <dd>${next ? html`${squareName(next.top)} <small>${percent(next.probabilities[next.top] ?? 0)}</small>` : '–'}</dd>
        </div>
        <div>
          <dt><ol-term name="kl">distance from uniform over legal moves</ol-term></dt>
          <dd>${next ? html`${next.klFromUniform.toFixed(3)} <small>nats</small>` : '–'}</dd>
        </div>
        <div>
          <dt><ol-term name="uniform">legal moves</ol-term></dt>
          <dd>${this.known ? moves : '–'}${this.known && moves > 0 ? html` <small>${percent(1 / moves)}${moves > 1 ? ' each' : ''}</small>` : ''}</dd>
        </div>
      </dl>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-stats': Stats;
  }
}
