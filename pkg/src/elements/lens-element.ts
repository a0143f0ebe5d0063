import { css, html, isServer, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../lens.js';
import type { Device, Progress } from '../types.js';
import { cssProperties } from './css-properties.js';
import { FailureEvent, LiveEvent } from './events.js';
import { type Lease, lease } from './lens-pool.js';
import { ThemedElement } from './themed-element.js';

/** What an element is doing: `still` draws without the engine, `live` with it. */
export type ElementState = 'still' | 'loading' | 'live' | 'failed';

/** What a part of an element shows. */
export type Content = TemplateResult | typeof nothing;

/**
 * An element that shows something of a bundle: at first a still picture drawn from files alone, and once
 * somebody uses it, or at once where it has the attribute `live`, what the engine computes.
 *
 * A subclass draws the two, {@link renderStill} and {@link renderLive}, and says what each needs:
 * {@link loadStill} fetches numbers, {@link loadLive} imports what the live part is made of, so that a page
 * that nobody touches has not loaded it. Both may throw: the message is shown inside the element, below what
 * could be drawn.
 *
 * @slot - shown until there is a still picture, and where there can be none: what a page without scripts shows
 * @csspart frame - everything
 * @csspart start - the button that starts the engine
 * @csspart progress - how far loading has come
 * @csspart failure - what went wrong
 * @fires {LiveEvent} othello-live - the engine runs
 * @fires {FailureEvent} othello-failure - something failed
 */
export abstract class LensElement extends ThemedElement {
  static override styles = [
    ...ThemedElement.styles,
    css`
      .frame {
        position: relative;
      }
      .foot {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        margin-top: 8px;
        font-size: var(--size-2);
        color: var(--soft);
      }
      .foot:empty {
        display: none;
      }
      .bar {
        flex: 1 1 80px;
        height: 4px;
        background: var(--sunk);
        border-radius: 2px;
        overflow: hidden;
      }
      .bar > i {
        display: block;
        width: calc(100% * var(--share));
        height: 100%;
        background: var(--accent);
      }
      .failure {
        flex: 1 1 100%;
        padding: 8px 11px;
        color: var(--warn);
        background: var(--warn-wash);
        border-radius: 8px;
        overflow-wrap: anywhere;
      }
      @media (forced-colors: active) {
        .bar > i {
          background: Highlight;
        }
        .failure {
          border: 1px solid;
        }
      }
    `,
  ];

  /** The address of the bundle's folder or of its `manifest.json`, relative to the page. */
  @property() bundle: string | null = null;
  /** Starts the engine without waiting for somebody to use the element. */
  @property({ type: Boolean }) live = false;
  /** The engine to run on. */
  @property() device: Device = 'auto';
  /** A lens that the page has loaded; it takes the place of `bundle`, and stays the page's to dispose of. */
  @property({ attribute: false }) lens: Lens | null = null;

  /** Attributes and properties that the still picture depends on, besides `bundle`. */
  protected readonly stillDependsOn: readonly string[] = [];

  @state() private own: Lens | null = null;
  @state() private livePart = false;
  @state() private progress: Progress | null = null;
  @state() private failure: Error | null = null;
  #lease: Lease | null = null;
  /** Somebody used the element: it is live again after it was moved or shows another bundle. */
  #used = false;
  #still: AbortController | null = null;

  /** What the element is doing. */
  get state(): ElementState {
    if (this.running) return 'live';
    if (this.failure) return 'failed';
    return this.#lease || this.lens ? 'loading' : 'still';
  }

  /** The lens in use once the element is live. */
  protected get running(): Lens | null {
    return this.livePart ? (this.lens ?? this.own) : null;
  }

  /** The whole address of the bundle. */
  protected get address(): string {
    const { bundle } = this;
    if (!bundle)
      throw new Error(`<${this.localName}> needs the address of a bundle: bundle="…/models/small/".`);
    try {
      return new URL(bundle, document.baseURI).href;
    } catch {
      throw new Error(`bundle="${bundle}" is no address.`);
    }
  }

  /** Draws what there is without the engine; `nothing` leaves the place to the element's own content. */
  protected abstract renderStill(): Content;

  /** Draws what there is with the engine. */
  protected abstract renderLive(lens: Lens): Content;

  /** Fetches what {@link renderStill} draws; called anew when `bundle` or one of {@link stillDependsOn} changes. */
  protected async loadStill(_signal: AbortSignal): Promise<void> {}

  /** Imports what {@link renderLive} is made of. */
  protected async loadLive(): Promise<void> {}

  /** Starts the engine, unless it runs or is on its way. The element says how far it is, and what went wrong. */
  async start(): Promise<void> {
    this.#used = true;
    if (this.lens || this.#lease || !this.isConnected) return;
    this.failure = null;
    try {
      const rented = lease(this.address, this.device, (progress) => {
        if (this.#lease === rented) this.progress = progress;
      });
      this.#lease = rented;
      const [own] = await Promise.all([rented.lens, this.loadLive()]);
      if (this.#lease !== rented) return;
      this.own = own;
      this.livePart = true;
      this.dispatchEvent(new LiveEvent(own));
    } catch (error) {
      this.fail(error);
      this.#release();
    }
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasUpdated) return;
    // Moved within the page: what was let go of is taken up again.
    if (this.#used || this.live) void this.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#still?.abort();
    this.#release();
  }

  protected override willUpdate(changed: PropertyValues): void {
    // A server draws the frame; what needs a network waits for the browser.
    if (isServer) return;
    const isNew = !this.hasUpdated;
    if (changed.has('lens') && this.lens) void this.#take();
    if ((changed.has('bundle') || changed.has('device')) && !isNew) this.#release();
    if (isNew || changed.has('bundle') || this.stillDependsOn.some((key) => changed.has(key)))
      void this.#drawStill();
    // A start that failed is not tried again until something changes.
    if (this.live && (isNew || changed.has('live'))) void this.start();
    else if (!isNew && (this.live || this.#used) && changed.has('bundle')) void this.start();
  }

  protected override render(): TemplateResult {
    const { running } = this;
    const still = running ? nothing : this.renderStill();
    return html`
      <div part="frame" class="frame" data-state=${this.state} @click=${this.#use}>
        ${running ? this.renderLive(running) : still === nothing ? html`<slot></slot>` : still}
        <div class="foot">${this.#renderFoot()}</div>
      </div>
    `;
  }

  /** Shows what went wrong in words, inside the element. */
  protected fail(thrown: unknown): void {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') return;
    this.failure = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.dispatchEvent(new FailureEvent(this.failure));
  }

  /** What the button says that starts the engine. */
  protected get invitation(): string {
    return 'Run it here';
  }

  #renderFoot() {
    const { failure, state } = this;
    return [
      failure ? html`<p part="failure" class="failure" role="alert">${failure.message}</p>` : nothing,
      state === 'loading' && !failure ? this.#renderProgress() : nothing,
      (state === 'still' || state === 'failed') && this.bundle
        ? html`<button part="start" type="button" @click=${this.#use}>${failure ? 'Try again' : this.invitation}</button>`
        : nothing,
    ];
  }

  #renderProgress() {
    const { loaded, total } = this.progress ?? { loaded: 0, total: 0 };
    const share = total > 0 ? loaded / total : 0;
    return html`
      <div part="progress" class="bar" role="progressbar" aria-label="Loading the model" aria-valuemin="0"
        aria-valuemax="100" aria-valuenow=${Math.round(100 * share)}>
        <i ${cssProperties({ '--share': share })}></i>
      </div>
      <span class="number">${total > 0 ? `${megabytes(loaded)} of ${megabytes(total)} MB` : 'Loading the program'}</span>
    `;
  }

  /** Somebody uses the element. */
  readonly #use = (event: Event): void => {
    if (this.state !== 'still' && this.state !== 'failed') return;
    // A link is followed, and text is selected, without starting anything.
    const path = event.composedPath();
    if (path.some((node) => node instanceof Element && node.matches('a[href], summary'))) return;
    if (!this.bundle || getSelection()?.type === 'Range') return;
    event.stopPropagation();
    if (this.failure) void this.#drawStill();
    void this.start();
  };

  async #take(): Promise<void> {
    this.#release();
    try {
      await this.loadLive();
      this.livePart = true;
    } catch (error) {
      this.fail(error);
    }
  }

  async #drawStill(): Promise<void> {
    this.#still?.abort();
    const still = new AbortController();
    this.#still = still;
    // The state of the engine is another matter: what failed there stays said.
    if (!this.#used) this.failure = null;
    // With a lens from the page, nothing is fetched besides.
    if (this.lens) return;
    try {
      await this.loadStill(still.signal);
      if (this.#still === still) this.requestUpdate();
    } catch (error) {
      if (this.#still === still && !still.signal.aborted) this.fail(error);
    }
  }

  #release(): void {
    this.#lease?.release();
    this.#lease = null;
    this.own = null;
    this.progress = null;
    this.requestUpdate();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
