import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { DictionaryInfo } from 'othello-lens';

import type { Finding, Selection } from '../../state/player.js';
import { says, sideClass } from '../../text/labels.js';
import { count } from '../../text/numbers.js';
import { base } from '../base.styles.js';
import '../term/term.js';

/** What is said before there is a model: short, so that where there is room for two lines it moves nothing. */
const BUILT = 'Computed at build time; no model is here yet.';

/** What was found, in plain words: of the feature that is pinned, or of the model that has none. */
@customElement('ol-headline')
export class Headline extends LitElement {
  static override styles = [
    base,
    css`
      h1 {
        min-height: 1.15em;
      }
      p {
        max-width: 1120px;
        min-height: 2.9em;
        margin-top: 6px;
        color: var(--soft);
      }
      b {
        font-weight: 600;
        color: var(--ink);
      }
      @media (max-width: 760px) {
        h1 {
          min-height: 3.45em;
        }
        p {
          min-height: 7.25em;
        }
      }
    `,
  ];

  /** Whether the model was trained. */
  @property({ attribute: false }) trained = true;
  @property({ attribute: false }) selection: Selection | null = null;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  /** Whether what is shown was computed when the site was built. */
  @property({ type: Boolean }) built = false;

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('h1')?.focus(options);
  }

  protected override render() {
    const { selection, dictionary } = this;
    if (!this.trained) return this.#untrained(selection);
    const finding = selection?.pinned ? selection.finding : null;
    if (!finding || !dictionary) {
      return html`
        <h1 tabindex="-1">Nobody told it the rules.</h1>
        <p>
          A transformer read random Othello games, as lists of moves and nothing else. Play, and see what it expects,
          and which of its features know the board. ${this.built ? BUILT : 'Pin one to keep it in view.'}
        </p>
      `;
    }
    return html`
      <h1 tabindex="-1">
        Nobody told it the rules. This feature knows when
        <span class=${sideClass(finding.label)}>${says(finding.label)}</span>.
      </h1>
      <p>
        A transformer read random Othello games, as lists of moves and nothing else. One of the
        ${count(dictionary.features)} directions of this dictionary is active when ${says(finding.label)}, you being
        the player to move: ${this.#measured(finding)}. ${this.built ? BUILT : 'Press Play, or make a move.'}
      </p>
    `;
  }

  #untrained(selection: Selection | null) {
    const best = selection?.card?.sets[0]?.labels[0];
    return html`
      <h1 tabindex="-1">This model was never trained: it does not know the board.</h1>
      <p>
        Its weights are as they were drawn, and its features were looked for just as in the trained model.
        ${
          best && selection
            ? html`The best that feature ${selection.feature} tells is “${best.name}”: <ol-term name="auroc">AUROC</ol-term>
                <b class="number">${best.auroc.toFixed(2)}</b>, where 0.50 says nothing.`
            : 'An AUROC of 0.50 says nothing, and none comes near 1.'
        }
      </p>
    `;
  }

  #measured({ auroc, interval, positions }: Finding) {
    return html`<ol-term name="auroc">AUROC</ol-term> <b class="number">${auroc.toFixed(3)}</b>${
      interval ? html` (<span class="number">${interval[0].toFixed(3)}–${interval[1].toFixed(3)}</span>)` : ''
    } over ${count(positions)} positions`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-headline': Headline;
  }
}
