import { html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { KeptBundle } from 'othello-lens';

import { subjectOf } from '../../embed/subject.js';
import { type Address, AddressBar } from '../../state/address.js';
import { BUNDLES, type Bundle, nameInAddress } from '../../state/bundles.js';
import type { Failure } from '../../state/failure.js';
import { droppedFiles, mayBeWeights, type Opened } from '../../state/files.js';
import { Kept } from '../../state/kept.js';
import { Player } from '../../state/player.js';
import { Session } from '../../state/session.js';
import { type ViewName, viewAt, viewOf } from '../../state/views.js';
import { base, controls } from '../base.styles.js';
import '../embed-bar/embed-bar.js';
import '../notice/notice.js';
import '../play-view/play-view.js';
import '../site-footer/site-footer.js';
import '../site-header/site-header.js';
import { styles } from './app.styles.js';
import { isLoaded, loadView } from './views.js';

/** The page: its views, the model's session that they share, and the player that does what they ask for. */
@customElement('ol-app')
export class App extends LitElement {
  static override styles = [base, controls, styles];

  readonly #bar = new AddressBar();
  readonly #session = new Session();
  readonly #player = new Player(this.#session, this.#bar);

  readonly #kept = new Kept(() => this.requestUpdate());

  /** The view that could not be loaded, and why. */
  @state() private failedView: { view: ViewName; failure: Failure } | null = null;

  constructor() {
    super();
    const player = this.#player;
    player.subscribe(() => this.requestUpdate());
    this.#bar.subscribe((address, before) => this.#onStep(address, before));
    this.addEventListener('ol-goto', ({ ply }) => player.goTo(ply));
    this.addEventListener('ol-play', ({ square }) => player.history.play(square));
    this.addEventListener('ol-transcript', ({ text, ply }) => player.history.open(text, ply));
    this.addEventListener('ol-games-file', ({ file, readAs }) => void player.history.openFile(file, readAs));
    this.addEventListener('ol-close-games', () => player.history.closeFile());
    this.addEventListener('ol-random-game', ({ seed }) => player.history.openRandom(seed));
    this.addEventListener('ol-position', ({ seed, ply }) => {
      if (this.#bar.address.view !== 'play') this.#bar.go({ view: 'play' }, 'push');
      player.openPosition(seed, ply);
    });
    this.addEventListener('ol-side-board', ({ board }) => player.showSide(board));
    this.addEventListener('ol-point', ({ feature }) => player.pointAt(feature));
    this.addEventListener('ol-autoplay', ({ playing }) =>
      playing ? player.startPlaying() : player.pausePlaying(),
    );
    this.addEventListener('ol-pin', ({ feature }) => player.pin(feature));
    this.addEventListener('ol-threshold', ({ threshold }) => player.setThreshold(threshold));
    this.addEventListener('ol-dictionary', ({ id }) => player.setDictionary(id));
    this.addEventListener('ol-bundle', ({ bundle }) => {
      void this.#kept.load();
      player.useBundle(bundle);
    });
    this.addEventListener('ol-measured', ({ bundle }) => void this.#replace(bundle));
    this.addEventListener('ol-remove-bundle', ({ bundle }) => void this.#remove(bundle));
    this.addEventListener('ol-files', ({ files }) => void this.#open(files));
    this.addEventListener('ol-device', ({ device }) => player.useDevice(device));
    this.addEventListener('ol-navigate', ({ change, how }) => this.#bar.go(change, how));
    this.addEventListener('ol-retry', () => player.load());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener('click', this.#onClick);
    window.addEventListener('dragover', this.#onDragOver);
    window.addEventListener('drop', this.#onDrop);
    window.addEventListener('pointerdown', this.#onTouch, true);
    window.addEventListener('keydown', this.#onTouch, true);
    this.#player.playsByItself =
      location.search === '' &&
      this.#bar.address.view === 'play' &&
      !matchMedia('(prefers-reduced-motion: reduce)').matches;
    // The guide once was a part of the page.
    if (location.hash === '#guide') this.#bar.write({ view: 'guide' }, 'replace');
    this.#bar.start();
    this.#player.start();
    void this.#kept.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('click', this.#onClick);
    window.removeEventListener('dragover', this.#onDragOver);
    window.removeEventListener('drop', this.#onDrop);
    window.removeEventListener('pointerdown', this.#onTouch, true);
    window.removeEventListener('keydown', this.#onTouch, true);
  }

  protected override render() {
    const player = this.#player;
    const session = this.#session;
    const { failure } = player;
    return html`
      <ol-site-header
        .session=${session}
        .address=${player.here}
        .kept=${this.#kept.all}
        ?failed=${failure !== null && !session.engine}
      ></ol-site-header>
      ${
        session.bundle.trained
          ? nothing
          : html`<p class="untrained" role="note">
              <b>Untrained control.</b> This model’s weights are as they were drawn: it has learned nothing. What a
              feature seems to know here is chance.
            </p>`
      }
      <div class="notices">
        ${failure ? this.#failure() : nothing}${player.choice.missing.length > 0 ? this.#missing(player.choice.missing) : nothing}
      </div>
      <div class="view">${this.#view()}</div>
      <ol-embed-bar .subject=${subjectOf(player.here, player.dictionary?.id ?? null)}></ol-embed-bar>
      <ol-site-footer></ol-site-footer>
      <div class="unseen" role="status">${player.announcement}</div>
    `;
  }

  #view() {
    const player = this.#player;
    const session = this.#session;
    const { address } = this.#bar;
    if (!isLoaded(address.view)) return this.#loading(address.view);
    switch (address.view) {
      case 'features':
        return html`<ol-features-view
          .session=${session}
          .address=${address}
          .activation=${player.activationOf(address.dictionary ?? player.dictionary?.id ?? null, address.feature)}
        ></ol-features-view>`;
      case 'figures':
        return html`<ol-figures-view .session=${session} .address=${address}></ol-figures-view>`;
      case 'guide':
        return html`<ol-guide-view .session=${session} .address=${address} .player=${player}></ol-guide-view>`;
      case 'play':
        return html`<ol-play-view .player=${player}></ol-play-view>`;
    }
  }

  /** What stands in the place of a view whose element is on its way, or could not be had. */
  #loading(view: ViewName) {
    if (this.failedView?.view !== view) {
      void this.#loadView(view);
      return html`<p class="unseen" role="status">Loading …</p>`;
    }
    return html`<ol-notice .failure=${this.failedView.failure}>
      <button @click=${() => void this.#loadView(view)}>Try again</button>
    </ol-notice>`;
  }

  async #loadView(view: ViewName): Promise<void> {
    try {
      await loadView(view);
      this.failedView = null;
    } catch (error) {
      const failure = {
        title: 'This part of the page could not be loaded',
        what: error instanceof Error ? error.message : String(error),
        remedy: 'Check the connection, then try again; if that does not help, reload the page.',
        retry: false,
      };
      this.failedView = { view, failure };
    }
    this.requestUpdate();
  }

  #failure() {
    const player = this.#player;
    return html`<ol-notice .failure=${player.failure}>
      ${
        player.session.device === 'gpu' && player.history.playable
          ? html`<button @click=${() => player.useDevice('cpu')}>Run on the CPU</button>`
          : nothing
      }
    </ol-notice>`;
  }

  #missing(missing: readonly string[]) {
    const failure = {
      title: 'This link names something that is not here',
      what: `It names ${missing.join(', and ')}.`,
      remedy: 'Nothing is pinned in its place. The link may be of another version of the page, or mistyped.',
      retry: false,
    };
    return html`<ol-notice .failure=${failure}>
      <button @click=${() => this.#player.forgetMissing()}>Dismiss</button>
    </ol-notice>`;
  }

  /** Weights are shown before they are used; games open at once. */
  async #open(files: readonly Opened[]): Promise<void> {
    if (mayBeWeights(files)) {
      const { Import } = await import('../import/import.js');
      await Import.open(files, this.#session.bundle, this.renderRoot as ShadowRoot);
      return;
    }
    const [first] = files;
    if (!first || typeof first === 'string' || !(first.file instanceof File)) return;
    if (this.#bar.address.view !== 'play') this.#bar.go({ view: 'play' }, 'push');
    await this.#player.history.openFile(first.file);
  }

  /** Goes on with a bundle that has what the one in view has, and more. */
  async #replace(bundle: Bundle): Promise<void> {
    const { dictionary } = this.#bar.address;
    this.#bar.go({ model: nameInAddress(bundle), dictionary }, 'replace');
    await this.#kept.load();
  }

  async #remove(bundle: KeptBundle): Promise<void> {
    if (this.#session.bundle.name === bundle.address) this.#player.useBundle(BUNDLES[0]);
    await this.#kept.remove(bundle);
  }

  /** A file that is dropped anywhere is opened: the browser would leave the page for it. */
  readonly #onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  readonly #onDrop = (event: DragEvent): void => {
    const { dataTransfer } = event;
    if (!dataTransfer?.types.includes('Files') || event.defaultPrevented) return;
    event.preventDefault();
    void droppedFiles(dataTransfer).then((files) => this.#open(files));
  };

  /** Another step of the browser's history, or a link, may be of another view. */
  #onStep(address: Address, before: Address): void {
    this.requestUpdate();
    if (address.view === before.view) return;
    document.title = viewOf(address.view).title;
    void this.#loadView(address.view).then(async () => {
      await this.updateComplete;
      // The reader may have gone on.
      if (this.#bar.address.view !== address.view) return;
      const view = this.renderRoot.querySelector<LitElement>('.view > *');
      await view?.updateComplete;
      scrollTo({ top: 0 });
      view?.renderRoot.querySelector<HTMLElement>('h1, ol-headline')?.focus({ preventScroll: true });
    });
  }

  /** Whoever presses Pause means just that: pausing before the click would make it Play. */
  readonly #onTouch = (event: Event): void => {
    const pauses = event
      .composedPath()
      .some((each) => each instanceof Element && each.matches('button.play'));
    if (pauses) this.#player.playsByItself = false;
    else this.#player.touched();
  };

  /** A link to another view of this page keeps the model that is here. */
  readonly #onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.composedPath().find((each) => each instanceof HTMLAnchorElement);
    if (!link || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    const beside = new URL('.', location.href).href === new URL('.', url).href;
    if (!beside || !viewAt(url.pathname) || (url.hash && url.hash !== location.hash)) return;
    event.preventDefault();
    this.#bar.follow(url);
  };

  protected override firstUpdated(): void {
    document.title = viewOf(this.#bar.address.view).title;
  }

  protected override updated(): void {
    if (!this.#player.activity) return;
    mark('first-features');
    if (!this.#session.isBuilt) mark('live');
  }
}

/** Marks that the page has come so far, once: for those who measure or wait for it. */
function mark(name: string): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name);
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-app': App;
  }
}
