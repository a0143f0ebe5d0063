import { VirtualizerController } from '@tanstack/lit-virtual';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { BestLabels, DictionaryInfo } from 'othello-lens';

import { ListboxController } from '../../controllers/listbox.js';
import { cssProperties } from '../../directives/css-properties.js';
import { PinEvent, PointEvent, ThresholdEvent } from '../../events.js';
import type { ActiveFeature, AnalysisView } from '../../state/analysis-view.js';
import { activation, FORMULAS, type Formula } from '../../text/formulas.js';
import { sideClass } from '../../text/labels.js';
import { count, percent, roundPercent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import '../term/term.js';
import { styles } from './feature-list.styles.js';

/** What the list is sorted by. */
type Order = 'share' | 'value' | 'density';

/** Width of a row's small curve, in its own units: one a ply. */
const PLIES = 61;
/** Height of a row, in pixels: the style of `.option` has it too. */
const ROW = 33;

/**
 * The features that are active at a ply, strongest first, each with its course over the game. Only the rows in
 * view are drawn: hundreds of features can be active.
 *
 * @slot - why nothing is known at this ply
 * @fires ol-pin - a feature was pinned, or unpinned
 * @fires ol-point - a feature is pointed at
 * @fires ol-threshold - features below another share are to be hidden
 */
@customElement('ol-feature-list')
export class FeatureList extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) view: AnalysisView | null = null;
  @property({ type: Number }) ply = 0;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @property({ type: Number }) pinned: number | null = null;
  /** Features below this share of their maximum are hidden. */
  @property({ type: Number }) threshold = 0;
  /** The label that each feature tells best, where that is known. */
  @property({ attribute: false }) labels: BestLabels | null = null;
  @state() private order: Order = 'share';

  @query('.rows') private scroller!: HTMLElement | null;
  readonly #rows = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    count: 0,
    estimateSize: () => ROW,
    getScrollElement: () => this.scroller,
    initialRect: { width: 400, height: 10 * ROW },
    overscan: 2,
  });
  readonly #listbox = new ListboxController<number>(
    this,
    (feature) => this.#toggle(feature),
    (index) => this.#rows.getVirtualizer().scrollToIndex(index),
  );
  #curves = new Map<number, string>();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('view')) this.#curves = new Map();
  }

  protected override render() {
    const activity = this.view?.activity(this.ply) ?? null;
    const known = activity?.active.some(({ share }) => share !== null) ?? true;
    const rows = this.#sorted(activity?.active ?? []).filter(
      ({ share }) => share === null || share >= this.threshold,
    );
    const order = known ? this.order : 'value';
    const cursor = this.#listbox.list(
      rows.map(({ feature }) => feature),
      this.pinned,
    );
    return html`
      <div class="tools">
        <p class="count number">
          <b>${activity ? activity.active.length : '–'}</b>${this.dictionary ? ` of ${count(this.dictionary.features)} ` : ' '}<ol-term
            name="active"
          >active</ol-term>
          ${this.threshold > 0 && activity ? html`<span class="shown">${rows.length} shown</span>` : nothing}
        </p>
        <label class="threshold">
          hide below
          <input type="range" min="0" max="90" step="5" .value=${String(Math.round(100 * this.threshold))} ?disabled=${!known}
            aria-valuetext=${`${Math.round(100 * this.threshold)} % of each maximum`} @input=${this.#onThreshold} />
          <span class="number">${roundPercent(this.threshold)}</span>
        </label>
      </div>
      <div class="row head">
        <span>feature</span>
        <span class="tells">tells best</span>
        <span class="course">in this game</span>
        ${this.#head('density', 'density', order, FORMULAS.density)}
        ${this.#head('share', 'of its maximum', order, FORMULAS.share)}
        ${this.#head('value', 'value', order, activation(this.dictionary))}
      </div>
      ${rows.length === 0 ? html`<div class="rows empty">${activity ? this.#nothing() : html`<slot></slot>`}</div>` : this.#list(rows, cursor)}
    `;
  }

  #list(rows: ActiveFeature[], cursor: number | null) {
    const virtualizer = this.#rows.getVirtualizer();
    virtualizer.setOptions({ ...virtualizer.options, count: rows.length });
    const items = virtualizer.getVirtualItems();
    const before = items[0]?.start ?? 0;
    const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
    const drawn = items.flatMap(({ index }) => {
      const row = rows[index];
      return row ? [{ row, index }] : [];
    });
    const seen = cursor !== null && drawn.some(({ row }) => row.feature === cursor);
    return html`
      <div
        class="rows"
        role="listbox"
        tabindex="0"
        aria-label="Active features"
        aria-activedescendant=${seen ? this.#listbox.optionId(cursor) : nothing}
        @keydown=${this.#listbox.onKey}
        @pointerleave=${() => this.#point(null)}
      >
        <div class="all" role="presentation" ${cssProperties({ '--before': `${before}px`, '--after': `${after}px` })}>
          ${repeat(
            drawn,
            ({ index }) => index,
            ({ row, index }) => this.#row(row, index, rows.length, row.feature === cursor),
          )}
        </div>
      </div>
    `;
  }

  #nothing(): string {
    return this.threshold > 0
      ? `No feature reaches ${roundPercent(this.threshold)} of its maximum here.`
      : 'No feature is active here.';
  }

  #head(order: Order, title: string, current: Order, formula: Formula) {
    return html`<span class=${order}>
      <ol-term .formula=${formula}>${title}</ol-term>
      <button class="sort" aria-pressed=${order === current} aria-label=${`Sort by ${title}`} @click=${() => (this.order = order)}
        title=${`Sort by ${title}`}><i aria-hidden="true">${order === 'density' ? '↑' : '↓'}</i></button>
    </span>`;
  }

  #row({ feature, value, share, density }: ActiveFeature, index: number, all: number, at: boolean) {
    const pinned = feature === this.pinned;
    const auroc = this.labels?.auroc[feature] ?? 0;
    const label = this.labels?.name[feature] ?? null;
    const spoken = [
      `Feature ${feature}`,
      ...(label ? [`best tells ${label}`] : auroc > 0 ? ['tells no label'] : []),
      share === null
        ? `value ${value.toFixed(2)}`
        : `${roundPercent(share)} of its maximum, value ${value.toFixed(2)}`,
      ...(pinned ? ['pinned'] : []),
    ].join(', ');
    const tells =
      label ?? (auroc > 0 ? html`no label <small class="number">${auroc.toFixed(2)}</small>` : '');
    // Without a blank between its cells: each would be a node in each of many rows.
    return html`<div
      id=${this.#listbox.optionId(feature)}
      class=${at ? 'row option at' : 'row option'}
      role="option"
      aria-selected=${pinned}
      aria-label=${spoken}
      aria-posinset=${index + 1}
      aria-setsize=${all}
      @click=${() => this.#toggle(feature)}
      @pointerenter=${() => this.#point(feature)}
    ><b class=${pinned ? 'number pinned' : 'number'}>${feature}</b
    ><span class=${`tells ${auroc > 0.9 ? `well ${sideClass(label)}` : ''}`}>${tells}</span
    ><svg class="course" viewBox=${`0 0 ${PLIES} 20`} preserveAspectRatio="none" aria-hidden="true"
      ><rect class="here" x=${this.ply} width="1" height="20" /><path d=${this.#curve(feature)} /></svg
    ><span class="density number">${density === null ? '–' : percent(density)}</span
    ><span class="share"
      ><span class="bar" aria-hidden="true"><span ${cssProperties({ '--share': Math.min(1, share ?? 0) })}></span></span
      ><span class="number">${share === null ? '–' : roundPercent(share)}</span></span
    ><span class="value number">${value.toFixed(2)}</span></div>`;
  }

  /** A bar a ply, as one path, to the scale of the feature's largest in this game. */
  #curve(feature: number): string {
    const known = this.#curves.get(feature);
    if (known !== undefined) return known;
    const values = this.view?.activations(feature) ?? [];
    const greatest = Math.max(1e-9, ...values.map((value) => value ?? 0));
    const path = values
      .map((value, ply) => (value ? `M${ply} 20v${((-19 * value) / greatest).toFixed(1)}h.8V20z` : ''))
      .join('');
    this.#curves.set(feature, path);
    return path;
  }

  #sorted(active: readonly ActiveFeature[]): readonly ActiveFeature[] {
    const { order } = this;
    if (order === 'value') return [...active].sort((a, b) => b.value - a.value);
    if (order === 'density') return [...active].sort((a, b) => (a.density ?? 0) - (b.density ?? 0));
    return active;
  }

  #toggle(feature: number): void {
    this.#listbox.move(feature);
    this.dispatchEvent(new PinEvent(feature === this.pinned ? null : feature));
  }

  #point(feature: number | null): void {
    this.dispatchEvent(new PointEvent(feature));
  }

  #onThreshold = (event: Event): void => {
    this.dispatchEvent(new ThresholdEvent(Number((event.target as HTMLInputElement).value) / 100));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-feature-list': FeatureList;
  }
}
