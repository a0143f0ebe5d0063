import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CardBoard, DictionaryInfo, FeatureStatistics, Square } from 'othello-lens';

import { PinEvent } from '../../events.js';
import type { AnalysisView } from '../../state/analysis-view.js';
import type { Selection } from '../../state/player.js';
import { activation } from '../../text/formulas.js';
import { sideClass } from '../../text/labels.js';
import { percent, roundPercent, signed } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../card/card.js';
import '../term/term.js';
import { styles } from './feature-panel.styles.js';

/**
 * One feature: how active it is here, what it does to the next move, and what was measured on it.
 *
 * @fires ol-side-board - a position where it is strong is to be seen
 * @fires ol-position - such a position is to be opened
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
  /** The position that is shown beside the reader's game. */
  @property({ attribute: false }) side: CardBoard | null = null;
  /** Where the feature's own page is. */
  @property() href = '';

  protected override render() {
    const { selection, dictionary, statistics, view, ply } = this;
    if (!view) return nothing;
    const feature = selection?.feature;
    const here = feature === undefined ? null : (view.activations(feature)[ply] ?? null);
    const added = selection ? view.effectAt(selection.effect, selection.feature, ply) : null;
    const ranked = rank(added);
    const max = feature === undefined ? undefined : statistics?.max[feature];
    const density = feature === undefined ? undefined : statistics?.density[feature];
    const label = selection?.finding?.label ?? null;
    return html`
      <header>
        <h2>
          ${feature === undefined ? 'No feature in view' : html`Feature <span class="number">${feature}</span>`}
        </h2>
        <span class=${`label ${sideClass(label)}`}>${label ?? ''}</span>
        <span class="how">${selection ? (selection.pinned ? 'pinned' : 'strongest at this ply') : ''}</span>
        ${selection && this.href ? html`<a href=${this.href}>its page</a>` : nothing}
        <button
          ?disabled=${!selection}
          aria-pressed=${selection?.pinned ?? false}
          @click=${() => this.dispatchEvent(new PinEvent(selection?.pinned ? null : (feature ?? null)))}
        >${selection?.pinned ? 'Unpin' : 'Pin'}</button>
      </header>
      <dl class="number">
        <div><dt><ol-term .formula=${activation(dictionary)}>activation here</ol-term></dt><dd>${here === null ? '–' : here.toFixed(2)}</dd></div>
        <div><dt><ol-term name="share">of its maximum</ol-term></dt><dd>${here === null || !max ? '–' : roundPercent(here / max)}</dd></div>
        <div><dt>maximum</dt><dd>${max === undefined ? '–' : max.toFixed(2)}</dd></div>
        <div><dt><ol-term name="density">density</ol-term></dt><dd>${density === undefined ? '–' : percent(density)}</dd></div>
      </dl>
      <p class="squares">
        <ol-term name="effect">Here it directly</ol-term>
        <span><b class="raise">▲ raises</b> ${list(ranked.slice(0, 4).filter(({ value }) => value > 0))}</span>
        <span><b class="lower">▼ lowers</b> ${list(
          ranked
            .slice(-4)
            .reverse()
            .filter(({ value }) => value < 0),
        )}</span>
      </p>
      ${
        // Most dictionaries have cards: what is below keeps its place when they are known.
        !dictionary || dictionary.cards
          ? html`<ol-card .corpus=${dictionary?.cards ?? null} .card=${selection?.card ?? null} .side=${this.side}></ol-card>`
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

/** The squares that a token names, from the most raised to the most lowered. */
function rank(effect: Float32Array | null): { square: Square; value: number }[] {
  return [...(effect ?? [])]
    .map((value, square) => ({ square, value }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-feature-panel': FeaturePanel;
  }
}
