import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { Analysis } from '../../types.js';
import '../board/board.js';
import { type Course, courseBars, courseOf, courseStyles } from '../course.js';
import { cssProperties } from '../css-properties.js';
import { define } from '../define.js';
import { PlyEvent } from '../events.js';
import { type Content, LensElement } from '../lens-element.js';
import { squareName } from '../squares.js';
import { percent } from '../still/words.js';
import { styles } from './player.styles.js';

/** How many of the expected moves are listed. */
const MOVES = 6;

/**
 * A game with what the model expects next and, of a feature that is pinned, how active it is at each ply.
 *
 * ```html
 * <othello-player bundle="models/small/" transcript="f5d6c3d3c4" ply="4"
 *   dictionary="blocks.5.hook_resid_post-top_k-32-f1024-s0" feature="42"></othello-player>
 * ```
 *
 * @csspart moves - the moves that the model expects next
 * @csspart course - how active the pinned feature is, ply by ply
 * @fires {PlyEvent} othello-ply - another ply is shown
 * @tagname othello-player
 */
export class OthelloPlayer extends LensElement {
  static override styles = [...LensElement.styles, courseStyles, styles];

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
    const ply = Math.max(0, Math.min(this.ply ?? last, last));
    const known = this.#pins(lens);
    const course = known && this.feature !== null ? courseOf(analysis, this.feature) : null;
    return html`
      <div class="game">
        <div class="board">
          <othello-board coordinates .position=${analysis.positions[ply] ?? null}
            .values=${analysis.nextMoves[ply]?.probabilities ?? null}></othello-board>
          ${last === 0 ? nothing : html`<input type="range" aria-label="Ply" min="0" max=${last} .valueAsNumber=${ply} @input=${this.#onPly} />`}
        </div>
        <div class="said">
          ${this.#renderMoves(analysis, ply)} ${course ? this.#renderCourse(course, ply) : nothing}
          ${
            known
              ? nothing
              : html`<p part="failure" class="failure" role="alert">There is no feature ${this.feature} in ${this.dictionary}.</p>`
          }
        </div>
      </div>
    `;
  }

  /** Whether the pinned feature is there; also where none is pinned. */
  #pins({ dictionaries, neurons }: Lens): boolean {
    const { dictionary, feature } = this;
    if (dictionary === null || feature === null) return true;
    const info = [...dictionaries, ...neurons].find(({ id }) => id === dictionary);
    // Of a dictionary that there is not the analysis says so.
    return !info || (Number.isInteger(feature) && feature >= 0 && feature < info.features);
  }

  #renderMoves({ positions, nextMoves }: Analysis, ply: number) {
    const next = nextMoves[ply];
    const position = positions[ply];
    if (!next || !position) return html`<p class="soft">The model says nothing here.</p>`;
    const played = positions[ply + 1]?.move ?? null;
    const expected = [...next.probabilities.entries()].sort(([, a], [, b]) => b - a).slice(0, MOVES);
    return html`<section part="moves" aria-label="Next moves">
      <h3>What it expects next</h3>
      <ol class="moves number">
        ${expected.map(([square, probability]) => {
          const legal = position.legal.includes(square);
          return html`<li class=${legal ? '' : 'illegal'}>
            <b>${squareName(square)}</b>
            <span class="share" aria-hidden="true"><i ${cssProperties({ '--share': probability.toFixed(4) })}></i></span>
            ${percent(probability)}
            <small>${legal ? (square === played ? 'played' : '') : 'not legal'}</small>
          </li>`;
        })}
      </ol>
      <p class="soft number">On squares where no move is legal: ${percent(next.illegalMass)}.</p>
    </section>`;
  }

  #renderCourse(course: Course, ply: number) {
    const value = course[ply] ?? null;
    const here = value === null ? 'the model says nothing' : value.toFixed(2);
    const most = Math.max(0, ...course.map((value) => value ?? 0));
    return html`<section part="course" aria-label=${`Feature ${this.feature} by ply`}>
      <h3>Feature ${this.feature}, ply by ply</h3>
      ${courseBars(course, ply, 0)}
      <p class="soft number">At ply ${ply}: ${here}. At most in this game: ${most.toFixed(2)}.</p>
    </section>`;
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
