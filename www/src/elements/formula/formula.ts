import { html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';

import { FORMULAS, type FormulaName } from '../../text/formulas.js';
import { base } from '../base.styles.js';
import { styles } from './formula.styles.js';

/** The definition of the number beside it, behind a small button. */
@customElement('ol-formula')
export class FormulaButton extends LitElement {
  static override styles = [base, styles];

  @property() name: FormulaName = 'legalMass';

  @query('button') private button!: HTMLElement;
  @query('[popover]') private card!: HTMLElement;

  protected override render() {
    const { title, math, where } = FORMULAS[this.name];
    return html`
      <button popovertarget="card" aria-label=${`Formula: ${title}`}>ƒ</button>
      <div id="card" popover role="group" aria-label=${title} @beforetoggle=${this.#place}>
        <b>${title}</b>
        ${math}
        <p>${where}</p>
      </div>
    `;
  }

  /** Under the button, within the window. */
  #place = (event: ToggleEvent): void => {
    if (event.newState !== 'open') return;
    const { left, bottom, top } = this.button.getBoundingClientRect();
    const { style } = this.card;
    const width = Math.min(320, innerWidth - 24);
    style.width = `${width}px`;
    style.left = `${Math.max(12, Math.min(left - 20, innerWidth - width - 12))}px`;
    const below = bottom + 200 < innerHeight;
    style.top = below ? `${bottom + 6}px` : 'auto';
    style.bottom = below ? 'auto' : `${innerHeight - top + 6}px`;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-formula': FormulaButton;
  }
}
