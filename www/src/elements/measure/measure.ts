import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { DictionaryInfo, Lens, Progress } from 'othello-lens';

import { MeasuredEvent } from '../../events.js';
import { keptBundle } from '../../state/bundles.js';
import { isAbort } from '../../state/failure.js';
import { count } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './measure.styles.js';

/** What is being done, by the phase of its progress. */
const DOING: Partial<Record<Progress['phase'], string>> = {
  weights: 'Loading the weights',
  games: 'Playing games',
  features: 'Scoring features',
  labels: 'Drawing intervals',
};

/** The seed of the games that bundles' features were measured on by the command line, too. */
const SEED = 0;

/**
 * Measures a dictionary of which nothing was measured, in workers beside the page, and keeps the bundle with a card of
 * each feature.
 *
 * @fires ol-measured - the bundle with what was measured is kept, and to be loaded
 */
@customElement('ol-measure')
export class Measure extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) lens: Lens | null = null;
  @property({ attribute: false }) dictionary!: DictionaryInfo;
  @state() private games = 200;
  @state() private progress: Progress | null = null;
  /** Why it was not measured. */
  @state() private fault: string | null = null;
  #measuring: AbortController | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#measuring?.abort();
  }

  protected override render() {
    const { progress, fault } = this;
    const running = this.#measuring !== null;
    return html`
      <p>Nothing was measured on these features yet. It can be done here, with the code that measured the others.</p>
      <form @submit=${this.#onSubmit}>
        <label>
          Random games
          <input type="number" min="1" max="2000" step="1" required ?disabled=${running} .value=${`${this.games}`} @change=${this.#onGames} />
        </label>
        ${
          running
            ? html`<button type="button" @click=${() => this.#measuring?.abort()}>Cancel</button>`
            : html`<button class="main">Measure the features</button>`
        }
      </form>
      <div role="status">
        ${
          running
            ? html`<p>${(progress && DOING[progress.phase]) ?? 'Loading the program that measures'} …</p>
                <progress
                  max=${progress?.total || 1}
                  .value=${progress?.total ? progress.loaded : 0}
                  aria-label="Progress"
                ></progress>`
            : nothing
        }
      </div>
      ${fault ? html`<p class="fault" role="alert">${fault}</p>` : nothing}
      <p class="about">
        Each of the ${count(this.dictionary.features)} features gets a card: what it tells of the board and how well, and
        the positions that show it. They are kept in this browser with the bundle, until you remove it.
      </p>
    `;
  }

  readonly #onGames = (event: Event): void => {
    const { valueAsNumber } = event.target as HTMLInputElement;
    if (Number.isInteger(valueAsNumber)) this.games = valueAsNumber;
  };

  readonly #onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { lens, dictionary, games } = this;
    if (!lens || this.#measuring) return;
    const controller = new AbortController();
    this.#measuring = controller;
    this.fault = null;
    this.progress = null;
    this.requestUpdate();
    try {
      const kept = await lens.keepMeasured(dictionary.id, {
        games,
        seed: SEED,
        workers: Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)),
        signal: controller.signal,
        onProgress: (progress) => {
          if (!controller.signal.aborted) this.progress = progress;
        },
      });
      this.dispatchEvent(new MeasuredEvent(keptBundle(kept)));
    } catch (error) {
      if (!isAbort(error)) this.fault = error instanceof Error ? error.message : String(error);
    } finally {
      this.#measuring = null;
      this.requestUpdate();
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-measure': Measure;
  }
}
