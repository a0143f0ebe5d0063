import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { beside } from '../../controllers/popover.js';
import { FORMULAS, type Formula, type FormulaName } from '../../text/formulas.js';
import { maths } from '../../text/maths.js';
import { base } from '../base.styles.js';
import { styles } from './formula-button.styles.js';

const PLACE = beside({ width: 320, height: 200, outdent: 20 });

/** The definition of the number beside it, behind a small button. */
@customElement('ol-formula-button')
export class FormulaButton extends LitElement {
  static override styles = [base, styles];

  /** Which of the page's own formulas it is. */
  @property() name: FormulaName = 'legalMass';
  /** A formula that is none of these. */
  @property({ attribute: false }) formula: Formula | null = null;

  protected override render() {
    const { title, lines, where } = this.formula ?? FORMULAS[this.name];
    return html`
      <button popovertarget="card" aria-label=${`Formula: ${title}`}>ƒ</button>
      <div id="card" popover role="group" aria-label=${title} @beforetoggle=${PLACE}>
        <b>${title}</b>
        ${lines.map(maths)}
        <p>${where}</p>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-formula-button': FormulaButton;
  }
}
