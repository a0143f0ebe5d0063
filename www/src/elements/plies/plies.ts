import { html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { cssProperties } from '../../directives/css-properties.js';
import { GoToEvent } from '../../events.js';
import { base } from '../base.styles.js';
import { styles } from './plies.styles.js';

/** Plies of the longest game. */
const LONGEST = 60;
const STEP = 10;
const HEIGHT = 100;

/**
 * Bars over the plies of a game, and the way to move in it: a slider that is clicked, dragged or driven by
 * the arrow keys. There is room for sixty plies from the start, so nothing moves as a game grows.
 *
 * @fires ol-goto - another ply was chosen
 * @csspart chart - the bars
 */
@customElement('ol-plies')
export class Plies extends LitElement {
  static override styles = [base, styles];

  /** A number for each ply from 0; null where there is none. */
  @property({ attribute: false }) values: readonly (number | null)[] = [];
  /** The ply in view. */
  @property({ type: Number }) ply = 0;
  /** What the slider is called. */
  @property() label = 'Ply';
  /** What stands at the top of the scale is at least this. */
  @property({ type: Number }) least = 0;
  /** Writes a value. */
  @property({ attribute: false }) format: (value: number) => string = String;
  /** Says a ply, with its move. */
  @property({ attribute: false }) describe: (ply: number) => string = (ply) => `ply ${ply}`;
  /** Plies to mark under their bars. */
  @property({ attribute: false }) marked: readonly boolean[] = [];
  /** For each ply whether a statement holds, drawn as a strip under the bars; empty for none. */
  @property({ attribute: false }) truth: readonly (boolean | null)[] = [];
  /** The colour of the strip: whose disc the statement speaks of. */
  @property() side: 'own' | 'opponent' | '' = '';

  protected override render() {
    const { ply, values } = this;
    const last = Math.max(0, values.length - 1);
    const greatest = Math.max(this.least, ...values.map((value) => value ?? 0));
    const value = values[ply];
    const text = `${this.describe(ply)}${value == null ? '' : `, ${this.format(value)}`}`;
    return html`
      <div
        class="slider"
        role="slider"
        tabindex="0"
        aria-label=${this.label}
        aria-orientation="horizontal"
        aria-valuemin="0"
        aria-valuemax=${last}
        aria-valuenow=${ply}
        aria-valuetext=${text}
        @keydown=${this.#onKey}
        @pointerdown=${this.#onPointer}
        @pointermove=${this.#onPointer}
      >
        <svg part="chart" viewBox=${`0 0 ${(LONGEST + 1) * STEP} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          ${
            last < LONGEST
              ? svg`<rect class="unplayed" x=${(last + 1) * STEP} width=${(LONGEST - last) * STEP} height=${HEIGHT} />`
              : nothing
          }
          <rect class="here" x=${ply * STEP} width=${STEP} height=${HEIGHT} />
          <path class="bar" d=${values.map((value, at) => bar(at, value, greatest)).join('')} />
          <path class="bar now" d=${bar(ply, value, greatest)} />
        </svg>
        ${this.truth.length > 0 ? this.#strip() : nothing}
        <div class="marks" aria-hidden="true">
          ${this.marked.flatMap((marked, at) =>
            marked ? [html`<span ${cssProperties({ '--at': middle(at) })}>×</span>`] : [],
          )}
        </div>
      </div>
      <div class="axis" aria-hidden="true">
        ${[0, 10, 20, 30, 40, 50, 60].map(
          (at) => html`<span ${cssProperties({ '--at': middle(at) })}>${at}</span>`,
        )}
      </div>
      <span class="greatest number" aria-hidden="true">${greatest > 0 ? this.format(greatest) : ''}</span>
    `;
  }

  /** Where the statement holds, as one path. */
  #strip() {
    const path = this.truth
      .map((holds, ply) => (holds ? `M${ply * STEP} 0h${STEP}v10h-${STEP}z` : ''))
      .join('');
    return html`<svg class=${`strip ${this.side}`} viewBox=${`0 0 ${(LONGEST + 1) * STEP} 10`} preserveAspectRatio="none" aria-hidden="true">
      <path d=${path} />
    </svg>`;
  }

  #onPointer = (event: PointerEvent): void => {
    if (event.type === 'pointermove' && (event.buttons & 1) === 0) return;
    if (event.button > 0) return;
    const target = event.currentTarget as HTMLElement;
    const { left, width } = target.getBoundingClientRect();
    this.#goTo(Math.floor(((event.clientX - left) / width) * (LONGEST + 1)));
    if (event.type === 'pointerdown') target.setPointerCapture(event.pointerId);
  };

  #onKey = (event: KeyboardEvent): void => {
    const to = plyByKey(event, this.ply, this.values.length - 1);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.#goTo(to);
  };

  #goTo(ply: number): void {
    const to = Math.max(0, Math.min(this.values.length - 1, ply));
    if (to !== this.ply) this.dispatchEvent(new GoToEvent(to));
  }
}

/** The bar of a ply, as a part of a path; bars are as many as plies, and drawn anew at each step. */
function bar(ply: number, value: number | null | undefined, greatest: number): string {
  if (value == null) return '';
  // A ply where something is known shows, though it be nothing.
  const height = Math.max(1.5, greatest > 0 ? (HEIGHT * value) / greatest : 0);
  return `M${ply * STEP + 1.5} ${HEIGHT}v${-height.toFixed(2)}h${STEP - 3}V${HEIGHT}z`;
}

/** Where the middle of a ply's bar is, as a share of the width. */
function middle(ply: number): number {
  return (ply + 0.5) / (LONGEST + 1);
}

/** Where a slider's key leads from `ply` in a game of `last` plies; null if it leads nowhere. */
export function plyByKey(event: KeyboardEvent, ply: number, last: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  switch (event.key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return ply - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return ply + 1;
    case 'PageUp':
      return ply + 10;
    case 'PageDown':
      return ply - 10;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-plies': Plies;
  }
}
