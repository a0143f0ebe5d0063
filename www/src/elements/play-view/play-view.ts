import { html, nothing, type TemplateResult } from 'lit';
import { customElement, state } from 'lit/decorators.js';

import { MediaController } from '../../controllers/media.js';
import { TranscriptEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import type { BadTranscript } from '../../state/game-history.js';
import { base, controls } from '../base.styles.js';
import '../feature-browser/feature-browser.js';
import '../feature-panel/feature-panel.js';
import { openKept } from '../games/games.js';
import '../headline/headline.js';
import '../lines/lines.js';
import '../mini-bar/mini-bar.js';
import '../moves/moves.js';
import '../notice/notice.js';
import '../play-area/play-area.js';
import { PlayerElement } from '../player-element.js';
import { plyByKey } from '../plies/plies.js';
import '../stats/stats.js';
import '../timeline/timeline.js';
import { styles } from './play-view.styles.js';

/** The parts that are tabs where there is no room for them side by side. */
type Part = 'feature' | 'active' | 'moves' | 'next' | 'games';

const PARTS: readonly [Part, string, string][] = [
  ['feature', 'Feature', 'Feature in view'],
  ['active', 'Active', 'Active features'],
  ['next', 'Next move', 'The model’s next move'],
  ['moves', 'Moves', 'Moves'],
  ['games', 'Games', 'Games'],
];

/** The share of the board's card that has to be seen for the board to be in view. */
const HALF = 0.5;

/** The view of one game: the board, and what the model makes of it. */
@customElement('ol-play-view')
export class PlayView extends PlayerElement {
  static override styles = [base, controls, styles];

  /** The tab that is open. */
  @state() private tab: Part = 'feature';
  /** Whether the board is scrolled out of view. */
  @state() private away = false;
  /** Whether a file of games was open when this was drawn last: its games are to be seen. */
  #hasFile = false;
  readonly #narrow = new MediaController(this, '(max-width: 760px)');
  readonly #watch = new IntersectionObserver(
    ([entry]) => {
      // Its lower half holds the bars and the buttons: without the upper one there is no board to see.
      this.away = entry !== undefined && entry.intersectionRatio < HALF && entry.boundingClientRect.top < 0;
    },
    { threshold: [0, HALF, 1] },
  );

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#onKey);
    void this.updateComplete.then(() => {
      const board = this.renderRoot.querySelector('.play');
      if (board && this.isConnected) this.#watch.observe(board);
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#onKey);
    this.#watch.disconnect();
  }

  protected override willUpdate(): void {
    const has = this.player.history.file !== null;
    if (has && !this.#hasFile) this.tab = 'games';
    this.#hasFile = has;
  }

  protected override render() {
    const { player } = this;
    const { history, session, selection } = player;
    return html`
      <main>
        <ol-headline
          .trained=${session.bundle.trained}
          .selection=${selection}
          .dictionary=${player.dictionary}
          ?built=${session.isBuilt}
        ></ol-headline>
        <div class="notices">${history.bad?.fromAddress ? this.#badAddress(history.bad) : nothing}</div>
        ${
          this.#narrow.matches
            ? html`
                <section class="card play" aria-label="Board"><ol-play-area .player=${player}></ol-play-area></section>
                ${this.away ? html`<ol-mini-bar .player=${player}></ol-mini-bar>` : nothing}
                ${this.#tabs()}`
            : html`
                <div class="column board">
                  <section class="card play" aria-label="Board"><ol-play-area .player=${player}></ol-play-area></section>
                  ${this.#section('moves')}
                </div>
                <div class="column feature">${this.#section('feature')}</div>
                <div class="column lists">${this.#section('active')}${this.#section('next')}</div>
                <div class="column games">${this.#section('games')}</div>`
        }
      </main>
    `;
  }

  #tabs() {
    return html`
      <div class="tabs" role="tablist" aria-label="About this position" @keydown=${this.#onTabKey}>
        ${PARTS.map(
          ([part, name]) => html`<button
            role="tab"
            id=${`tab-${part}`}
            aria-controls="panel"
            aria-selected=${part === this.tab}
            tabindex=${part === this.tab ? 0 : -1}
            @click=${() => this.#open(part)}
          >${name}</button>`,
        )}
      </div>
      <div class="card panel" id="panel" role="tabpanel" aria-labelledby=${`tab-${this.tab}`}>${this.#part(this.tab)}</div>
    `;
  }

  #section(part: Part) {
    const name = PARTS.find(([each]) => each === part)?.[2];
    return html`<section class="card" aria-label=${name ?? ''}>${this.#part(part)}</section>`;
  }

  #part(part: Part): TemplateResult {
    const { player } = this;
    const { history, selection, dictionary } = player;
    switch (part) {
      case 'feature':
        return html`<ol-feature-panel
          .selection=${selection}
          .dictionary=${dictionary}
          .statistics=${player.statistics}
          .view=${player.view}
          .ply=${history.ply}
          .side=${player.side}
          href=${
            selection && dictionary
              ? hrefOf(player.here, {
                  view: 'features',
                  dictionary: dictionary.id,
                  feature: selection.feature,
                })
              : ''
          }
        ></ol-feature-panel>`;
      case 'active':
        return html`<ol-feature-browser .player=${player}></ol-feature-browser>`;
      case 'next':
        return html`
          <h2 class="title">The model’s next move</h2>
          <ol-stats
            .position=${history.position}
            .next=${player.next}
            ?known=${history.isKnown}
          ></ol-stats>
          <ol-timeline .view=${player.view} .ply=${history.ply}></ol-timeline>
        `;
      case 'moves':
        return html`
          <h2 class="title">Moves</h2>
          <ol-moves .positions=${history.game.positions} .ply=${history.ply}></ol-moves>
          <ol-lines .lines=${history.lines} .transcript=${history.game.transcript}></ol-lines>
        `;
      case 'games':
        return html`<ol-games
          .transcript=${history.game.transcript}
          .bad=${history.bad}
          .file=${history.file}
          .contradiction=${history.game.contradiction}
          .seed=${history.seed}
          .playable=${history.playable}
        ></ol-games>`;
    }
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

  #open(part: Part): void {
    this.tab = part;
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`#tab-${part}`)?.focus());
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const at = PARTS.findIndex(([part]) => part === this.tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: PARTS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const [part] = PARTS[(to + PARTS.length) % PARTS.length] ?? PARTS[0] ?? ['feature'];
    this.#open(part);
  };

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
