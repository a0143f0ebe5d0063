import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { KeptBundle } from 'othello-lens';

import { BundleEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import { BUNDLES } from '../../state/bundles.js';
import { VIEWS } from '../../state/views.js';
import '../badge/badge.js';
import { base, controls } from '../base.styles.js';
import '../own-bundles/own-bundles.js';
import { ViewElement } from '../view-element.js';
import { styles } from './site-header.styles.js';

/**
 * The name of the page, the ways to its views, the model that all of them show, and what computes it.
 *
 * @fires ol-bundle - another model was chosen
 */
@customElement('ol-site-header')
export class SiteHeader extends ViewElement {
  static override styles = [base, controls, styles];

  /** Whether something failed without which there is no model. */
  @property({ type: Boolean }) failed = false;
  /** The bundles that this browser keeps. */
  @property({ attribute: false }) kept: readonly KeptBundle[] = [];
  /** Whether the ways to a bundle of one's own are shown. */
  @state() private isOpen = false;

  protected override render() {
    const { address, session } = this;
    return html`
      <header>
        <a class="name" href=${hrefOf(address, { view: 'play' })}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle class="mark-black" cx="10" cy="10" r="7.5" />
            <path class="mark-white" d="M10 2.5a7.5 7.5 0 0 1 0 15z" />
            <path class="mark-lens" d="M15.6 15.6 21.5 21.5" />
            <circle class="mark-ring" cx="10" cy="10" r="7.5" />
          </svg>
          othello-lens
        </a>
        <nav aria-label="Main">
          ${VIEWS.map(
            ({ name, link }) => html`<a
              href=${hrefOf(address, { view: name })}
              aria-current=${name === address.view ? 'page' : nothing}
            >${link}</a>`,
          )}
        </nav>
        <div class="models" role="group" aria-label="Model">
          ${BUNDLES.map(
            (bundle) => html`<button
              title=${bundle.about}
              aria-pressed=${bundle === session.bundle}
              @click=${() => this.dispatchEvent(new BundleEvent(bundle))}
            >${bundle.title}</button>`,
          )}
          <button
            title="A model of your own: files, an address, what this browser keeps"
            aria-pressed=${!BUNDLES.includes(session.bundle)}
            aria-expanded=${this.isOpen}
            @click=${this.#onAsk}
          >${BUNDLES.includes(session.bundle) ? 'your own …' : session.bundle.title}</button>
        </div>
        <ol-badge
          .engine=${session.engine}
          .model=${session.model}
          .progress=${session.progress}
          .milliseconds=${session.milliseconds}
          .device=${session.device}
          ?failed=${this.failed}
        ></ol-badge>
        ${session.progress && !session.failure ? this.#progress(session.progress) : nothing}
        ${
          this.isOpen
            ? html`<ol-own-bundles
                .current=${session.bundle}
                .kept=${this.kept}
                @keydown=${this.#onKey}
                @ol-bundle=${this.#close}
                @ol-files=${this.#close}
              ></ol-own-bundles>`
            : nothing
        }
      </header>
    `;
  }

  readonly #onAsk = async (): Promise<void> => {
    this.isOpen = !this.isOpen;
    await this.updateComplete;
    this.renderRoot.querySelector('ol-own-bundles')?.focus();
  };

  readonly #onKey = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape') this.#close();
  };

  /** The focus returns to what opened it. */
  readonly #close = (): void => {
    this.isOpen = false;
    this.renderRoot.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };

  #progress({ loaded, total }: { loaded: number; total: number }) {
    return html`<progress
      aria-label="Loading the model"
      max=${total || 1}
      .value=${total ? loaded : 0}
    ></progress>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-site-header': SiteHeader;
  }
}
