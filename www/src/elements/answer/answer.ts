import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Atlas, DictionaryInfo, Label } from 'othello-lens';

import { baseF1, type Ranked, rank } from '../../ask/atlas.js';
import { cssProperties } from '../../directives/css-properties.js';
import { kind, variant } from '../../text/dictionaries.js';
import { count, percent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './answer.styles.js';

/** How many rows are on show until more are asked for, of features and of probes. */
const FEATURES_SHOWN = 10;
const PROBES_SHOWN = 3;

/** Who knows whether a label holds: features of all dictionaries and neurons by AUROC, probes beside them. */
@customElement('ol-answer')
export class Answer extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) atlas: Atlas | null = null;
  /** What was asked. */
  @property({ attribute: false }) label: Label | null = null;
  /** Those of the bundle, and its neurons. */
  @property({ attribute: false }) dictionaries: readonly DictionaryInfo[] = [];
  /** The address of a feature's page. */
  @property({ attribute: false }) href: (dictionary: string, feature: number) => string = () => '';

  /** The feature in view, which is marked. */
  @property({ attribute: false }) current: { dictionary: string; feature: number } | null = null;

  @state() private all = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('label')) this.all = false;
  }

  protected override render() {
    const { atlas, label } = this;
    if (!atlas || !label) return nothing;
    const number = atlas.labels.findIndex(({ name }) => name === label.name);
    const rows = number < 0 ? [] : rank(atlas, number);
    const features = rows.filter(({ feature }) => feature !== null);
    const probes = rows.filter(({ feature }) => feature === null);
    const rate = atlas.rate[number] ?? Number.NaN;
    return html`
      <h2 tabindex="-1">Which feature knows <span class="label ${sideOf(label)}">${label.name}</span>?</h2>
      <p class="about">${label.title} ${this.#about(atlas, rate)}</p>
      ${features.length > 0 ? this.#features(features, rate) : html`<p>No feature was measured on this label.</p>`}
      ${
        probes.length > 0
          ? html`
              <h3>Probes, for comparison <small>supervised: trained on the label itself</small></h3>
              <ol class="probes">
                ${probes.slice(0, PROBES_SHOWN).map((row) => html`<li>${this.#row(row, rate)}</li>`)}
              </ol>`
          : nothing
      }
    `;
  }

  #about(atlas: Atlas, rate: number) {
    const of = (wanted: string) => atlas.sources.filter(({ kind }) => kind === wanted).length;
    const sources = [
      [of('dictionary'), 'dictionary', 'dictionaries'],
      [of('neurons'), 'layer of neurons', 'layers of neurons'],
      [of('probe'), 'probe', 'probes'],
    ] as const;
    const where = sources
      .filter(([number]) => number > 0)
      .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`)
      .join(', ');
    return html`The best of each of ${where}, over ${count(atlas.positions)}
      positions${Number.isNaN(rate) ? nothing : html`; it holds in ${percent(rate)} of them`}.`;
  }

  #features(rows: readonly Ranked[], rate: number) {
    const shown = this.all ? rows : rows.slice(0, FEATURES_SHOWN);
    return html`
      <ol class="features">
        ${shown.map(
          (row) => html`<li>
            <a
              href=${this.href(row.source.id, row.feature ?? 0)}
              aria-current=${this.#isCurrent(row) ? 'true' : nothing}
            >${this.#row(row, rate)}</a>
          </li>`,
        )}
      </ol>
      ${
        rows.length > shown.length
          ? html`<button @click=${() => (this.all = true)}>Show all ${rows.length}</button>`
          : nothing
      }
    `;
  }

  #isCurrent({ source, feature }: Ranked): boolean {
    return this.current?.dictionary === source.id && this.current.feature === feature;
  }

  #row({ source, feature, auroc, low, high, f1 }: Ranked, rate: number) {
    const measured = !Number.isNaN(low) && !Number.isNaN(high);
    return html`
      <b class="name number">${nameOf(source.kind, feature)}</b>
      <span class="where">${this.#where(source.id)}</span>
      <span class="bar" aria-hidden="true" ${cssProperties({ '--share': share(auroc), '--low': measured ? share(low) : null, '--high': measured ? share(high) : null })}
        ><i></i>${measured ? html`<u></u>` : nothing}</span
      >
      <span class="auroc number">
        <b>${auroc.toFixed(3)}</b>
        <small>${measured ? `${low.toFixed(3)}–${high.toFixed(3)}` : 'no interval'}</small>
      </span>
      <span class="f1 number">${this.#f1(f1, rate)}</span>
    `;
  }

  #f1(f1: number, rate: number) {
    if (Number.isNaN(f1) || Number.isNaN(rate)) return nothing;
    const base = baseF1(rate);
    return f1 > base + 0.005
      ? html`F1 <b>${f1.toFixed(2)}</b> <small>over ${base.toFixed(2)}</small>`
      : html`<small>F1 no better than “always”, ${base.toFixed(2)}</small>`;
  }

  #where(id: string): string {
    const dictionary = this.dictionaries.find((each) => each.id === id);
    if (!dictionary) return id;
    return dictionary.architecture === 'identity'
      ? dictionary.place
      : `${kind(dictionary)}${variant(dictionary)} · ${dictionary.place}`;
  }
}

/** `#42`, or of a neuron `n1187`; a probe has no number. */
function nameOf(kind: string, feature: number | null): string {
  if (feature === null) return 'probe';
  return kind === 'neurons' ? `n${feature}` : `#${feature}`;
}

/** How far the bar of an AUROC goes: from .5 to 1. */
function share(auroc: number): string {
  return Math.min(1, Math.max(0, 2 * (auroc - 0.5))).toFixed(4);
}

/** The class that gives a label its side's colour. */
export function sideOf({ name }: Pick<Label, 'name'>): string {
  const [first = ''] = name.split(' ');
  return first === 'own' || first === 'opponent' ? first : '';
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-answer': Answer;
  }
}
