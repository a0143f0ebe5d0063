import { html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { Position } from 'othello-lens';
import type { BadTranscript } from '../../state/game-line.js';
import { GAMES } from '../../state/games.js';
import { Player } from '../../state/player.js';
import { exactPercent, megabytes } from '../../text/numbers.js';
import { place } from '../../text/saes.js';
import { squareName } from '../../text/squares.js';
import '../badge/badge.js';
import { base, controls } from '../base.styles.js';
import '../board/board.js';
import '../feature/feature.js';
import '../features/features.js';
import '../formula/formula.js';
import { openKept } from '../games/games.js';
import '../guide/guide.js';
import '../layers/layers.js';
import '../moves/moves.js';
import '../notice/notice.js';
import { plyByKey } from '../plies/plies.js';
import '../saes/saes.js';
import '../stats/stats.js';
import '../status/status.js';
import { styles } from './app.styles.js';

/** What the bars under the board show. */
type Measure = 'illegal' | 'kl';

/** The page. */
@customElement('ol-app')
export class App extends LitElement {
  static override styles = [base, controls, styles];

  readonly #player = new Player(() => this.requestUpdate());
  #marked = false;
  @state() private measure: Measure = 'illegal';

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
    const { failure } = player;
    const { progress } = player.session;
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
          .engine=${player.session.engine}
          .model=${player.session.model}
          .progress=${progress}
          .milliseconds=${player.session.milliseconds}
          .device=${player.device}
          ?failed=${failure !== null && !player.session.engine}
          @device=${(event: CustomEvent) => player.useDevice(event.detail.device)}
        ></ol-badge>
        ${
          progress && !failure
            ? html`<progress
                aria-label="Loading the model"
                max=${progress.total || 1}
                .value=${progress.total ? progress.loaded : 0}
              ></progress>`
            : nothing
        }
      </header>
      <main id="player">
        <h1 class="unseen">Play Othello and see what a model expects</h1>
        <div class="notices">
          ${failure ? this.#failure() : nothing}
          ${player.line.bad?.fromAddress ? this.#badAddress(player.line.bad) : nothing}
        </div>
        <section class="card play" aria-label="Board">${this.#board()}</section>
        <div class="insight">
          <section class="card" aria-label="The model’s next move">
            <ol-stats .position=${player.line.position} .next=${player.reading.nextMove(player.line.ply)}></ol-stats>
          </section>
          <section class="card" aria-label="Active features">${this.#features()}</section>
          <section class="card" aria-label="Feature in view">
            <ol-feature
              .selection=${player.selection}
              .reading=${player.reading}
              .position=${player.line.position}
              .ply=${player.line.ply}
              .sae=${player.sae}
              .statistics=${player.statistics}
              .describe=${this.#describe}
              @goto=${this.#onGoTo}
              @pin=${this.#onPin}
              @board=${(event: CustomEvent) => player.openBoard(event.detail.seed, event.detail.ply)}
            ></ol-feature>
          </section>
        </div>
        <section class="card moves" aria-label="Moves">
          <h2 class="title">Moves</h2>
          <ol-moves .positions=${player.line.game.positions} .ply=${player.line.ply} @goto=${this.#onGoTo}></ol-moves>
        </section>
        <section class="card games" aria-label="Games">
          <ol-games
            .transcript=${player.line.game.transcript}
            .bad=${player.line.bad}
            .seed=${player.line.seed}
            .playable=${player.line.playable}
            @read=${(event: CustomEvent) => player.line.open(event.detail.text)}
            @open=${(event: CustomEvent) => player.line.open(event.detail.game.transcript, event.detail.game.ply)}
            @random=${(event: CustomEvent) => player.line.openRandom(event.detail.seed)}
          ></ol-games>
        </section>
      </main>
      <footer id="guide"><ol-guide .bundle=${player.bundle} .model=${player.session.model} .sae=${player.sae}></ol-guide></footer>
      <div class="unseen" role="status">${player.announcement}</div>
    `;
  }

  #failure() {
    const player = this.#player;
    return html`<ol-notice .failure=${player.failure} @retry=${() => player.load()}>
      ${
        player.device === 'gpu' && player.line.playable
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
      ${kept ? html`<button @click=${() => this.#player.line.open(kept)}>${openKept(kept)}</button>` : nothing}
      <button @click=${() => this.#player.line.dismissBad()}>Dismiss</button>
    </ol-notice>`;
  }

  #board() {
    const player = this.#player;
    const { reading } = player;
    const { position, ply, lastPly } = player.line;
    const illegal = this.measure === 'illegal';
    return html`
      <ol-status .position=${position} .last=${lastPly} .refused=${player.line.refused}></ol-status>
      <ol-board
        .position=${position}
        .next=${reading.nextMove(ply) ?? null}
        .following=${player.line.game.positions[ply + 1]?.move ?? null}
        @play=${(event: CustomEvent) => player.line.play(event.detail.square)}
      ></ol-board>
      <div class="controls">
        <span class="steps">
          ${this.#step('First ply', 'M6 5v14M18 5 9 12l9 7z', 0, ply > 0)}
          ${this.#step('Previous ply', 'M16 5 7 12l9 7z', ply - 1, ply > 0)}
          ${this.#step('Next ply', 'M8 5l9 7-9 7z', ply + 1, ply < lastPly)}
          ${this.#step('Last ply', 'M18 5v14M6 5l9 7-9 7z', lastPly, ply < lastPly)}
        </span>
        <button ?disabled=${!player.line.canUndo} @click=${() => player.line.undo()}>Undo</button>
        <button ?disabled=${lastPly === 0} @click=${() => player.line.open('')}>New game</button>
      </div>
      <div class="timeline">
        <div class="measure">
          <h2>By ply</h2>
          <button class="tab" aria-pressed=${illegal} @click=${() => (this.measure = 'illegal')}>illegal mass</button>
          <button class="tab" aria-pressed=${!illegal} @click=${() => (this.measure = 'kl')}>KL from uniform</button>
          <ol-formula .name=${illegal ? 'illegalMass' : 'kl'}></ol-formula>
        </div>
        <ol-plies
          label="Ply"
          .values=${reading.series((next) => (illegal ? next.illegalMass : next.klFromUniform))}
          .marked=${reading.series((next) => (next.topIsLegal ? 0 : 1)).map((wrong) => wrong === 1)}
          .ply=${ply}
          .least=${illegal ? 0.05 : 0.1}
          .format=${illegal ? exactPercent : nats}
          .describe=${this.#describe}
          @goto=${this.#onGoTo}
        ></ol-plies>
      </div>
    `;
  }

  #step(label: string, path: string, to: number, enabled: boolean) {
    return html`<button class="step" aria-label=${label} title=${label} ?disabled=${!enabled} @click=${() => this.#player.goTo(to)}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>
    </button>`;
  }

  #features() {
    const player = this.#player;
    const { sae } = player;
    const { featureFailure } = player.session;
    return html`
      <div class="heading">
        <h2>Active features</h2>
        <span class="site">${sae ? place(sae) : ''}</span>
        <ol-layers
          .layers=${player.session.model?.layers ?? 8}
          .saes=${player.session.saes}
          .sae=${sae}
          @pick=${this.#onPick}
        ></ol-layers>
        <ol-saes .saes=${player.session.saes} .sae=${sae} @pick=${this.#onPick}></ol-saes>
      </div>
      ${
        featureFailure
          ? html`<ol-notice .failure=${featureFailure} @retry=${() => player.session.retryFeatures()}></ol-notice>`
          : nothing
      }
      <ol-features
        .reading=${player.reading}
        .ply=${player.line.ply}
        .sae=${sae}
        .pinned=${player.pinned}
        .gate=${player.gate}
        .labels=${player.labels}
        @pin=${this.#onPin}
        @gate=${(event: CustomEvent) => player.setGate(event.detail.gate)}
      >${this.#noFeatures()}</ol-features>
    `;
  }

  /** Why there is no list of features. */
  #noFeatures() {
    const player = this.#player;
    const { position } = player.line;
    const { engine, model, progress } = player.session;
    if (player.failure && !engine) return 'Features come from the model, and it is not here.';
    if (!engine) return 'The model is on its way. You can play already.';
    if (player.session.saes.length === 0) return 'This bundle has no SAE.';
    if (position.ply === 0) return this.#invitation();
    if (model && position.ply > model.context) {
      return `The model reads ${model.context} moves; this was one more${position.toMove ? '' : ', and the last'}.`;
    }
    if (player.session.featureFailure) return 'No features.';
    if (progress && progress.total > progress.loaded) {
      return `The SAE is on its way: ${megabytes(progress.loaded)} of ${megabytes(progress.total)}.`;
    }
    return 'Reading the game …';
  }

  #invitation() {
    const player = this.#player;
    return html`<div class="start">
      <p>The model reads moves, and none has been played. Play on one of the dots, or open a game:</p>
      <div>
        ${GAMES.map(
          (game) =>
            html`<button ?disabled=${!player.line.playable} @click=${() => player.line.open(game.transcript, game.ply)}>${game.title}</button>`,
        )}
      </div>
    </div>`;
  }

  readonly #describe = (ply: number): string => {
    const position: Position | undefined = this.#player.line.game.positions[ply];
    const move = position?.move ?? null;
    return `ply ${ply} of ${this.#player.line.lastPly}${move === null ? ', start' : `, ${squareName(move)}`}`;
  };

  readonly #onGoTo = (event: CustomEvent): void => this.#player.goTo(event.detail.ply);
  readonly #onPick = (event: CustomEvent): void => this.#player.setSae(event.detail.sae);
  readonly #onPin = (event: CustomEvent): void => this.#player.pin(event.detail.feature);

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
    const to = plyByKey(event, this.#player.line.ply, this.#player.line.lastPly);
    if (to === null) return;
    event.preventDefault();
    this.#player.goTo(to);
  };
}

function nats(value: number): string {
  return value.toFixed(2);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-app': App;
  }
}
