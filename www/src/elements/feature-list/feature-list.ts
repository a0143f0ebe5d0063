import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { BestLabels, DictionaryInfo } from 'othello-lens';

import { ListboxController } from '../../controllers/listbox.js';
import { cssProperties } from '../../directives/css-properties.js';
import { PinEvent, ThresholdEvent } from '../../events.js';
import type { ActiveFeature, AnalysisView } from '../../state/analysis-view.js';
import { activation, FORMULAS, type Formula } from '../../text/formulas.js';
import { count, percent, roundPercent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import '../formula-button/formula-button.js';
import { styles } from './feature-list.styles.js';

/** What the list is sorted by. */
type Order = 'share' | 'value' | 'density';

/** Width of a row's small curve, in its own units: one a ply. */
const PLIES = 61;

/**
 * The features that are active at a ply, strongest first, each with its course over the game.
 *
 * @slot - why nothing is known at this ply
 * @fires ol-pin - a feature was pinned, or unpinned
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
  readonly #listbox = new ListboxController<number>(this, (feature) => this.#toggle(feature));
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
          <b>${activity ? activity.active.length : '–'}</b>${this.dictionary ? ` of ${count(this.dictionary.features)}` : ''} active
          <ol-formula-button name="active"></ol-formula-button>
          ${this.threshold > 0 && activity ? html`<span class="shown">${rows.length} shown</span>` : nothing}
        </p>
        <label class="threshold">
          hide below
          <input type="range" min="0" max="90" step="5" .value=${String(Math.round(100 * this.threshold))} ?disabled=${!known}
            aria-valuetext=${`${Math.round(100 * this.threshold)} % of each maximum`} @input=${this.#onThreshold} />
          <span class="number">${roundPercent(this.threshold)}</span>
        </label>
      </div>
      <div class=${this.dictionary?.cards ? 'row head labelled' : 'row head'}>
        <span>feature</span>
        <span class="course">in this game</span>
        ${this.#head('density', 'density', order, FORMULAS.density)}
        ${this.#head('share', 'share of max', order, FORMULAS.share)}
        ${this.#head('value', 'value', order, activation(this.dictionary))}
      </div>
      ${rows.length === 0 ? html`<div class="rows empty">${activity ? this.#nothing() : html`<slot></slot>`}</div>` : this.#list(rows, cursor)}
    `;
  }

  #list(rows: ActiveFeature[], cursor: number | null) {
    return html`
      <div
        class="rows"
        role="listbox"
        tabindex="0"
        aria-label="Active features"
        aria-activedescendant=${cursor === null ? nothing : this.#listbox.optionId(cursor)}
        @keydown=${this.#listbox.onKey}
      >
        ${rows.map((row) => this.#row(row, row.feature === cursor))}
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
      <button class="sort" aria-pressed=${order === current} @click=${() => (this.order = order)}
        title=${`Sort by ${title}`}>${title}<i aria-hidden="true">${order === current ? (order === 'density' ? ' ↑' : ' ↓') : ''}</i></button>
      <ol-formula-button .formula=${formula}></ol-formula-button>
    </span>`;
  }

  #row({ feature, value, share, density }: ActiveFeature, at: boolean) {
    const pinned = feature === this.pinned;
    const auroc = this.labels?.auroc[feature] ?? 0;
    const label = this.labels?.name[feature] ?? null;
    const tells = auroc > 0.9;
    const spoken = [
      `Feature ${feature}`,
      ...(label ? [`best tells ${label}`] : auroc > 0 ? ['tells no label'] : []),
      share === null
        ? `value ${value.toFixed(2)}`
        : `${roundPercent(share)} of its maximum, value ${value.toFixed(2)}`,
      ...(pinned ? ['pinned'] : []),
    ].join(', ');
    return html`
      <div
        id=${this.#listbox.optionId(feature)}
        class=${`row option ${at ? 'at' : ''} ${this.dictionary?.cards ? 'labelled' : ''}`}
        role="option"
        aria-selected=${pinned}
        aria-label=${spoken}
        @click=${() => this.#toggle(feature)}
      >
        <span class="feature">
          <b class="number">${feature}${pinned ? html`<i class="pin" aria-hidden="true"></i>` : nothing}</b>
          ${auroc > 0 ? html`<small class=${tells ? 'tells' : ''}>${label ?? 'no label'}</small>` : nothing}
        </span>
        <svg class="course" viewBox=${`0 0 ${PLIES} 20`} preserveAspectRatio="none" aria-hidden="true">
          <rect class="here" x=${this.ply} width="1" height="20" />
          <path d=${this.#curve(feature)} />
        </svg>
        <span class="density number">${density === null ? '–' : percent(density)}</span>
        <span class="share">
          <span class="bar" aria-hidden="true"><span ${cssProperties({ '--share': Math.min(1, share ?? 0) })}></span></span>
          <span class="number">${share === null ? '–' : roundPercent(share)}</span>
        </span>
        <span class="value number">${value.toFixed(2)}</span>
      </div>
    `;
  }

  /** A bar a ply, as one path, to the scale of the feature's largest in this game. */
  #curve(feature: number): string {
    const known = this.#curves.get(feature);
    if (known !== undefined) return known;
    const values = this.view?.activations(feature) ?? [];
    const greatest = Math.max(1e-9, ...values.map((value) => value ?? 0));
    const path = values
      .map((value, ply) => (value ? `M${ply} 20v${(-19 * value) / greatest}h.8V20z` : ''))
      .join('');
    this.#curves.set(feature, path);
    return path;
  }

  #sorted(active: readonly ActiveFeature[]): ActiveFeature[] {
    const { order } = this;
    if (order === 'value') return [...active].sort((a, b) => b.value - a.value);
    if (order === 'density') return [...active].sort((a, b) => (a.density ?? 0) - (b.density ?? 0));
    return [...active];
  }

  #toggle(feature: number): void {
    this.#listbox.move(feature);
    this.dispatchEvent(new PinEvent(feature === this.pinned ? null : feature));
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
