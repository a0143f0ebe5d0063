import { html, LitElement, nothing, type PropertyValues, svg } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { NextMove, Position, Side, Square } from 'othello-lens';

import { cssProperties } from '../../directives/css-properties.js';
import { PlayEvent } from '../../events.js';
import type { Lit } from '../../state/player.js';
import { sideClass } from '../../text/labels.js';
import { percent, roundPercent, signed } from '../../text/numbers.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import { styles } from './board.styles.js';

/** Size of a square in the drawing's units. */
const UNIT = 50;
/** Probabilities below this are not drawn. */
const VISIBLE = 0.005;
/** The lines between the squares. */
const LINES = [1, 2, 3, 4, 5, 6, 7].map((i) => `M${i * UNIT} 0v400M0 ${i * UNIT}h400`).join('');
/** How long a disc turns, in milliseconds, as the style has it. */
const TURN = 260;
/** The four dots that a printed board has. */
const DOTS = [2, 6].flatMap((row) => [2, 6].map((column) => [column * UNIT, row * UNIT] as const));
const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * The board: a grid of 64 squares with the discs, the squares where a move is legal, and what the model
 * expects next or, in its place, what a feature adds to that. Illegal expectations are hatched and crossed;
 * squares that a feature reads are ringed.
 *
 * @fires ol-play - a square was chosen
 * @csspart board - the drawing
 */
@customElement('ol-board')
export class Board extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) position: Position | null = null;
  /** What the model expects; null where it says nothing. */
  @property({ attribute: false }) next: NextMove | null = null;
  /** The move that the game goes on with. */
  @property({ attribute: false }) following: Square | null = null;
  /** What a feature adds to the squares' logits, to be drawn in place of the expectations; NaN where nothing. */
  @property({ attribute: false }) effect: Float32Array | null = null;
  /** The squares that features read. */
  @property({ attribute: false }) lit: readonly Lit[] = [];
  /** The square that the keyboard is on. */
  @state() private cursor: Square = 19;

  /** When the board last went one ply on or back. */
  #stepped = Number.NEGATIVE_INFINITY;
  /** Whether the step before is still being watched: then discs flip without turning, and the next step is soon there. */
  #hurried = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('position')) this.#step(changed.get('position') ?? null);
    // Begin where something happened, unless somebody is at the keyboard here.
    if (changed.has('position') && this.position?.move != null && !this.matches(':focus-within')) {
      this.cursor = this.position.move;
    }
  }

  protected override render() {
    const greatest = Math.max(0, ...[...(this.effect ?? [])].map((value) => Math.abs(value) || 0));
    return html`
      <svg part="board" viewBox="-16 -18 418 420" role="grid" aria-label="Othello board" @keydown=${this.#onKey}>
        <defs>
          <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <line class="hatch" y2="5" />
          </pattern>
        </defs>
        <g aria-hidden="true">
          <rect class="felt" width="400" height="400" rx="6" />
          <path class="line" d=${LINES} />
          ${DOTS.map(([x, y]) => svg`<circle class="dot" cx=${x} cy=${y} r="3.2" />`)}
          ${EIGHT.map(
            (i) => svg`<text class="coordinate" x=${i * UNIT + 25} y="-6">${'abcdefgh'.charAt(i)}</text><text
              class="coordinate" x="-9" y=${i * UNIT + 29}>${i + 1}</text>`,
          )}
        </g>
        ${EIGHT.map((row) => svg`<g role="row">${EIGHT.map((column) => this.#square(8 * row + column, greatest))}</g>`)}
      </svg>
    `;
  }

  #step(before: Position | null): void {
    const now = performance.now();
    const isStep = Math.abs((this.position?.ply ?? 0) - (before?.ply ?? 0)) === 1;
    this.#hurried = isStep && now - this.#stepped < TURN;
    if (isStep) this.#stepped = now;
  }

  #square(square: Square, greatest: number) {
    const { position, effect } = this;
    const next = effect ? null : this.next;
    const disc = position?.board[square] ?? 0;
    const legal = position?.legal.includes(square) ?? false;
    const probability = next?.probabilities[square] ?? 0;
    const expected = probability >= VISIBLE;
    const last = position?.move === square;
    const layers = [
      expected && legal && this.#heat(probability),
      expected && !legal && svg`<rect class="illegal" x="3.5" y="3.5" width="43" height="43" rx="6" />`,
      effect && this.#added(effect[square] ?? Number.NaN, greatest),
      disc > 0 && this.#disc(disc, !this.#hurried && (position?.flipped.includes(square) ?? false)),
      disc > 0 && last && svg`<circle class=${`last ${sideOf(disc)}`} cx="25" cy="25" r="5" />`,
      legal &&
        svg`<circle class=${square === this.following ? 'spot following' : 'spot'} cx="25" cy="21" r="4.5" />`,
      next?.top === square &&
        svg`<rect class=${legal ? 'top' : 'top wrong'} x="3.5" y="3.5" width="43" height="43" rx="6" />`,
      expected && this.#text(`${legal ? '' : '× '}${roundPercent(probability)}`, disc > 0, !legal),
      effect && this.#addedText(effect[square] ?? Number.NaN, greatest, disc > 0),
      ...this.lit.map((lit) => lit.square === square && this.#ring(lit)),
    ];
    // An empty square is two elements: the page holds many boards' worth of them.
    return svg`<g
      role="gridcell"
      class=${legal ? 'square legal' : 'square'}
      transform=${`translate(${(square % 8) * UNIT} ${Math.floor(square / 8) * UNIT})`}
      data-square=${squareName(square)}
      tabindex=${square === this.cursor ? 0 : -1}
      aria-label=${this.#label(square, disc, legal, probability)}
      aria-disabled=${legal ? nothing : 'true'}
      @click=${() => this.#choose(square)}
      @focus=${() => (this.cursor = square)}
    >${layers.filter((layer) => layer)}<rect class="target" width="50" height="50" /></g>`;
  }

  #heat(probability: number) {
    return svg`<rect class="heat" x="3" y="3" width="44" height="44" rx="6" ${cssProperties({ '--heat-strength': heat(probability) })} />`;
  }

  #disc(disc: number, turned: boolean) {
    // The ply is part of the class so that stepping on starts the turning anew.
    const motion = turned ? `turned ${(this.position?.ply ?? 0) % 2 ? 'odd' : 'even'}` : '';
    return svg`<circle class=${`disc ${sideOf(disc)} ${motion}`} cx="25" cy="25" r="20" />`;
  }

  /** A number in the square; over a disc it has a ground of its own. */
  #text(text: string, covered: boolean, wrong = false) {
    return svg`${
      covered ? svg`<rect class="label" x="6" y="32.5" width="38" height="13" rx="4" />` : nothing
    }<text class=${wrong ? 'share wrong' : 'share'} x="25" y="42.5">${text}</text>`;
  }

  #added(value: number, greatest: number) {
    if (Number.isNaN(value)) return svg`<path class="none" d="M20 20l10 10m0-10-10 10" />`;
    const strength = greatest > 0 ? Math.abs(value) / greatest : 0;
    return svg`<rect class=${value > 0 ? 'added raise' : 'added lower'} width="50" height="50" ${cssProperties({ '--strength': strength })} />`;
  }

  #addedText(value: number, greatest: number, covered: boolean) {
    // Small ones would only be noise.
    const small = Number.isNaN(value) || Math.abs(value) < Math.max(0.05, greatest / 10);
    return !small && this.#text(signed(value), covered);
  }

  #ring({ label, how }: Lit) {
    return svg`<rect class="halo" x="1.75" y="1.75" width="46.5" height="46.5" rx="6" /><rect
      class=${`ring ${how} ${sideClass(label)}`} x="1.75" y="1.75" width="46.5" height="46.5" rx="6" />`;
  }

  #label(square: Square, disc: number, legal: boolean, probability: number): string {
    const parts = [squareName(square), disc === 0 ? 'empty' : disc === 1 ? 'black' : 'white'];
    if (this.position?.move === square) parts.push('last move');
    if (legal) parts.push('legal move');
    if (this.next && !this.effect && (legal || probability >= VISIBLE)) {
      parts.push(`model ${percent(probability)}${legal ? '' : ', not legal'}`);
    }
    const added = this.effect?.[square];
    if (added !== undefined && !Number.isNaN(added)) parts.push(`the feature adds ${signed(added)}`);
    if (legal && square === this.following) parts.push('next in this game');
    for (const { label, how } of this.lit) {
      if (how === 'pinned' && this.lit.some((lit) => lit.square === square && lit.label === label))
        parts.push(`read by the feature in view: ${label}`);
    }
    return parts.join(', ');
  }

  #choose(square: Square): void {
    this.cursor = square;
    this.dispatchEvent(new PlayEvent(square));
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const { cursor } = this;
    const row = cursor - (cursor % 8);
    const to: Record<string, Square> = {
      ArrowLeft: cursor % 8 > 0 ? cursor - 1 : cursor,
      ArrowRight: cursor % 8 < 7 ? cursor + 1 : cursor,
      ArrowUp: cursor >= 8 ? cursor - 8 : cursor,
      ArrowDown: cursor < 56 ? cursor + 8 : cursor,
      Home: event.ctrlKey ? 0 : row,
      End: event.ctrlKey ? 63 : row + 7,
      PageUp: cursor % 8,
      PageDown: 56 + (cursor % 8),
    };
    const target = to[event.key];
    if (target !== undefined) {
      this.#focus(target);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this.#choose(cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  #focus(square: Square): void {
    this.cursor = square;
    this.renderRoot.querySelector<SVGGElement>(`[data-square=${squareName(square)}]`)?.focus();
  }
}

function sideOf(disc: number): Side {
  return disc === 1 ? 'black' : 'white';
}

/** How strongly a probability is tinted, 0 to 1: by its root, so that a tenth shows; full at one half. */
function heat(probability: number): number {
  return Math.min(1, Math.sqrt(2 * probability));
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-board': Board;
  }
}
