import { html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { GoToEvent, PinEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import { bestOfSides } from '../../state/opening.js';
import type { Player } from '../../state/player.js';
import { activation, FORMULAS, type FormulaName } from '../../text/formulas.js';
import { says, sideClass } from '../../text/labels.js';
import { count, exactPercent } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base, controls } from '../base.styles.js';
import '../play-area/play-area.js';
import '../term/term.js';
import { ViewElement } from '../view-element.js';
import { styles } from './guide-view.styles.js';

/** Moves of the game that a step shows. */
const MOVES = 8;

/**
 * From a list of moves to the figures of the report in six steps, each a sentence and one thing to do, beside
 * the live board.
 */
@customElement('ol-guide-view')
export class GuideView extends ViewElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) player!: Player;
  #unsubscribePlayer = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribePlayer = this.player.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribePlayer();
  }

  protected override render() {
    return html`
      <main>
        <h1 tabindex="-1">From a list of moves to the board inside</h1>
        <p class="lead">Six steps. The board beside them is live: what you do there, you find in the other views.</p>
        <div class="beside">
          <ol class="steps">
            ${[
              this.#reads(),
              this.#expects(),
              this.#features(),
              this.#knows(),
              this.#adds(),
              this.#reproduce(),
            ].map(
              (step, at) =>
                html`<li><span class="count number" aria-hidden="true">${at + 1}</span>${step}</li>`,
            )}
          </ol>
          <section class="live" aria-label="Board"><ol-play-area .player=${this.player}></ol-play-area></section>
        </div>
        <div class="reference">${this.#drawn()}${this.#keys()}${this.#formulas()}</div>
      </main>
    `;
  }

  #reads() {
    const { game, ply } = this.player.history;
    const { model } = this.session;
    const moves = game.positions.slice(Math.max(1, ply - MOVES + 1), ply + 1);
    return step(
      'What the model reads',
      html`It reads a list of moves and nothing else: nobody tells it that there is a
        board${model ? html`, and its ${model.layers} layers of width ${model.dModel} learned from random games` : nothing}.`,
      html`Play a move on the board, and see what the model is given:
        <code class="moves" aria-label="The last moves">${
          moves.length === 0
            ? 'nothing yet'
            : html`${ply > MOVES ? '… ' : ''}${moves.map(({ move }) => (move === null ? '' : `${squareName(move)} `))}`
        }</code>`,
    );
  }

  #expects() {
    const { ply, lastPly } = this.player.history;
    const { next } = this.player;
    return step(
      'What it expects',
      html`After each move it gives every square a probability of coming next; of random games a perfect model would
        give each <ol-term name="uniform">legal move</ol-term> the same.`,
      html`Step through the game and look for hatched squares, where it expects what the rules forbid
        ${next ? html`(here <ol-term name="illegalMass">${exactPercent(next.illegalMass)}</ol-term>)` : nothing}:
        <span class="ways">
          <button aria-label="One ply back" ?disabled=${ply === 0} @click=${() => this.#goTo(ply - 1)}>◀</button>
          <button aria-label="One ply on" ?disabled=${ply === lastPly} @click=${() => this.#goTo(ply + 1)}>▶</button>
        </span>`,
    );
  }

  #features() {
    const { dictionary, pinned } = this.player;
    const best = dictionary && bestOfSides(this.session.bestFeatures(dictionary.id) ?? []);
    const { l0, fvu } = dictionary?.metrics ?? {};
    return step(
      'What a feature is',
      html`Between its layers the model carries a list of numbers, and a dictionary retells it as a sum of few out of
        ${dictionary ? count(dictionary.features) : 'many'} directions, its
        <ol-term .formula=${activation(dictionary)}>features</ol-term>${
          l0 === undefined
            ? nothing
            : html`: of this one <ol-term name="meanL0">${l0.toFixed(0)} are active</ol-term> in a position${
                fvu === undefined
                  ? nothing
                  : html`, and <ol-term name="fvu">${exactPercent(fvu)} is lost</ol-term>`
              }`
        }.`,
      best && best.feature !== pinned
        ? html`Pin the one that tells best whose disc is where:
            <button @click=${() => this.dispatchEvent(new PinEvent(best.feature))}>Pin feature ${best.feature}</button>`
        : html`Press Play under the board, and watch how active feature ${pinned ?? 'in view'} is from ply to ply.`,
    );
  }

  #knows() {
    const { selection } = this.player;
    const finding = selection?.finding ?? null;
    return step(
      'What it knows',
      finding
        ? html`Feature ${selection?.feature} is more active when
            <b class=${sideClass(finding.label)}>${says(finding.label)}</b> than when not, in
            <ol-term name="auroc">${exactPercent(finding.auroc)}</ol-term> of all pairs of such positions.`
        : html`A feature knows a statement about the board if it is more active when the statement holds than when
            not: its <ol-term name="auroc">AUROC</ol-term> says in how many pairs of positions.`,
      html`Compare the bars under the board with the strip below them, which is coloured where the statement holds;
        the ring on the board is the square that it speaks of.`,
    );
  }

  #adds() {
    const { selection } = this.player;
    return step(
      'What it does',
      html`Whatever a feature stands for, its direction also <ol-term name="effect">adds to the next move</ol-term>:
        it raises some squares and lowers others.`,
      html`Under the board choose “what ${selection?.feature ?? 'a feature'} adds to it”.`,
    );
  }

  #reproduce() {
    const { player } = this;
    return step(
      'Reproduce the 9 of 180',
      html`Sixty squares can each be yours, your opponent’s or empty: Huben’s report found a feature for 9 of these 180
        contents, and here each of its figures is measured again before your eyes.`,
      html`Open <a href=${hrefOf(player.here, { view: 'figures', figure: 'f1' })}>the figure of the 9 of 180</a>
        and press “Reproduce”; then ask
        <a href=${hrefOf(player.here, { view: 'features' })}>which feature knows a square</a> of your choice.`,
    );
  }

  #drawn() {
    return html`<section>
      <h2>How the board is drawn</h2>
      <p class="keyed">
        <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><rect class="heat" x="3" y="3" width="44" height="44" rx="6" /><circle class="spot" cx="25" cy="25" r="6" /></svg>
        <span>A dot is a legal move, a filled one the move that this game goes on with; tint and number are the model’s probability.</span>
      </p>
      <p class="keyed">
        <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><path class="hatch" d="M4 18 18 4M4 34 34 4M6 46 46 6M20 46 46 20M36 46 46 36" /><rect class="illegal" x="3.5" y="3.5" width="43" height="43" rx="6" /></svg>
        <span>Hatched and crossed is probability on a move that the rules forbid: the model’s error.</span>
      </p>
      <p class="keyed">
        <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><rect class="top" x="4" y="4" width="42" height="42" rx="6" /></svg>
        <span>A green outline is the most probable move; a ring in a disc, the last one played.</span>
      </p>
      <p class="keyed">
        <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><rect class="ring" x="3" y="3" width="44" height="44" rx="6" /></svg>
        <span>A thick outline is the square that the feature in view reads: <span class="own">blue</span> if it tells your
          disc, <span class="opponent">orange</span> if your opponent’s; dashed, that of the feature you point at.</span>
      </p>
    </section>`;
  }

  #keys() {
    return html`<section>
      <h2>Getting about</h2>
      <p>
        <kbd>←</kbd> <kbd>→</kbd> one ply. In the bars by ply and in the moves also <kbd>PgUp</kbd> <kbd>PgDn</kbd> ten,
        <kbd>Home</kbd> <kbd>End</kbd> first and last. On the board the arrows move from square to square,
        <kbd>Enter</kbd> plays. In the list of features <kbd>↑</kbd> <kbd>↓</kbd> choose one, <kbd>Enter</kbd> pins it.
      </p>
      <p>
        A ply is one move by one side. Play from any ply to try another line: the one you left stays among the
        variations. Squares are printed with a1 at the top left. The address of the page holds all that is in view:
        copy it to share it.
      </p>
    </section>`;
  }

  #formulas() {
    const { dictionary } = this.player;
    return html`<section>
      <h2>Every number, and its formula</h2>
      <ul class="formulas">
        <li><ol-term .formula=${activation(dictionary)}>Activation</ol-term></li>
        ${(Object.keys(FORMULAS) as FormulaName[]).map(
          (name) => html`<li><ol-term .name=${name}>${FORMULAS[name].title}</ol-term></li>`,
        )}
      </ul>
    </section>`;
  }

  #goTo(ply: number): void {
    this.dispatchEvent(new GoToEvent(ply));
  }
}

/** One sentence, and one thing to do. */
function step(title: string, sentence: TemplateResult, todo: TemplateResult) {
  return html`<div>
    <h2>${title}</h2>
    <p>${sentence}</p>
    <p class="todo">${todo}</p>
  </div>`;
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-guide-view': GuideView;
  }
}
