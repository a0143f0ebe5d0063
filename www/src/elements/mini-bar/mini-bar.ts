import { css, html } from 'lit';
import { customElement } from 'lit/decorators.js';

import { GoToEvent } from '../../events.js';
import { base, controls } from '../base.styles.js';
import '../mini-board/mini-board.js';
import { PlayerElement } from '../player-element.js';
import '../status/status.js';

/** The board in small, and the way on and back, where the large one is scrolled out of view. */
@customElement('ol-mini-bar')
export class MiniBar extends PlayerElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: flex;
        gap: 12px;
        align-items: center;
        padding: 8px 12px;
        background: var(--paper);
        border-bottom: 1px solid var(--line);
        box-shadow: var(--shadow);
      }
      ol-mini-board {
        flex: none;
        width: 96px;
      }
      div {
        flex: 1;
        min-width: 0;
      }
      p {
        display: flex;
        gap: 8px;
        margin-top: 6px;
      }
      button {
        flex: 1;
      }
    `,
  ];

  protected override render() {
    const { history, lit } = this.player;
    const { position, ply, lastPly } = history;
    const marked = lit.find(({ how }) => how === 'pinned')?.square ?? null;
    return html`
      <ol-mini-board .position=${position} .marked=${marked}></ol-mini-board>
      <div>
        <ol-status .position=${position} .last=${lastPly} .refused=${history.refused}></ol-status>
        <p>
          <button aria-label="One ply back" ?disabled=${ply === 0} @click=${() => this.#goTo(ply - 1)}>◀</button>
          <button aria-label="One ply on" ?disabled=${ply === lastPly} @click=${() => this.#goTo(ply + 1)}>▶</button>
        </p>
      </div>
    `;
  }

  #goTo(ply: number): void {
    this.dispatchEvent(new GoToEvent(ply));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-mini-bar': MiniBar;
  }
}
