import { html, isServer, nothing, type PropertyValues, svg, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Position, Side, Square } from '../../types.js';
import { cssProperties } from '../css-properties.js';
import { define } from '../define.js';
import { FailureEvent, SquareEvent } from '../events.js';
import { replay } from '../rules.js';
import { type Drawn, describe, parseDiscs, parseSquares, squareName } from '../squares.js';
import { ThemedElement } from '../themed-element.js';
import { styles } from './board.styles.js';

/** How the discs are coloured: as they lie there, or by whose they are: the player's to move, or the opponent's. */
export type Colours = 'black-white' | 'own-opponent';

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const LINES = EIGHT.slice(1)
  .map((i) => `M${10 * i} 0v80M0 ${10 * i}h80`)
  .join('');

/**
 * A position of Othello. It needs no model: `discs` draws it at once, and `transcript` needs the rules alone.
 *
 * ```html
 * <othello-board transcript="f5d6c3" ply="3" marked="d6" colours="own-opponent" coordinates></othello-board>
 * ```
 *
 * Where both are there, `discs` is drawn until the rules have replayed the transcript.
 *
 * @csspart board - the drawing
 * @csspart failure - what is wrong with the attributes
 * @fires {SquareEvent} othello-square - a square was chosen, where `interactive`
 * @fires {FailureEvent} othello-failure - what the attributes say cannot be drawn
 * @tagname othello-board
 */
export class OthelloBoard extends ThemedElement {
  static override styles = [...ThemedElement.styles, styles];

  /** 64 characters, a1, b1 … h8: `.` empty, `x` black, `o` white. */
  @property() discs: string | null = null;
  /** Who is to move, of `discs`. */
  @property({ attribute: 'to-move' }) toMove: Side | null = null;
  /** A game, `f5d6c3…`. */
  @property() transcript: string | null = null;
  /** The moves of `transcript` that have been played; all of them where it is left out. */
  @property({ type: Number }) ply: number | null = null;
  /** Squares to be framed: `c4 d3`. */
  @property() marked = '';
  /** How the discs are coloured. Own and opponent need somebody to move. */
  @property() colours: Colours = 'black-white';
  /** Draws the names of rows and columns. */
  @property({ type: Boolean }) coordinates = false;
  /** Lets squares be chosen. */
  @property({ type: Boolean }) interactive = false;
  /** A position of the engine; it takes the place of `discs` and `transcript`. */
  @property({ attribute: false }) position: Drawn | null = null;
  /** A value for each square, 0 to 1, which tints it; of a square that is NaN nothing is drawn. */
  @property({ attribute: false }) values: ArrayLike<number> | null = null;

  @state() private replayed: Position | null = null;
  @state() private failure: string | null = null;
  @state() private cursor: Square = 27;
  #replaying = '';

  protected override willUpdate(changed: PropertyValues): void {
    if (isServer) return;
    if (changed.has('transcript') || changed.has('ply') || changed.has('position')) void this.#replay();
  }

  protected override render(): TemplateResult {
    let drawn: Drawn | null = null;
    let marked: Square[] = [];
    let { failure } = this;
    try {
      marked = parseSquares(this.marked);
      drawn = this.#drawn();
    } catch (error) {
      failure ??= (error as Error).message;
    }
    return html`
      ${failure === null ? nothing : html`<p part="failure" class="failure" role="alert">${failure}</p>`}
      ${drawn ? this.#draw(drawn, marked) : html`<slot></slot>`}
    `;
  }

  #drawn(): Drawn | null {
    const { position, replayed, discs, toMove } = this;
    if (position) return position;
    if (replayed) return replayed;
    return discs === null ? null : { board: parseDiscs(discs), toMove, move: null, ply: this.ply as number };
  }

  #draw({ board, toMove, move, ply }: Drawn, marked: readonly Square[]) {
    const sides = this.colours === 'own-opponent' && toMove !== null;
    const { coordinates, interactive } = this;
    const label = describe({ discs: board, toMove, move, ply: ply ?? null }, marked);
    return html`
      <svg
        part="board"
        class=${sides ? 'sides' : nothing}
        viewBox=${coordinates ? '-6 -6 87 87' : '0 0 80 80'}
        role=${interactive ? 'grid' : 'img'}
        aria-label=${label}
        @keydown=${interactive ? this.#onKey : nothing}
      >
        <g aria-hidden="true">
          <rect class="felt" width="80" height="80" rx="2" />
          <path class="lines" d=${LINES} />
          ${coordinates ? EIGHT.map((i) => coordinate(i)) : nothing}
          ${this.#values()}
          ${Array.from(board, (disc, square) => (disc ? drawDisc(square, disc, sides ? toMove : null) : nothing))}
          ${move === null ? nothing : svg`<circle class="last" cx=${x(move) + 5} cy=${y(move) + 5} r="1.4" />`}
          ${marked.map(frame)}
        </g>
        ${
          interactive
            ? EIGHT.map(
                (row) =>
                  svg`<g role="row">${EIGHT.map((column) => this.#target(8 * row + column, board))}</g>`,
              )
            : nothing
        }
      </svg>
    `;
  }

  #values() {
    return Array.from(this.values ?? [], (value, square) =>
      Number.isFinite(value) && value >= 0.005
        ? svg`<rect class="value" x=${x(square) + 0.4} y=${y(square) + 0.4} width="9.2" height="9.2" rx="1.2"
            ${cssProperties({ '--strength': Math.min(1, Math.sqrt(value)) })} />`
        : nothing,
    );
  }

  #target(square: Square, board: ArrayLike<number>) {
    const disc = ['empty', 'black', 'white'][board[square] ?? 0];
    return svg`<rect class="target" role="gridcell" x=${x(square)} y=${y(square)} width="10" height="10"
      data-square=${squareName(square)} aria-label=${`${squareName(square)}, ${disc}`}
      tabindex=${square === this.cursor ? 0 : -1} @click=${() => this.#choose(square)} />`;
  }

  #choose(square: Square): void {
    this.cursor = square;
    this.dispatchEvent(new SquareEvent(square));
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const { cursor } = this;
    const to: Record<string, Square> = {
      ArrowLeft: cursor % 8 > 0 ? cursor - 1 : cursor,
      ArrowRight: cursor % 8 < 7 ? cursor + 1 : cursor,
      ArrowUp: cursor >= 8 ? cursor - 8 : cursor,
      ArrowDown: cursor < 56 ? cursor + 8 : cursor,
    };
    const target = to[event.key];
    if (target !== undefined) {
      this.cursor = target;
      this.renderRoot.querySelector<SVGElement>(`[data-square=${squareName(target)}]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#choose(cursor);
    } else {
      return;
    }
    event.preventDefault();
  };

  async #replay(): Promise<void> {
    const { transcript, ply, position } = this;
    const asked = `${transcript} ${ply}`;
    this.#replaying = asked;
    this.failure = null;
    if (position || transcript === null) {
      this.replayed = null;
      return;
    }
    try {
      const { positions } = await replay(transcript);
      if (this.#replaying !== asked) return;
      const last = positions.length - 1;
      const shown = positions[ply ?? last];
      if (!shown) throw new Error(`ply="${ply}" is not in the game, which has the plies 0 to ${last}.`);
      this.replayed = shown;
    } catch (error) {
      if (this.#replaying !== asked) return;
      this.failure = (error as Error).message;
      this.dispatchEvent(new FailureEvent(error as Error));
    }
  }
}

function coordinate(i: number) {
  return svg`
    <text class="coordinate" x=${10 * i + 5} y="-1.6">${'abcdefgh'.charAt(i)}</text>
    <text class="coordinate" x="-3" y=${10 * i + 6.5}>${i + 1}</text>`;
}

/** A disc; the opponent's has a dot as well, for those who do not tell the two colours apart. */
function drawDisc(square: Square, disc: number, toMove: Side | null) {
  const colour = disc === 1 ? 'black' : 'white';
  const name = toMove === null ? colour : colour === toMove ? 'own' : 'opponent';
  return svg`
    <circle class=${`disc ${name}`} cx=${x(square) + 5} cy=${y(square) + 5} r="4" />
    ${name === 'opponent' ? svg`<circle class="opponent-dot" cx=${x(square) + 5} cy=${y(square) + 5} r="1.5" />` : nothing}`;
}

function frame(square: Square) {
  return ['halo', 'mark'].map(
    (name) =>
      svg`<rect class=${name} x=${x(square) + 0.4} y=${y(square) + 0.4} width="9.2" height="9.2" rx="1.2" />`,
  );
}

function x(square: Square): number {
  return 10 * (square % 8);
}

function y(square: Square): number {
  return 10 * Math.floor(square / 8);
}

define('othello-board', OthelloBoard);

declare global {
  interface HTMLElementTagNameMap {
    'othello-board': OthelloBoard;
  }
}
