import { html } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import type { Player } from '../../state/player.js';
import { count, exactPercent } from '../../text/numbers.js';
import { base } from '../base.styles.js';
import '../formula-button/formula-button.js';
import { ViewElement } from '../view-element.js';
import { styles } from './guide-view.styles.js';

/** How to read the page. */
@customElement('ol-guide-view')
export class GuideView extends ViewElement {
  static override styles = [base, styles];

  @property({ attribute: false }) player!: Player;

  protected override render() {
    const { bundle, model } = this.session;
    const { dictionary } = this.player;
    const { l0, fvu } = dictionary?.metrics ?? {};
    return html`
      <main>
      <h1 tabindex="-1">How to read this page</h1>
      <div class="columns">
        <section>
          <h2>The model</h2>
          <p>
            OthelloGPT is a transformer that reads nothing but lists of moves: random legal games, written as
            <code>f5 d6 c3 …</code>. Nobody tells it that there is a board. After each move it gives every square a
            probability of coming next.
            ${
              model
                ? html`This one has ${model.layers} layers of width ${model.dModel} and ${count(model.parameters)} parameters, and
                  reads up to ${model.context} moves.`
                : ''
            }
          </p>
          <p>
            ${
              bundle.trained
                ? html`It was trained on random games, so the best it can do is to give each legal move the same share. It
                  does not try to win.`
                : html`This one is the control: its weights are as they were drawn, and it knows no rule. What features tell
                  of the board here, they tell without a model that has learnt it.`
            }
          </p>
        </section>
        <section>
          <h2>The board</h2>
          <p class="keyed">
            <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><rect class="heat" x="3" y="3" width="44" height="44" rx="6" /><circle class="spot" cx="25" cy="25" r="6" /></svg>
            <span>A dot is a legal move, a filled one the move that this game goes on with; the tint and the number are the model’s probability.</span>
          </p>
          <p class="keyed">
            <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><path class="hatch" d="M4 18 18 4M4 34 34 4M6 46 46 6M20 46 46 20M36 46 46 36" /><rect class="illegal" x="3.5" y="3.5" width="43" height="43" rx="6" /></svg>
            <span>Hatched and crossed is probability on a move that the rules forbid: the model’s error.</span>
          </p>
          <p class="keyed">
            <svg class="key" viewBox="0 0 50 50" aria-hidden="true"><rect class="felt" width="50" height="50" /><rect class="top" x="4" y="4" width="42" height="42" rx="6" /></svg>
            <span>An outline marks the most probable move; a ring in a disc, the last one played.</span>
          </p>
        </section>
        <section>
          <h2>The features</h2>
          <p>
            Between its layers the model carries a list of numbers per ply, the residual stream. A sparse autoencoder (SAE)
            rewrites that list as a sum of few out of many directions, its features.
            ${
              dictionary
                ? html`The one in view reads the ${dictionary.place} and has ${count(dictionary.features)} features${
                    l0 === undefined
                      ? ''
                      : html`, of which ${l0.toFixed(0)} are active on average (its L0 <ol-formula-button name="meanL0"></ol-formula-button>)`
                  }.
                  ${
                    fvu === undefined
                      ? ''
                      : html`It leaves ${exactPercent(fvu)} of the variance unexplained (FVU <ol-formula-button name="fvu"></ol-formula-button>).`
                  }`
                : ''
            }
          </p>
          <p>
            A feature that is active is not yet understood: look at when it is, over the game, and at which squares’
            logits it raises. Pin one and play on. Where the bundle has a card of it, that says which statements about
            the board it tells best and where it is strongest; each of those boards opens with a click.
          </p>
        </section>
        <section>
          <h2>Getting about</h2>
          <p>
            <kbd>←</kbd> <kbd>→</kbd> one ply. In the bars by ply and in the moves also <kbd>PgUp</kbd> <kbd>PgDn</kbd> ten,
            <kbd>Home</kbd> <kbd>End</kbd> first and last. On the board the arrows move from square to square,
            <kbd>Enter</kbd> plays. In the list of features <kbd>↑</kbd> <kbd>↓</kbd> choose one, <kbd>Enter</kbd> pins it.
          </p>
          <p>
            A ply is one move by one side. Play from any ply to try another line; <i>Undo</i> brings the game back. Squares are
            printed with a1 at the top left. The address of the page
            holds the model, the game, the ply, the SAE, the pinned feature, what is hidden and the engine: copy it to share.
          </p>
        </section>
      </div>
      </main>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-guide-view': GuideView;
  }
}
