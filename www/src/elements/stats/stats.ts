import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { NextMove, Position } from 'othello-lens';

import { exactPercent, percent } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import '../formula-button/formula-button.js';
import { styles } from './stats.styles.js';

/** How well the model knows where it may move: four numbers, each with its formula. */
@customElement('ol-stats')
export class Stats extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) position: Position | null = null;
  /** What the model expects; null where it says nothing, undefined where it is not known yet. */
  @property({ attribute: false }) next: NextMove | null | undefined = null;

  protected override render() {
    const { next, position } = this;
    const legal = position?.legal ?? [];
    const moves = legal.length;
    const mass = legal.reduce((sum, square) => sum + (next?.probabilities[square] ?? 0), 0);
    return html`
      <dl>
        <div>
          <dt>mass on legal moves <ol-formula-button name="legalMass"></ol-formula-button></dt>
          <dd>${next ? exactPercent(mass) : '–'}</dd>
        </div>
        <div>
          <dt>
            ${
              next && !next.topIsLegal
                ? html`top move, <b class="warn">illegal ×</b>`
                : html`top move${next ? ', legal' : ''}`
            } <ol-formula-button name="top"></ol-formula-button>
          </dt>
          <dd>${next ? html`${squareName(next.top)} <small>${percent(next.probabilities[next.top] ?? 0)}</small>` : '–'}</dd>
        </div>
        <div>
          <dt>KL from uniform, nats <ol-formula-button name="kl"></ol-formula-button></dt>
          <dd>${next ? next.klFromUniform.toFixed(3) : '–'}</dd>
        </div>
        <div>
          <dt>legal moves <ol-formula-button name="uniform"></ol-formula-button></dt>
          <dd>${moves}${moves > 0 ? html` <small>${percent(1 / moves)}${moves > 1 ? ' each' : ''}</small>` : ''}</dd>
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
