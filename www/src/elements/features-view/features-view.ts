import { html } from 'lit';
import { customElement } from 'lit/decorators.js';

import { base } from '../base.styles.js';
import { ViewElement } from '../view-element.js';

/** What the features of the bundle know of the board. */
@customElement('ol-features-view')
export class FeaturesView extends ViewElement {
  static override styles = [base];

  protected override render() {
    return html`<main><h1 tabindex="-1">Features</h1></main>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-features-view': FeaturesView;
  }
}
