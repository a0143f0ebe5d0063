import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CardBoard, Corpus, FeatureCard, SetScores, Square } from 'othello-lens';

import { cssProperties } from '../../directives/css-properties.js';
import { PositionEvent } from '../../events.js';
import { count, percent, roundPercent } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../formula-button/formula-button.js';
import '../mini-board/mini-board.js';
import { styles } from './card.styles.js';

/** Chance: an AUROC that says nothing. */
const CHANCE = 0.5;

/**
 * What was measured on one feature: the statements about the board that it tells best, and the positions
 * where it is most active.
 *
 * @fires ol-position - a position is to be opened
 */
@customElement('ol-card')
export class Card extends LitElement {
  static override styles = [base, controls, styles];

  /** What cards were measured over. */
  @property({ attribute: false }) corpus: Corpus | null = null;
  /** Null until it is known; its place is kept. */
  @property({ attribute: false }) card: FeatureCard | null = null;

  protected override render() {
    const { card, corpus } = this;
    if (!corpus) return nothing;
    const never = card !== null && card.boards.strongest.length === 0;
    return html`
      <section aria-label="What it tells">
        <h3>
          What it tells, by AUROC <ol-formula-button name="auroc"></ol-formula-button>
        </h3>
        ${card ? card.sets.map((set) => this.#scores(set)) : this.#scores(null)}
        <p class="over">
          ${count(corpus.games)} random games, plies ${corpus.firstPly} to ${corpus.lastPly}:
          ${
            never
              ? 'never active.'
              : card
                ? html`active at <b class="number">${percent(card.density)}</b> of positions, at most
                    <b class="number">${card.max.toFixed(2)}</b>.`
                : '…'
          }
        </p>
      </section>
      ${this.#boards(card)}
    `;
  }

  /** What it tells of the labels of a set; of null, their empty place. */
  #scores(scores: SetScores | null) {
    const best = scores?.labels[0];
    return html`${
      best && !scores.tells
        ? html`<p class="none">no ${scores.set} label (best <b class="number">${best.auroc.toFixed(2)}</b>)</p>`
        : nothing
    }
      <ol class="labels">
        ${scores?.labels.map(
          (label) => html`<li title=${label.title}>
            <span>${label.name}</span>
            <span class="bar" aria-hidden="true"><i ${cssProperties({ '--share': Math.max(0, label.auroc - CHANCE) / (1 - CHANCE) })}></i></span>
            <b class="number">${label.auroc.toFixed(3)}</b>
          </li>`,
        )}
      </ol>
      <p class="f1">
        ${
          scores?.f1
            ? html`Above ${roundPercent(scores.f1.threshold)} of its maximum it predicts <b>${scores.f1.name}</b> with F1
                <b class="number">${scores.f1.f1.toFixed(2)}</b> <ol-formula-button name="f1"></ol-formula-button>`
            : nothing
        }
      </p>`;
  }

  #boards(card: FeatureCard | null) {
    const marked = card?.sets[0]?.labels[0]?.square ?? null;
    return html`<section aria-label="Where it is strongest">
      <h3>Where it is strongest${marked === null ? nothing : html`, ${squareName(marked)} marked`}</h3>
      <ul class="boards">
        ${card?.boards.strongest.map((board) => html`<li>${this.#board(board, marked)}</li>`)}
      </ul>
    </section>`;
  }

  #board({ seed, activation, position }: CardBoard, marked: Square | null) {
    const { ply } = position;
    return html`<button
      aria-label=${`Open ply ${ply} of random game ${seed}, activation ${activation.toFixed(2)}`}
      title=${`Random game ${seed}, ply ${ply}`}
      @click=${() => this.dispatchEvent(new PositionEvent(seed, ply))}
    >
      <ol-mini-board .position=${position} .marked=${marked}></ol-mini-board>
      <span class="number">${activation.toFixed(2)}<small>ply ${ply}</small></span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-card': Card;
  }
}
