import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';

import { TranscriptEvent } from '../../events.js';
import type { BadTranscript } from '../../state/game-history.js';
import { base, controls } from '../base.styles.js';
import '../feature-browser/feature-browser.js';
import '../feature-panel/feature-panel.js';
import { openKept } from '../games/games.js';
import '../moves/moves.js';
import '../notice/notice.js';
import '../play-area/play-area.js';
import { PlayerElement } from '../player-element.js';
import { plyByKey } from '../plies/plies.js';
import '../stats/stats.js';
import { styles } from './play-view.styles.js';

/** The view of one game: the board, and what the model makes of it. */
@customElement('ol-play-view')
export class PlayView extends PlayerElement {
  static override styles = [base, controls, styles];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#onKey);
  }

  protected override render() {
    const { player } = this;
    const { history, view } = player;
    return html`
      <main id="player">
        <h1 tabindex="-1">Play Othello and see what a model expects</h1>
        <div class="notices">${history.bad?.fromAddress ? this.#badAddress(history.bad) : nothing}</div>
        <section class="card play" aria-label="Board"><ol-play-area .player=${player}></ol-play-area></section>
        <div class="insight">
          <section class="card" aria-label="The model’s next move">
            <ol-stats .position=${history.position} .next=${player.next}></ol-stats>
          </section>
          <section class="card" aria-label="Active features">
            <ol-feature-browser .player=${player}></ol-feature-browser>
          </section>
          <section class="card" aria-label="Feature in view">
            <ol-feature-panel
              .selection=${player.selection}
              .dictionary=${player.dictionary}
              .statistics=${player.statistics}
              .view=${view}
              .ply=${history.ply}
            ></ol-feature-panel>
          </section>
        </div>
        <section class="card moves" aria-label="Moves">
          <h2 class="title">Moves</h2>
          <ol-moves .positions=${history.game.positions} .ply=${history.ply}></ol-moves>
        </section>
        <section class="card games" aria-label="Games">
          <ol-games
            .transcript=${history.game.transcript}
            .bad=${history.bad}
            .seed=${history.seed}
            .playable=${history.playable}
          ></ol-games>
        </section>
      </main>
    `;
  }

  #badAddress({ message, kept }: BadTranscript) {
    const failure = {
      title: 'The game in this page’s address could not be read',
      what: message,
      remedy: 'It stands in the transcript box below: correct it there, or continue without it.',
      retry: false,
    };
    return html`<ol-notice .failure=${failure}>
      ${kept ? html`<button @click=${() => this.dispatchEvent(new TranscriptEvent(kept))}>${openKept(kept)}</button>` : nothing}
      <button @click=${() => this.player.history.dismissBad()}>Dismiss</button>
    </ol-notice>`;
  }

  /** One ply back and on, wherever the two keys mean nothing else. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    if (
      event.defaultPrevented ||
      !(event.key === 'ArrowLeft' || event.key === 'ArrowRight') ||
      (target instanceof HTMLElement && target.matches('input, textarea, select'))
    )
      return;
    const { ply, lastPly } = this.player.history;
    const to = plyByKey(event, ply, lastPly);
    if (to === null) return;
    event.preventDefault();
    this.player.goTo(to);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-play-view': PlayView;
  }
}
