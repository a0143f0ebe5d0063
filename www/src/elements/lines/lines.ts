import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { TranscriptEvent } from '../../events.js';
import type { Line } from '../../state/game-history.js';
import { base, controls } from '../base.styles.js';

/** Moves that a line shows of what is its own. */
const SHOWN = 6;

/**
 * The lines of play that were left, to go back to.
 *
 * @fires ol-transcript - a line is to be shown again, at the ply where it was left
 */
@customElement('ol-lines')
export class Lines extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      h3 {
        margin: 12px 0 6px;
      }
      ol {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      button {
        max-width: 100%;
        min-height: 28px;
        font-family: var(--mono);
      }
      small {
        font-family: var(--sans);
        color: var(--soft);
      }
    `,
  ];

  @property({ attribute: false }) lines: readonly Line[] = [];
  /** The game in view. */
  @property() transcript = '';

  protected override render() {
    if (this.lines.length === 0) return nothing;
    return html`
      <h3 id="lines">Variations</h3>
      <ol aria-labelledby="lines">
        ${this.lines.map((line) => html`<li>${this.#line(line)}</li>`)}
      </ol>
    `;
  }

  #line({ transcript, ply }: Line) {
    const from = common(transcript, this.transcript);
    const moves = transcript.slice(2 * from).match(/../g) ?? [];
    const own = moves.slice(0, SHOWN).join(' ');
    const more = moves.length > SHOWN ? ' …' : '';
    return html`<button
      aria-label=${`Go back to the line of ${transcript.length / 2} moves that has ${own} from ply ${from + 1} on`}
      @click=${() => this.dispatchEvent(new TranscriptEvent(transcript, ply))}
    ><small>${from + 1}.</small> ${own}${more}</button>`;
  }
}

/** How many moves two games have in common. */
function common(a: string, b: string): number {
  let moves = 0;
  while (2 * moves < a.length && a.slice(2 * moves, 2 * moves + 2) === b.slice(2 * moves, 2 * moves + 2))
    moves += 1;
  return moves;
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-lines': Lines;
  }
}
