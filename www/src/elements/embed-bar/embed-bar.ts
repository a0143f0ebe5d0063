import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import type { Subject } from '../../embed/code.js';
import type { Widget } from '../../embed/query.js';
import { EmbedEvent } from '../../events.js';
import { base, controls } from '../base.styles.js';

const WHAT: Record<Widget, string> = {
  'othello-feature': 'Embed this feature',
  'othello-figure': 'Embed this figure',
  'othello-player': 'Embed this game',
};

/**
 * Offers to put what is in view into another page.
 *
 * @fires ol-embed - the composer is to open
 */
@customElement('ol-embed-bar')
export class EmbedBar extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      section {
        display: flex;
        justify-content: flex-end;
        padding: 0 24px 14px;
      }
    `,
  ];

  /** What is in view; null if nothing of it can be embedded. */
  @property({ attribute: false }) subject: Subject | null = null;

  protected override render() {
    const { subject } = this;
    if (!subject) return nothing;
    return html`
      <section aria-label="Embed">
        <button type="button" @click=${() => this.dispatchEvent(new EmbedEvent(subject))}>${WHAT[subject.widget]}</button>
      </section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-embed-bar': EmbedBar;
  }
}
