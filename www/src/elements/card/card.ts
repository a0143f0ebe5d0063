import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CardBoard, Corpus, FeatureCard, SetScores, Square } from 'othello-lens';

import { cssProperties } from '../../directives/css-properties.js';
import { SideBoardEvent } from '../../events.js';
import { sideClass } from '../../text/labels.js';
import { count, roundPercent } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../mini-board/mini-board.js';
import '../side-board/side-board.js';
import '../term/term.js';
import { styles } from './card.styles.js';

/** Chance: an AUROC that says nothing. */
const CHANCE = 0.5;

/**
 * What was measured on one feature: the statements about the board that it tells best, and the positions
 * where it is most active.
 *
 * @fires ol-side-board - a position is to be shown beside the reader's game, or no longer
 * @fires ol-position - that position is to be opened
 */
@customElement('ol-card')
export class Card extends LitElement {
  static override styles = [base, controls, styles];

  /** What cards were measured over; null until it is known. */
  @property({ attribute: false }) corpus: Corpus | null = null;
  /** Null until it is known; its place is kept. */
  @property({ attribute: false }) card: FeatureCard | null = null;

  /** The position that is shown beside the reader's game. */
  @property({ attribute: false }) side: CardBoard | null = null;

  /** The card that was known last: its elements, unseen, keep the place of the next. */
  #last: FeatureCard | null = null;

  protected override willUpdate(): void {
    this.#last = this.card ?? this.#last;
  }

  protected override render() {
    const { corpus } = this;
    const card = this.#last;
    const never = this.card?.boards.strongest.length === 0;
    return html`
      <section aria-label="What it knows about the board">
        <h3>What it knows about the board, by <ol-term name="auroc">AUROC</ol-term></h3>
        <div class=${this.#unless}>${card ? card.sets.map((set) => this.#scores(set)) : this.#scores(null)}</div>
        <p class="over">
          ${
            corpus
              ? `${count(corpus.games)} random games, plies ${corpus.firstPly} to ${corpus.lastPly}${never ? ': never active' : ''}.`
              : '…'
          }
        </p>
      </section>
      ${this.#boards(card)}
    `;
  }

  /** The class of what says nothing of a card that is not here. */
  get #unless(): string {
    return this.card ? '' : 'waiting';
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
            <span class=${sideClass(label.name)}>${label.name}</span>
            <span class="bar" aria-hidden="true"><i class=${sideClass(label.name)} ${cssProperties({ '--share': Math.max(0, label.auroc - CHANCE) / (1 - CHANCE) })}></i></span>
            <b class="number">${label.auroc.toFixed(3)}</b>
          </li>`,
        )}
      </ol>`;
  }

  #boards(card: FeatureCard | null) {
    const marked = card?.sets[0]?.labels[0]?.square ?? null;
    return html`<section aria-label="Strongest here">
      <h3>Strongest here <small class=${this.#unless}>${marked === null ? '' : `${squareName(marked)} marked`}</small></h3>
      <ul class=${`boards ${this.#unless}`}>
        ${card?.boards.strongest.map((board) => html`<li>${this.#board(board, marked, card.max)}</li>`)}
      </ul>
      <p class="over"><b class="own">own</b> and <b class="opponent">opponent’s</b> discs, of the player to move</p>
      ${this.side && this.card ? html`<ol-side-board .board=${this.side} .marked=${marked} .max=${this.card.max}></ol-side-board>` : nothing}
    </section>`;
  }

  #board(board: CardBoard, marked: Square | null, max: number) {
    const { seed, activation, position } = board;
    const { ply } = position;
    return html`<button
      aria-label=${`Show ply ${ply} of random game ${seed}, activation ${activation.toFixed(2)}`}
      aria-pressed=${board === this.side}
      title=${`Random game ${seed}, ply ${ply}`}
      @click=${() => this.dispatchEvent(new SideBoardEvent(board === this.side ? null : board))}
    >
      <ol-mini-board colours="own" .position=${position} .marked=${marked}></ol-mini-board>
      <span class="number">${roundPercent(activation / max)}<small>ply ${ply}</small></span>
    </button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-card': Card;
  }
}
