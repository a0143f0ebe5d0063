import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { Analysis } from '../../types.js';
import '../board/board.js';
import { define } from '../define.js';
import { PlyEvent } from '../events.js';
import { type Content, LensElement } from '../lens-element.js';
import { styles } from './player.styles.js';

/**
 * A game with what the model expects next and, of one feature, how active it is at each ply.
 *
 * ```html
 * <othello-player bundle="models/small/" transcript="f5d6c3d3c4" ply="4"></othello-player>
 * ```
 *
 * @fires {PlyEvent} othello-ply - another ply is shown
 * @tagname othello-player
 */
export class OthelloPlayer extends LensElement {
  static override styles = [...LensElement.styles, styles];

  /** The game, `f5d6c3…`. */
  @property() transcript = '';
  /** The moves of it that have been played. */
  @property({ type: Number }) ply: number | null = null;
  /** The dictionary of the pinned feature. */
  @property() dictionary: string | null = null;
  /** The pinned feature's number. */
  @property({ type: Number }) feature: number | null = null;
  /** 64 discs to draw before anything is loaded, as `<othello-board discs>` has them. */
  @property() discs: string | null = null;

  @state() private analysis: Analysis | null = null;
  #asked = '';

  protected override renderStill(): Content {
    const { discs, transcript, ply } = this;
    return html`<othello-board .discs=${discs} .transcript=${discs ? null : transcript} .ply=${ply}></othello-board>`;
  }

  protected override renderLive(lens: Lens): Content {
    void this.#analyse(lens);
    const { analysis } = this;
    if (!analysis) return this.renderStill();
    const last = analysis.positions.length - 1;
    const ply = Math.min(this.ply ?? last, last);
    return html`
      <othello-board coordinates .position=${analysis.positions[ply] ?? null}
        .values=${analysis.nextMoves[ply]?.probabilities ?? null}></othello-board>
      ${last === 0 ? nothing : html`<input type="range" aria-label="Ply" min="0" max=${last} .valueAsNumber=${ply} @input=${this.#onPly} />`}
    `;
  }

  async #analyse(lens: Lens): Promise<void> {
    const { transcript, dictionary } = this;
    const asked = JSON.stringify([transcript, dictionary]);
    if (asked === this.#asked) return;
    this.#asked = asked;
    try {
      const analysis = await lens.analyse(transcript, { dictionary });
      if (asked === this.#asked) this.analysis = analysis;
    } catch (error) {
      if (asked === this.#asked) this.fail(error);
    }
  }

  readonly #onPly = ({ target }: Event): void => {
    this.ply = (target as HTMLInputElement).valueAsNumber;
    this.dispatchEvent(new PlyEvent(this.ply));
  };
}

define('othello-player', OthelloPlayer);

declare global {
  interface HTMLElementTagNameMap {
    'othello-player': OthelloPlayer;
  }
}
