import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import type { FigureSummary } from 'othello-lens/elements';

import { NavigateEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import { base, controls } from '../base.styles.js';
import { ViewElement } from '../view-element.js';
import { styles } from './figures-view.styles.js';

/** The bundle of the model that was never trained, for the baselines. */
const CONTROL = 'models/control/';
/** How far below the screen figures are drawn already. */
const AHEAD = '400px';

/**
 * The figures: all of them side by side, each drawn when it comes into view, and each on a page of its own, where
 * it can be measured anew.
 */
@customElement('ol-figures-view')
export class FiguresView extends ViewElement {
  static override styles = [base, controls, styles];

  @state() private figures: readonly FigureSummary[] = [];
  @state() private problem: string | null = null;
  /** Names of the figures that have come into view. */
  @state() private seen: ReadonlySet<string> = new Set();
  #observer: IntersectionObserver | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: AHEAD });
    // Elements and what they draw with come with the first figure, not with the page.
    import('othello-lens/elements').then(
      ({ FIGURES }) => {
        this.figures = FIGURES;
      },
      (error: unknown) => {
        this.problem = error instanceof Error ? error.message : String(error);
      },
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
  }

  protected override render() {
    const { figure } = this.address;
    return html`<main>
      ${this.problem ? html`<p class="warn" role="alert">The figures could not be loaded: ${this.problem}</p>` : nothing}
      ${figure === null ? this.#renderAll() : this.#renderOne(figure)}
    </main>`;
  }

  protected override updated(): void {
    for (const card of this.renderRoot.querySelectorAll('[data-figure]')) this.#observer?.observe(card);
  }

  #renderAll() {
    return html`
      <h1 tabindex="-1">Figures</h1>
      <p class="lead">
        What was measured, beside what others have published. Each is drawn from the bundle’s own numbers, and each
        can be measured again here, in your browser, from games of a stated seed.
      </p>
      <h2 class="unseen">All figures</h2>
      <ul class="grid">
        ${this.figures.map(
          ({ name, title }) => html`<li data-figure=${name}>
            ${this.seen.has(name) && this.session.lens ? this.#figure(name, true) : html`<div class="room"><b>${name.toUpperCase()}</b> ${title}</div>`}
            <a class="cover" href=${hrefOf(this.address, { figure: name })} aria-label=${`${name.toUpperCase()}: ${title}`}></a>
          </li>`,
        )}
      </ul>
    `;
  }

  #renderOne(figure: string) {
    const at = this.figures.findIndex(({ name }) => name === figure.trim().toLowerCase());
    const [before, after] = [this.figures[at - 1], this.figures[at + 1]];
    const link = (to: FigureSummary | undefined, text: string) =>
      to
        ? html`<a href=${hrefOf(this.address, { figure: to.name, label: null })}>${text} ${to.name.toUpperCase()}</a>`
        : nothing;
    return html`
      <nav aria-label="Figures">
        <a href=${hrefOf(this.address, { figure: null, label: null })}>All figures</a>
        <span>${at > 0 ? link(before, '← ') : nothing} ${at >= 0 ? link(after, '→ ') : nothing}</span>
      </nav>
      <h1 tabindex="-1" class="unseen">${at >= 0 ? `${figure.toUpperCase()}: ${this.figures[at]?.title}` : 'Figures'}</h1>
      <h2 class="unseen">The figure</h2>
      ${
        this.figures.length > 0 && (this.session.lens || at < 0)
          ? html`<div class="sheet">${this.#figure(figure, false)}</div>`
          : html`<div class="sheet"><p role="status">${this.session.failure ? '' : 'Loading the model …'}</p></div>`
      }
    `;
  }

  #figure(name: string, compact: boolean) {
    const { address, session } = this;
    return html`<othello-figure
      .lens=${session.lens}
      bundle=${session.bundle.path}
      control=${CONTROL}
      script="package/elements.js"
      .name=${name}
      .dictionary=${compact ? null : address.dictionary}
      .label=${compact ? null : address.label}
      .link=${hrefOf(address, { figure: name })}
      ?compact=${compact}
      @othello-figure-choice=${this.#onChoice}
    ></othello-figure>`;
  }

  readonly #onChoice = ({ choice }: HTMLElementEventMap['othello-figure-choice']): void => {
    this.dispatchEvent(new NavigateEvent({ dictionary: choice.dictionary, label: choice.label }, 'replace'));
  };

  #see(entries: readonly IntersectionObserverEntry[]): void {
    const names = entries.flatMap(({ isIntersecting, target }) => {
      const name = target.getAttribute('data-figure');
      return isIntersecting && name !== null && !this.seen.has(name) ? [name] : [];
    });
    if (names.length > 0) this.seen = new Set([...this.seen, ...names]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-figures-view': FiguresView;
  }
}
