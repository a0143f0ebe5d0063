import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';

import type { Address } from '../state/address.js';
import type { Session } from '../state/session.js';

/**
 * A view of the page: it is drawn from the model's session, which all views share, and from the page's
 * address, and anew after each change of either. It changes the address by a `NavigateEvent`, and leads
 * elsewhere by links to what `hrefOf` gives. Its heading is an `h1` that can be focused (`tabindex="-1"`):
 * whoever comes from another view begins there.
 */
export abstract class ViewElement extends LitElement {
  @property({ attribute: false }) session!: Session;
  @property({ attribute: false }) address!: Address;
  #unsubscribe = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.session.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }
}
