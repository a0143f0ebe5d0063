import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { KeptBundle } from 'othello-lens';

import { BundleEvent, FilesEvent, RemoveBundleEvent } from '../../events.js';
import { BUNDLES, type Bundle, bundleAt, isKept, keptBundle } from '../../state/bundles.js';
import { directAddress, isFileAddress, pickedFiles } from '../../state/files.js';
import { download } from '../../state/kept.js';
import { megabytes } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './own-bundles.styles.js';

/**
 * The ways to a bundle of one's own: files, an address, those that this browser keeps.
 *
 * @fires ol-files - files were picked, or the address of one given
 * @fires ol-bundle - a bundle was chosen
 * @fires ol-remove-bundle - a kept bundle is to be removed
 */
@customElement('ol-own-bundles')
export class OwnBundles extends LitElement {
  static override styles = [base, controls, styles];

  /** The bundle in view. */
  @property({ attribute: false }) current: Bundle = BUNDLES[0];
  @property({ attribute: false }) kept: readonly KeptBundle[] = [];
  /** Why what was typed is no address. */
  @state() private fault: string | null = null;
  /** The address of the kept bundle that is being packed for the reader. */
  @state() private packing: string | null = null;

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('#own-bundle')?.focus();
  }

  protected override render() {
    return html`
      <div class="files">
        <button type="button" class="main" @click=${() => this.#pick('#files')}>Open files…</button>
        <button type="button" @click=${() => this.#pick('#folder')}>Open a folder…</button>
        <input id="files" class="unseen" type="file" multiple tabindex="-1" aria-hidden="true" @change=${this.#onFiles} />
        <input id="folder" class="unseen" type="file" webkitdirectory tabindex="-1" aria-hidden="true" @change=${this.#onFiles} />
        <p>
          A checkpoint of minGPT, TransformerLens or Huben, SAEs of SAELens or dictionary_learning, probes, a zip of
          them: drop them anywhere on the page. They stay in this browser.
        </p>
      </div>
      ${this.#address()}
      ${
        this.kept.length > 0
          ? html`<ul aria-label="Kept in this browser">
              ${this.kept.map((bundle) => this.#kept(bundle))}
            </ul>`
          : nothing
      }
    `;
  }

  #address() {
    const { current } = this;
    return html`<form novalidate @submit=${this.#onAddress}>
      <label for="own-bundle">Address of a bundle’s folder, or of a file</label>
      <input
        id="own-bundle"
        name="address"
        type="url"
        inputmode="url"
        placeholder="https://example.org/models/mine/"
        spellcheck="false"
        aria-invalid=${this.fault !== null}
        aria-describedby="own-bundle-says"
        .value=${BUNDLES.includes(current) || isKept(current.path) ? '' : current.path}
      />
      <button>Open it</button>
      <p id="own-bundle-says" role=${this.fault ? 'alert' : nothing}>
        ${this.fault ?? 'Its host has to let other pages read it (CORS). Nothing of it is sent anywhere.'}
      </p>
    </form>`;
  }

  #kept(kept: KeptBundle) {
    const bundle = keptBundle(kept);
    const { name, layers, dModel, dictionaries, probes, bytes, address } = kept;
    return html`<li>
      <button
        type="button"
        class="open"
        aria-pressed=${bundle === this.current}
        @click=${() => this.dispatchEvent(new BundleEvent(bundle))}
      >
        <b>${name}</b>
        <span>
          ${layers} layers of width ${dModel}${many(dictionaries, 'dictionary', 'dictionaries')}${many(probes, 'probe', 'probes')},
          ${megabytes(bytes)}
        </span>
      </button>
      <button
        type="button"
        aria-label=${`Download ${name} as a bundle`}
        ?disabled=${this.packing === address}
        @click=${() => this.#download(kept)}
      >${this.packing === address ? 'Packing …' : 'Download'}</button>
      <button
        type="button"
        aria-label=${`Remove ${name}`}
        @click=${() => this.dispatchEvent(new RemoveBundleEvent(kept))}
      >Remove</button>
    </li>`;
  }

  #pick(input: string): void {
    this.renderRoot.querySelector<HTMLInputElement>(input)?.click();
  }

  readonly #onFiles = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const files = pickedFiles(input.files ?? []);
    // The same files may be chosen again.
    input.value = '';
    if (files.length > 0) this.dispatchEvent(new FilesEvent(files));
  };

  readonly #onAddress = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = String(new FormData(event.target as HTMLFormElement).get('address') ?? '').trim();
    const bundle = bundleAt(given);
    if (!bundle) {
      this.fault = `“${given}” is no address of the web: it has to begin with https:// or http://.`;
      return;
    }
    this.fault = null;
    const address = directAddress(given);
    this.dispatchEvent(isFileAddress(address) ? new FilesEvent([address]) : new BundleEvent(bundle));
  };

  async #download(bundle: KeptBundle): Promise<void> {
    this.packing = bundle.address;
    try {
      await download(bundle);
    } finally {
      this.packing = null;
    }
  }
}

/** `, 2 probes`; nothing of none. */
function many(count: number, one: string, more: string): string {
  return count === 0 ? '' : `, ${count} ${count === 1 ? one : more}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-own-bundles': OwnBundles;
  }
}
