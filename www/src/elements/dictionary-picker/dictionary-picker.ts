import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { DictionaryInfo } from 'othello-lens';

import { ListboxController } from '../../controllers/listbox.js';
import { beside } from '../../controllers/popover.js';
import { DictionaryEvent } from '../../events.js';
import { groups, idWithinPlace, kind } from '../../text/dictionaries.js';
import { megabytes, percent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './dictionary-picker.styles.js';

const PLACE = beside({ width: 470, height: 320 });

/**
 * Picks one SAE of many, by layer and by what it was made by, with the figures that tell them apart.
 *
 * @fires ol-dictionary - another dictionary was picked
 */
@customElement('ol-dictionary-picker')
export class DictionaryPicker extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) dictionaries: readonly DictionaryInfo[] = [];
  /** The one in view. */
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @state() private open = false;
  readonly #listbox = new ListboxController<string>(this, (id) => this.#pick(id));

  @query('.picker') private button!: HTMLElement;
  @query('[popover]') private popup!: HTMLElement;
  @query('[role=listbox]') private list!: HTMLElement;

  protected override render() {
    const { dictionary, dictionaries } = this;
    // Most bundles have several: what is below keeps its place when they are known.
    if (dictionaries.length === 0) return html`<div class="room"></div>`;
    if (dictionaries.length < 2 || !dictionary) return nothing;
    const rows = groups(dictionaries);
    const cursor = this.#listbox.list(
      rows.flatMap((group) => group.dictionaries.map(({ id }) => id)),
      dictionary.id,
    );
    return html`
      <button
        class="picker"
        popovertarget="dictionaries"
        aria-haspopup="listbox"
        aria-expanded=${this.open}
        aria-label=${`SAE: ${dictionary.id}, ${kind(dictionary)}, ${figures(dictionary)}`}
      ><b>${kind(dictionary)}</b><span class="number">${figures(dictionary)}</span><i aria-hidden="true">▾</i></button>
      <div id="dictionaries" popover @beforetoggle=${PLACE} @toggle=${this.#onToggle}>
        <div class="row head" aria-hidden="true">
          <span>${dictionaries.length} SAEs</span><span>L0</span><span>FVU</span><span>of 180</span><span>size</span>
        </div>
        <div
          class="rows"
          role="listbox"
          tabindex="0"
          aria-label="SAEs"
          aria-activedescendant=${cursor === null ? nothing : this.#listbox.optionId(cursor)}
          @keydown=${this.#listbox.onKey}
        >
          ${rows.map(
            ({ place, dictionaries: group }, at) => html`
              <div role="group" aria-labelledby=${`group-${at}`}>
                <p class="place" id=${`group-${at}`} role="presentation">${place}</p>
                ${group.map((row) => this.#row(row, row.id === cursor))}
              </div>
            `,
          )}
        </div>
        <p class="note">
          L0: active features a position. FVU: variance unexplained. Of 180: contents of squares that one
          feature tells with an AUROC above 0.9.
        </p>
      </div>
    `;
  }

  #row(row: DictionaryInfo, at: boolean) {
    const { l0, fvu, contents_over_0_9: contents } = row.metrics;
    return html`
      <div
        id=${this.#listbox.optionId(row.id)}
        class=${at ? 'row option at' : 'row option'}
        role="option"
        aria-selected=${row.id === this.dictionary?.id}
        aria-label=${`${row.id}, ${kind(row)}, ${figures(row)}`}
        @click=${() => this.#pick(row.id)}
      >
        <span class="name"><b>${kind(row)}</b><small>${idWithinPlace(row)}</small></span>
        <span class="number">${l0 === undefined ? '–' : l0.toFixed(l0 < 10 ? 1 : 0)}</span>
        <span class="number">${fvu === undefined ? '–' : percent(fvu)}</span>
        <span class="number">${contents === undefined ? '–' : contents}</span>
        <span class="number">${megabytes(row.bytes)}</span>
      </div>
    `;
  }

  #onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    this.#listbox.move(null);
    if (!this.open) return;
    this.list.focus();
    void this.updateComplete.then(() => this.#listbox.reveal('center'));
  };

  #pick(id: string): void {
    this.popup.hidePopover();
    this.button.focus();
    this.dispatchEvent(new DictionaryEvent(id));
  }
}

/** `L0 148, FVU 8.8 %, 9 of 180`: what is known of it. */
function figures({ metrics }: DictionaryInfo): string {
  const { l0, fvu, contents_over_0_9: contents } = metrics;
  return [
    ...(l0 === undefined ? [] : [`L0 ${l0.toFixed(l0 < 10 ? 1 : 0)}`]),
    ...(fvu === undefined ? [] : [`FVU ${percent(fvu)}`]),
    ...(contents === undefined ? [] : [`${contents} of 180`]),
  ].join(', ');
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-dictionary-picker': DictionaryPicker;
  }
}
