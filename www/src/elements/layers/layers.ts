import { html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DictionaryInfo } from 'othello-lens';

import { DictionaryEvent } from '../../events.js';
import { kind } from '../../text/dictionaries.js';
import { base, controls } from '../base.styles.js';
import { styles } from './layers.styles.js';

/**
 * Picks the layer to look at. Layers without an SAE are shown, and cannot be picked.
 *
 * @fires ol-dictionary - another dictionary was picked
 */
@customElement('ol-layers')
export class Layers extends LitElement {
  static override styles = [base, controls, styles];

  /** How many layers the model has. */
  @property({ type: Number }) layers = 8;
  @property({ attribute: false }) dictionaries: readonly DictionaryInfo[] = [];
  /** The one in view. */
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;

  protected override render() {
    return html`
      <div class="layers" role="radiogroup" aria-label="Layer" @keydown=${this.#onKey}>
        ${Array.from({ length: this.layers }, (_, layer) => this.#layer(layer))}
      </div>
    `;
  }

  #layer(layer: number) {
    const first = this.#at(layer);
    const checked = this.dictionary?.reads[0].layer === layer;
    const why = `No SAE for layer ${layer} in this bundle`;
    return html`<button
      role="radio"
      aria-checked=${checked}
      aria-disabled=${!first}
      tabindex=${checked || (!this.dictionary && layer === 0) ? 0 : -1}
      title=${first ? `Layer ${layer}: ${first.title}` : why}
      aria-label=${first ? `Layer ${layer}` : `Layer ${layer}, ${why}`}
      data-layer=${layer}
      @click=${() => first && !checked && this.#pick(first.id)}
    >${checked ? html`<span>Layer </span>${layer}` : layer}</button>`;
  }

  /** The SAE of a layer: of the kind in view, if there is one. */
  #at(layer: number): DictionaryInfo | undefined {
    const { dictionary } = this;
    const here = this.dictionaries.filter((each) => each.reads[0].layer === layer);
    const alike = (each: DictionaryInfo) =>
      dictionary !== null &&
      each.reads[0].site === dictionary.reads[0].site &&
      kind(each) === kind(dictionary);
    return here.find(alike) ?? here[0];
  }

  /** Arrow keys go over all layers, so that one hears why some cannot be picked. */
  #onKey = (event: KeyboardEvent): void => {
    const { layer } = (event.target as HTMLElement).dataset;
    const focused = Number(layer);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || Number.isNaN(focused)) return;
    event.preventDefault();
    event.stopPropagation();
    const to = (focused + step + this.layers) % this.layers;
    this.renderRoot.querySelector<HTMLElement>(`[data-layer="${to}"]`)?.focus();
  };

  #pick(id: string): void {
    this.dispatchEvent(new DictionaryEvent(id));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-layers': Layers;
  }
}
