import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DictionaryInfo, FeatureStatistics, Square } from 'othello-lens';

import { PinEvent } from '../../events.js';
import type { AnalysisView } from '../../state/analysis-view.js';
import type { Selection } from '../../state/player.js';
import { activation } from '../../text/formulas.js';
import { count, percent, roundPercent, signed } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../card/card.js';
import { rank } from '../effect/effect.js';
import '../formula-button/formula-button.js';
import '../plies/plies.js';
import { styles } from './feature-panel.styles.js';

/**
 * One feature: its course over the game, and what it does to the next move.
 *
 * @fires ol-goto - another ply was chosen
 * @fires ol-position - a position where it is strong is to be opened
 * @fires ol-pin - the feature was pinned or unpinned
 */
@customElement('ol-feature-panel')
export class FeaturePanel extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) selection: Selection | null = null;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @property({ attribute: false }) statistics: FeatureStatistics | null = null;
  @property({ attribute: false }) view: AnalysisView | null = null;
  @property({ type: Number }) ply = 0;

  protected override render() {
    const { selection, dictionary, statistics, view, ply } = this;
    if (!view) return nothing;
    const feature = selection?.feature;
    const values = feature === undefined ? view.game.positions.map(() => null) : view.activations(feature);
    const here = values[ply] ?? null;
    const ranked = rank(selection?.effect ?? null);
    const max = feature === undefined ? undefined : statistics?.max[feature];
    const density = feature === undefined ? undefined : statistics?.density[feature];
    return html`
      <header>
        <h2>${feature === undefined ? 'No feature in view' : html`Feature <span class="number">${feature}</span>`}</h2>
        <span class="how">${selection ? (selection.pinned ? 'pinned' : 'strongest at this ply') : ''}</span>
        <button
          ?disabled=${!selection}
          aria-pressed=${selection?.pinned ?? false}
          @click=${() => this.dispatchEvent(new PinEvent(selection?.pinned ? null : (feature ?? null)))}
        >${selection?.pinned ? 'Unpin' : 'Pin'}</button>
      </header>
      <div class="parts">
        <section aria-label="Over this game">
          <h3>Activation over this game <ol-formula-button .formula=${activation(dictionary)}></ol-formula-button></h3>
          <ol-plies
            .values=${values}
            .ply=${ply}
            .label=${`Ply, by activation of feature ${feature ?? ''}`}
            .format=${(value: number) => value.toFixed(2)}
            .describe=${(at: number) => view.describe(at)}
          ></ol-plies>
          <dl class="number">
            <div><dt>here</dt><dd>${here === null ? '–' : here.toFixed(2)}</dd></div>
            <div><dt>share of max <ol-formula-button name="share"></ol-formula-button></dt><dd>${here === null || !max ? '–' : roundPercent(here / max)}</dd></div>
            <div><dt>max in ${statistics ? `${count(statistics.games)} games` : 'corpus'}</dt><dd>${max === undefined ? '–' : max.toFixed(2)}</dd></div>
            <div><dt>density <ol-formula-button name="density"></ol-formula-button></dt><dd>${density === undefined ? '–' : percent(density)}</dd></div>
          </dl>
          <p class="squares">
            <b>▲ raises</b> ${list(ranked.slice(0, 4))}<br />
            <b>▼ lowers</b> ${list(ranked.slice(-4).reverse())}
          </p>
        </section>
        <section aria-label="Direct effect">
          <h3>Direct effect on logits <ol-formula-button name="effect"></ol-formula-button></h3>
          <ol-effect .effect=${selection?.effect ?? null} .legal=${view.position(ply).legal}></ol-effect>
        </section>
      </div>
      ${
        dictionary?.cards
          ? html`<ol-card .corpus=${dictionary.cards} .card=${selection?.card ?? null}></ol-card>`
          : nothing
      }
    `;
  }
}

function list(squares: readonly { square: Square; value: number }[]) {
  if (squares.length === 0) return '–';
  return squares.map(
    ({ square, value }, at) =>
      html`${at > 0 ? ' · ' : ''}<span class="number">${squareName(square)} ${signed(value)}</span>`,
  );
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-feature-panel': FeaturePanel;
  }
}
