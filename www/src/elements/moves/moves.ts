import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Position, Side } from 'othello-lens';

import { GoToEvent } from '../../events.js';
import { squareName } from '../../text/squares.js';
import { base } from '../base.styles.js';
import { plyByKey } from '../plies/plies.js';
import { styles } from './moves.styles.js';

/**
 * The moves of a game as a score sheet of ten columns. A dash follows a move after which a turn was
 * skipped.
 *
 * @fires ol-goto - a move was chosen
 */
@customElement('ol-moves')
export class Moves extends LitElement {
  static override styles = [base, styles];

  @property({ attribute: false }) positions: readonly Position[] = [];
  @property({ type: Number }) ply = 0;

  protected override render() {
    const { positions, ply } = this;
    const moves = positions.slice(1);
    const focusable = Math.max(1, ply);
    return html`
      <ol class="sheet" aria-label="Moves" @keydown=${this.#onKey}>
        ${moves.map((position, at) => {
          const side = positions[at]?.toMove ?? 'black';
          return this.#move(position, side, position.ply === focusable);
        })}
      </ol>
      ${moves.length === 0 ? html`<p class="empty">No moves yet.</p>` : ''}
    `;
  }

  #move(position: Position, side: Side, focusable: boolean) {
    const name = position.move === null ? '' : squareName(position.move);
    const other = side === 'black' ? 'white' : 'black';
    return html`<li data-row=${position.ply % 10 === 1 ? position.ply : nothing}><button
      class=${`${side} ${position.ply > this.ply ? 'ahead' : ''} ${position.skipped ? 'skipped' : ''}`}
      tabindex=${focusable ? 0 : -1}
      aria-current=${position.ply === this.ply ? 'step' : 'false'}
      aria-label=${`${position.ply}, ${side} ${name}${position.skipped ? `, then ${other} is skipped` : ''}`}
      data-ply=${position.ply}
      @click=${() => this.#goTo(position.ply)}
    >${name}</button></li>`;
  }

  #onKey = (event: KeyboardEvent): void => {
    const last = this.positions.length - 1;
    // Here up is back: a row of ten moves.
    const rows: Record<string, number> = { ArrowUp: -10, PageUp: -10, ArrowDown: 10, PageDown: 10 };
    const row = rows[event.key];
    const along = plyByKey(event, this.ply, last);
    if (along === null) return;
    const to = row === undefined ? along : this.ply + row;
    event.preventDefault();
    event.stopPropagation();
    this.#goTo(Math.max(1, Math.min(last, to)));
  };

  #goTo(ply: number): void {
    this.dispatchEvent(new GoToEvent(ply));
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('ply') && this.matches(':focus-within')) {
      this.renderRoot.querySelector<HTMLElement>(`[data-ply="${this.ply}"]`)?.focus();
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-moves': Moves;
  }
}
