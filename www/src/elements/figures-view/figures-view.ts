import { html } from 'lit';
import { customElement } from 'lit/decorators.js';

import { base } from '../base.styles.js';
import { ViewElement } from '../view-element.js';

/** The figures that the bundle was measured by. */
@customElement('ol-figures-view')
export class FiguresView extends ViewElement {
  static override styles = [base];

  protected override render() {
    return html`<main><h1 tabindex="-1">Figures</h1></main>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-figures-view': FiguresView;
  }
}
