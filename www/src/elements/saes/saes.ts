import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { SaeInfo } from 'othello-lens';

import { megabytes, percent } from '../../text/numbers.js';
import { groups, idWithinPlace, kind } from '../../text/saes.js';
import { base, controls } from '../base.styles.js';
import { styles } from './saes.styles.js';

/**
 * Picks one SAE of many, by layer and by what it was made by, with the figures that tell them apart.
 *
 * @fires pick - another SAE was picked; `detail.sae`
 */
@customElement('ol-saes')
export class SaePicker extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) saes: readonly SaeInfo[] = [];
  @property({ attribute: false }) sae: SaeInfo | null = null;
  /** The row that the keyboard is on. */
  @state() private cursor: string | null = null;
  @state() private open = false;

  @query('.picker') private button!: HTMLElement;
  @query('[popover]') private popup!: HTMLElement;
  @query('[role=listbox]') private list!: HTMLElement;

  protected override render() {
    const { sae } = this;
    // Most bundles have several: what is below keeps its place when they are known.
    if (this.saes.length === 0) return html`<div class="room"></div>`;
    if (this.saes.length < 2 || !sae) return nothing;
    const rows = groups(this.saes);
    const cursor = this.cursor ?? sae.id;
    return html`
      <button
        class="picker"
        popovertarget="saes"
        aria-haspopup="listbox"
        aria-expanded=${this.open}
        aria-label=${`SAE: ${sae.id}, ${kind(sae)}, ${figures(sae)}`}
      ><b>${kind(sae)}</b><span class="number">${figures(sae)}</span><i aria-hidden="true">▾</i></button>
      <div id="saes" popover @beforetoggle=${this.#place} @toggle=${this.#onToggle}>
        <div class="row head" aria-hidden="true">
          <span>${this.saes.length} SAEs</span><span>L0</span><span>FVU</span><span>of 180</span><span>size</span>
        </div>
        <div
          class="rows"
          role="listbox"
          tabindex="0"
          aria-label="SAEs"
          aria-activedescendant=${`sae-${cursor}`}
          @keydown=${(event: KeyboardEvent) => this.#onKey(event, cursor)}
        >
          ${rows.map(
            ({ name, saes }, group) => html`
              <div role="group" aria-labelledby=${`group-${group}`}>
                <p class="place" id=${`group-${group}`} role="presentation">${name}</p>
                ${saes.map((row) => this.#row(row, row.id === cursor))}
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

  #row(sae: SaeInfo, at: boolean) {
    const { l0, fvu, contents_over_0_9: contents } = sae.metrics;
    return html`
      <div
        id=${`sae-${sae.id}`}
        class=${at ? 'row option at' : 'row option'}
        role="option"
        aria-selected=${sae.id === this.sae?.id}
        aria-label=${`${sae.id}, ${kind(sae)}, ${figures(sae)}`}
        @click=${() => this.#pick(sae.id)}
      >
        <span class="name"><b>${kind(sae)}</b><small>${idWithinPlace(sae)}</small></span>
        <span class="number">${l0 === undefined ? '–' : l0.toFixed(l0 < 10 ? 1 : 0)}</span>
        <span class="number">${fvu === undefined ? '–' : percent(fvu)}</span>
        <span class="number">${contents === undefined ? '–' : contents}</span>
        <span class="number">${megabytes(sae.bytes)}</span>
      </div>
    `;
  }

  /** Under the button, within the window. */
  #place = (event: ToggleEvent): void => {
    if (event.newState !== 'open') return;
    this.cursor = null;
    const { left, bottom, top } = this.button.getBoundingClientRect();
    const { style } = this.popup;
    const width = Math.min(470, innerWidth - 24);
    const below = innerHeight - bottom;
    style.width = `${width}px`;
    style.left = `${Math.max(12, Math.min(left, innerWidth - width - 12))}px`;
    style.top = below > 320 || below > top ? `${bottom + 6}px` : 'auto';
    style.bottom = below > 320 || below > top ? 'auto' : `${innerHeight - top + 6}px`;
    style.setProperty('--room', `${Math.max(below, top) - 24}px`);
  };

  #onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    if (!this.open) return;
    this.list.focus();
    this.renderRoot.querySelector('.at')?.scrollIntoView({ block: 'center' });
  };

  #onKey(event: KeyboardEvent, cursor: string): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const ids = groups(this.saes).flatMap(({ saes }) => saes.map(({ id }) => id));
    const at = ids.indexOf(cursor);
    const last = ids.length - 1;
    const to: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - 8,
      PageDown: at + 8,
      Home: 0,
      End: last,
    };
    const target = to[event.key];
    if (target !== undefined) {
      this.cursor = ids[Math.max(0, Math.min(last, target))] ?? null;
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#pick(cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(sae: string): void {
    this.popup.hidePopover();
    this.button.focus();
    this.dispatchEvent(new CustomEvent('pick', { detail: { sae } }));
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('cursor') && this.open) {
      this.renderRoot.querySelector('.at')?.scrollIntoView({ block: 'nearest' });
    }
  }
}

/** `L0 148, FVU 8.8 %, 9 of 180`: what is known of it. */
function figures({ metrics }: SaeInfo): string {
  const { l0, fvu, contents_over_0_9: contents } = metrics;
  return [
    ...(l0 === undefined ? [] : [`L0 ${l0.toFixed(l0 < 10 ? 1 : 0)}`]),
    ...(fvu === undefined ? [] : [`FVU ${percent(fvu)}`]),
    ...(contents === undefined ? [] : [`${contents} of 180`]),
  ].join(', ');
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-saes': SaePicker;
  }
}
