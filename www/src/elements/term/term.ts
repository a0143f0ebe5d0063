import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import { beside } from '../../controllers/popover.js';
import { FORMULAS, type Formula, type FormulaName } from '../../text/formulas.js';
import { maths } from '../../text/maths.js';
import { base } from '../base.styles.js';
import { styles } from './term.styles.js';

const PLACE = beside({ width: 330, height: 230, outdent: 12 });

/**
 * A term, with what it means behind it: one plain sentence, an example, and its formula. That it has one is
 * seen by its dotted line and, while it is pointed at or in focus, by an ƒ.
 *
 * @slot - the term
 */
@customElement('ol-term')
export class Term extends LitElement {
  static override styles = [base, styles];

  /** Which of the page's own formulas it is. */
  @property() name: FormulaName = 'legalMass';
  /** A formula that is none of these. */
  @property({ attribute: false }) formula: Formula | null = null;
  @state() private open = false;

  protected override render() {
    const formula = this.formula ?? FORMULAS[this.name];
    return html`<button popovertarget="card" aria-description=${`Formula: ${formula.title}`}><slot></slot><i aria-hidden="true">ƒ</i></button><div id="card" popover role="group" aria-label=${formula.title} @beforetoggle=${this.#onToggle}>${this.open ? this.#meaning(formula) : nothing}</div>`;
  }

  #meaning({ title, plain, example, lines, where }: Formula) {
    return html`
      <b>${title}</b>
      <p>${plain}</p>
      ${example ? html`<p>${example}</p>` : nothing}
      ${lines.map(maths)}
      <p class="where">${where}</p>
    `;
  }

  /** There are many terms, and few are ever opened. */
  readonly #onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    PLACE(event);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-term': Term;
  }
}
