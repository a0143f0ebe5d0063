import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import { BundleEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import { BUNDLES, bundleAt } from '../../state/bundles.js';
import { VIEWS } from '../../state/views.js';
import '../badge/badge.js';
import { base, controls } from '../base.styles.js';
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
  /** Whether the address of another bundle can be typed. */
  @state() private asksAddress = false;
  /** Why what was typed is no address. */
  @state() private fault: string | null = null;

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
            title="A bundle of your own, by its address"
            aria-pressed=${!BUNDLES.includes(session.bundle)}
            aria-expanded=${this.asksAddress}
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
        ${this.asksAddress ? this.#address() : nothing}
      </header>
    `;
  }

  #address() {
    const { bundle } = this.session;
    return html`<form class="own-bundle" novalidate @submit=${this.#onAddress} @keydown=${this.#onKey}>
      <label for="own-bundle">Address of a bundle’s folder</label>
      <input
        id="own-bundle"
        name="address"
        type="url"
        inputmode="url"
        placeholder="https://example.org/models/mine/"
        spellcheck="false"
        aria-invalid=${this.fault !== null}
        aria-describedby="own-bundle-says"
        .value=${BUNDLES.includes(bundle) ? '' : bundle.path}
      />
      <button class="main">Open it</button>
      <p id="own-bundle-says" role=${this.fault ? 'alert' : nothing}>
        ${this.fault ?? 'Its host has to let other pages read it (CORS). Nothing of it is sent anywhere.'}
      </p>
    </form>`;
  }

  readonly #onAsk = async (): Promise<void> => {
    this.asksAddress = !this.asksAddress;
    this.fault = null;
    await this.updateComplete;
    this.renderRoot.querySelector('input')?.focus();
  };

  readonly #onKey = ({ key }: KeyboardEvent): void => {
    if (key !== 'Escape') return;
    this.asksAddress = false;
    this.renderRoot.querySelector<HTMLElement>('[aria-expanded]')?.focus();
  };

  readonly #onAddress = (event: SubmitEvent): void => {
    event.preventDefault();
    const address = String(new FormData(event.target as HTMLFormElement).get('address') ?? '').trim();
    const bundle = bundleAt(address);
    if (!bundle) {
      this.fault = `“${address}” is no address of the web: it has to begin with https:// or http://.`;
      return;
    }
    this.asksAddress = false;
    this.fault = null;
    this.dispatchEvent(new BundleEvent(bundle));
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
