import { html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';

import { TranscriptEvent } from '../../events.js';
import type { BadTranscript } from '../../state/game-history.js';
import { Player } from '../../state/player.js';
import '../badge/badge.js';
import { base, controls } from '../base.styles.js';
import '../feature-browser/feature-browser.js';
import '../feature-panel/feature-panel.js';
import { openKept } from '../games/games.js';
import '../guide/guide.js';
import '../moves/moves.js';
import '../notice/notice.js';
import '../play-area/play-area.js';
import { plyByKey } from '../plies/plies.js';
import '../stats/stats.js';
import { styles } from './app.styles.js';

/** The page: its parts, and the player that does what they ask for. */
@customElement('ol-app')
export class App extends LitElement {
  static override styles = [base, controls, styles];

  readonly #player = new Player();
  #marked = false;

  constructor() {
    super();
    const player = this.#player;
    player.subscribe(() => this.requestUpdate());
    this.addEventListener('ol-goto', ({ ply }) => player.goTo(ply));
    this.addEventListener('ol-play', ({ square }) => player.history.play(square));
    this.addEventListener('ol-transcript', ({ text, ply }) => player.history.open(text, ply));
    this.addEventListener('ol-random-game', ({ seed }) => player.history.openRandom(seed));
    this.addEventListener('ol-position', ({ seed, ply }) => player.openPosition(seed, ply));
    this.addEventListener('ol-pin', ({ feature }) => player.pin(feature));
    this.addEventListener('ol-threshold', ({ threshold }) => player.setThreshold(threshold));
    this.addEventListener('ol-dictionary', ({ id }) => player.setDictionary(id));
    this.addEventListener('ol-device', ({ device }) => player.useDevice(device));
    this.addEventListener('ol-retry', () => player.load());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('keydown', this.#onKey);
    this.#player.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('keydown', this.#onKey);
  }

  protected override render() {
    const player = this.#player;
    const { failure, history, session, view } = player;
    return html`
      <header>
        <a class="name" href="./">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle class="mark-black" cx="10" cy="10" r="7.5" />
            <path class="mark-white" d="M10 2.5a7.5 7.5 0 0 1 0 15z" />
            <path class="mark-lens" d="M15.6 15.6 21.5 21.5" />
            <circle class="mark-ring" cx="10" cy="10" r="7.5" />
          </svg>
          othello-lens
        </a>
        <nav aria-label="Main">
          <a href="#player" aria-current="page" @click=${this.#onAnchor}>Player</a>
          <a href="#guide" @click=${this.#onAnchor}>How to read this</a>
        </nav>
        <ol-badge
          .engine=${session.engine}
          .model=${session.model}
          .progress=${session.progress}
          .milliseconds=${session.milliseconds}
          .device=${player.device}
          ?failed=${failure !== null && !session.engine}
        ></ol-badge>
        ${failure ? nothing : this.#progress()}
      </header>
      <main id="player">
        <h1 class="unseen">Play Othello and see what a model expects</h1>
        <div class="notices">
          ${failure ? this.#failure() : nothing}
          ${history.bad?.fromAddress ? this.#badAddress(history.bad) : nothing}
        </div>
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
      <footer id="guide">
        <ol-guide .bundle=${player.bundle} .model=${session.model} .dictionary=${player.dictionary}></ol-guide>
      </footer>
      <div class="unseen" role="status">${player.announcement}</div>
    `;
  }

  #progress() {
    const { progress } = this.#player.session;
    if (!progress) return nothing;
    return html`<progress
      aria-label="Loading the model"
      max=${progress.total || 1}
      .value=${progress.total ? progress.loaded : 0}
    ></progress>`;
  }

  #failure() {
    const player = this.#player;
    return html`<ol-notice .failure=${player.failure}>
      ${
        player.device === 'gpu' && player.history.playable
          ? html`<button @click=${() => player.useDevice('cpu')}>Run on the CPU</button>`
          : nothing
      }
    </ol-notice>`;
  }

  #badAddress({ message, kept }: BadTranscript) {
    const failure = {
      title: 'The game in this page’s address could not be read',
      what: message,
      remedy: 'It stands in the transcript box below. Mend it there, or go on without it.',
      retry: false,
    };
    return html`<ol-notice .failure=${failure}>
      ${kept ? html`<button @click=${() => this.dispatchEvent(new TranscriptEvent(kept))}>${openKept(kept)}</button>` : nothing}
      <button @click=${() => this.#player.history.dismissBad()}>Dismiss</button>
    </ol-notice>`;
  }

  /** Browsers do not look for anchors in a shadow root. */
  readonly #onAnchor = (event: Event): void => {
    event.preventDefault();
    const { hash } = event.currentTarget as HTMLAnchorElement;
    history.replaceState(null, '', hash);
    this.#scrollTo(hash);
  };

  #scrollTo(hash: string): void {
    if (hash === '#player') scrollTo({ top: 0 });
    else if (hash === '#guide') this.renderRoot.querySelector('#guide')?.scrollIntoView();
  }

  protected override updated(): void {
    // For those who measure how long it takes from opening the page to here.
    if (!this.#marked && this.#player.activity) {
      this.#marked = true;
      performance.mark('first-features');
    }
  }

  protected override firstUpdated(): void {
    this.#scrollTo(location.hash);
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
    const { ply, lastPly } = this.#player.history;
    const to = plyByKey(event, ply, lastPly);
    if (to === null) return;
    event.preventDefault();
    this.#player.goTo(to);
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-app': App;
  }
}
