import { html } from 'lit';
import { customElement } from 'lit/decorators.js';

import { GoToEvent, TranscriptEvent } from '../../events.js';
import { base, controls } from '../base.styles.js';
import '../board/board.js';
import { PlayerElement } from '../player-element.js';
import '../status/status.js';
import '../timeline/timeline.js';
import { styles } from './play-area.styles.js';

/** The board, whose turn it is, and the ways to move in the game. */
@customElement('ol-play-area')
export class PlayArea extends PlayerElement {
  static override styles = [base, controls, styles];

  protected override render() {
    const { history, next, view } = this.player;
    const { position, ply, lastPly } = history;
    return html`
      <ol-status .position=${position} .last=${lastPly} .refused=${history.refused}></ol-status>
      <ol-board
        .position=${position}
        .next=${next ?? null}
        .following=${history.game.positions[ply + 1]?.move ?? null}
      ></ol-board>
      <div class="controls">
        <span class="steps">
          ${this.#step('First ply', 'M6 5v14M18 5 9 12l9 7z', 0, ply > 0)}
          ${this.#step('Previous ply', 'M16 5 7 12l9 7z', ply - 1, ply > 0)}
          ${this.#step('Next ply', 'M8 5l9 7-9 7z', ply + 1, ply < lastPly)}
          ${this.#step('Last ply', 'M18 5v14M6 5l9 7-9 7z', lastPly, ply < lastPly)}
        </span>
        <button ?disabled=${!history.canUndo} @click=${() => history.undo()}>Undo</button>
        <button ?disabled=${lastPly === 0} @click=${() => this.dispatchEvent(new TranscriptEvent(''))}>New game</button>
      </div>
      <ol-timeline .view=${view} .ply=${ply}></ol-timeline>
    `;
  }

  #step(label: string, path: string, to: number, enabled: boolean) {
    return html`<button
      class="step"
      aria-label=${label}
      title=${label}
      ?disabled=${!enabled}
      @click=${() => this.dispatchEvent(new GoToEvent(to))}
    ><svg viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg></button>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-play-area': PlayArea;
  }
}
