import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { BestLabels, SaeInfo } from 'othello-lens';

import type { ActiveFeature, Reading } from '../../state/reading.js';
import { activationFormula } from '../../text/formulas.js';
import { count, percent, roundPercent } from '../../text/numbers.js';
import { labelOfNumber } from '../../text/saes.js';
import { base, controls } from '../base.styles.js';
import '../formula/formula.js';
import { styles } from './features.styles.js';

/** What the list is sorted by. */
type Order = 'share' | 'value' | 'density';

/** Width of a row's small curve, in its own units: one a ply. */
const PLIES = 61;

/**
 * The features that are active at a ply, strongest first, each with its course over the game.
 *
 * @slot - why nothing is known at this ply
 * @fires pin - a feature was pinned, or unpinned; `detail.feature` is null then
 * @fires gate - features below another share are to be hidden; `detail.gate`
 */
@customElement('ol-features')
export class FeatureList extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) reading: Reading | null = null;
  @property({ type: Number }) ply = 0;
  @property({ attribute: false }) sae: SaeInfo | null = null;
  @property({ type: Number }) pinned: number | null = null;
  /** Features below this share of their maximum are hidden. */
  @property({ type: Number }) gate = 0;
  /** The label that each feature tells best, where that is known. */
  @property({ attribute: false }) labels: BestLabels | null = null;
  @state() private order: Order = 'share';
  /** The row that the keyboard is on. */
  @state() private cursor: number | null = null;
  #curves = new Map<number, string>();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('reading')) this.#curves = new Map();
  }

  protected override render() {
    const activity = this.reading?.activity(this.ply) ?? null;
    const known = activity?.active.some(({ share }) => share !== null) ?? true;
    const rows = this.#sorted(activity?.active ?? []).filter(
      ({ share }) => share === null || share >= this.gate,
    );
    const order = known ? this.order : 'value';
    const cursor =
      rows.find(({ feature }) => feature === this.cursor) ??
      rows.find(({ feature }) => feature === this.pinned) ??
      rows[0];
    return html`
      <div class="tools">
        <p class="count number">
          <b>${activity ? activity.active.length : '–'}</b>${this.sae ? ` of ${count(this.sae.features)}` : ''} active
          <ol-formula name="active"></ol-formula>
          ${this.gate > 0 && activity ? html`<span class="shown">${rows.length} shown</span>` : nothing}
        </p>
        <label class="gate">
          hide below
          <input type="range" min="0" max="90" step="5" .value=${String(Math.round(100 * this.gate))} ?disabled=${!known}
            aria-valuetext=${`${Math.round(100 * this.gate)} % of each maximum`} @input=${this.#onGate} />
          <span class="number">${roundPercent(this.gate)}</span>
        </label>
      </div>
      <div class=${this.sae?.cards ? 'row head labelled' : 'row head'}>
        <span>feature</span>
        <span class="course">in this game</span>
        ${this.#head('density', 'density', order, 'density')}
        ${this.#head('share', 'share of max', order, 'share')}
        ${this.#head('value', 'value', order, activationFormula(this.sae?.architecture ?? ''))}
      </div>
      ${rows.length === 0 ? html`<div class="rows empty">${activity ? this.#nothing() : html`<slot></slot>`}</div>` : this.#list(rows, cursor)}
    `;
  }

  #list(rows: ActiveFeature[], cursor: ActiveFeature | undefined) {
    return html`
      <div
        class="rows"
        role="listbox"
        tabindex="0"
        aria-label="Active features"
        aria-activedescendant=${cursor ? `feature-${cursor.feature}` : nothing}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event, rows, cursor)}
      >
        ${rows.map((row) => this.#row(row, row === cursor))}
      </div>
    `;
  }

  #nothing(): string {
    return this.gate > 0
      ? `No feature reaches ${roundPercent(this.gate)} of its maximum here.`
      : 'No feature is active here.';
  }

  #head(order: Order, title: string, current: Order, formula: ReturnType<typeof activationFormula>) {
    return html`<span class=${order}>
      <button class="sort" aria-pressed=${order === current} @click=${() => (this.order = order)}
        title=${`Sort by ${title}`}>${title}<i aria-hidden="true">${order === current ? (order === 'density' ? ' ↑' : ' ↓') : ''}</i></button>
      <ol-formula name=${formula}></ol-formula>
    </span>`;
  }

  #row({ feature, value, share, density }: ActiveFeature, at: boolean) {
    const pinned = feature === this.pinned;
    const auroc = this.labels?.auroc[feature] ?? 0;
    const label = auroc > 0 ? labelOfNumber(this.labels?.label[feature] ?? 0) : null;
    const tells = auroc > 0.9;
    const spoken = [
      `Feature ${feature}`,
      ...(label ? [`best tells ${label}`] : []),
      share === null
        ? `value ${value.toFixed(2)}`
        : `${roundPercent(share)} of its maximum, value ${value.toFixed(2)}`,
      ...(pinned ? ['pinned'] : []),
    ].join(', ');
    return html`
      <div
        id=${`feature-${feature}`}
        class=${`row option ${at ? 'at' : ''} ${this.sae?.cards ? 'labelled' : ''}`}
        role="option"
        aria-selected=${pinned}
        aria-label=${spoken}
        @click=${() => this.#toggle(feature)}
      >
        <span class="feature">
          <b class="number">${feature}${pinned ? html`<i class="pin" aria-hidden="true"></i>` : nothing}</b>
          ${label ? html`<small class=${tells ? 'tells' : ''}>${label}</small>` : nothing}
        </span>
        <svg class="course" viewBox=${`0 0 ${PLIES} 20`} preserveAspectRatio="none" aria-hidden="true">
          <rect class="here" x=${this.ply} width="1" height="20" />
          <path d=${this.#curve(feature)} />
        </svg>
        <span class="density number">${density === null ? '–' : percent(density)}</span>
        <span class="share">
          <span class="bar" aria-hidden="true"><span style=${`width:${100 * Math.min(1, share ?? 0)}%`}></span></span>
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
    const values = this.reading?.activations(feature) ?? [];
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

  #onKey(event: KeyboardEvent, rows: ActiveFeature[], cursor: ActiveFeature | undefined): void {
    if (!cursor || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = rows.indexOf(cursor);
    const last = rows.length - 1;
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
      this.cursor = rows[Math.max(0, Math.min(last, target))]?.feature ?? null;
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#toggle(cursor.feature);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #toggle(feature: number): void {
    this.cursor = feature;
    this.dispatchEvent(
      new CustomEvent('pin', { detail: { feature: feature === this.pinned ? null : feature } }),
    );
  }

  #onGate = (event: Event): void => {
    const gate = Number((event.target as HTMLInputElement).value) / 100;
    this.dispatchEvent(new CustomEvent('gate', { detail: { gate } }));
  };

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('cursor') && this.cursor !== null) {
      this.renderRoot.querySelector(`#feature-${this.cursor}`)?.scrollIntoView({ block: 'nearest' });
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-features': FeatureList;
  }
}
