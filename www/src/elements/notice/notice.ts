import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { RetryEvent } from '../../events.js';
import type { Failure } from '../../state/failure.js';
import { base, controls } from '../base.styles.js';
import { styles } from './notice.styles.js';

/**
 * Says what did not work and what to do.
 *
 * @fires ol-retry - it is to be tried again
 * @slot - further ways out
 */
@customElement('ol-notice')
export class Notice extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) failure: Failure | null = null;

  protected override render() {
    const { failure } = this;
    if (!failure) return nothing;
    return html`
      <div role="alert">
        <h2>${failure.title}</h2>
        <p>${failure.what}</p>
        <p class="remedy">${failure.remedy}</p>
      </div>
      <div class="ways">
        ${failure.retry ? html`<button class="main" @click=${() => this.dispatchEvent(new RetryEvent())}>Try again</button>` : nothing}
        <slot></slot>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-notice': Notice;
  }
}
