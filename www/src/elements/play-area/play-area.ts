import { html, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';

import { AutoplayEvent, GoToEvent, TranscriptEvent } from '../../events.js';
import { boardLabel, holds, says, sideClass } from '../../text/labels.js';
import { roundPercent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import '../board/board.js';
import { PlayerElement } from '../player-element.js';
import '../plies/plies.js';
import '../status/status.js';
import { styles } from './play-area.styles.js';

/** The board, the ways to move in the game, and how active the feature in view is over its plies. */
@customElement('ol-play-area')
export class PlayArea extends PlayerElement {
  static override styles = [base, controls, styles];

  /** Whether the board shows what the feature adds, in place of what the model expects. */
  @state() private overlay = false;

  protected override render() {
    const { history, next, view, selection, autoplay } = this.player;
    const { position, ply, lastPly } = history;
    const added = selection ? view.effectAt(selection.effect, selection.feature, ply) : null;
    return html`
      <ol-status .position=${position} .last=${lastPly} .refused=${history.refused}></ol-status>
      <ol-board
        .position=${position}
        .next=${next ?? null}
        .effect=${this.overlay ? added : null}
        .lit=${this.player.lit}
        .following=${history.game.positions[ply + 1]?.move ?? null}
      ></ol-board>
      ${this.#course()}
      <div class="controls">
        <span class="steps">
          ${this.#step('First ply', 'M6 5v14M18 5 9 12l9 7z', 0, ply > 0)}
          ${this.#step('Previous ply', 'M16 5 7 12l9 7z', ply - 1, ply > 0)}
          <button
            class="main play"
            ?disabled=${lastPly === 0}
            @click=${() => this.dispatchEvent(new AutoplayEvent(!autoplay.playing))}
          >${
            autoplay.playing
              ? html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 5v14M17 5v14" /></svg>Pause`
              : html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5l11 7-11 7z" /></svg>Play`
          }</button>
          ${this.#step('Next ply', 'M8 5l9 7-9 7z', ply + 1, ply < lastPly)}
          ${this.#step('Last ply', 'M18 5v14M6 5l9 7-9 7z', lastPly, ply < lastPly)}
        </span>
        <button ?disabled=${!history.canUndo} @click=${() => history.undo()}>Undo</button>
        <button
          title="Start from an empty board"
          ?disabled=${lastPly === 0}
          @click=${() => this.dispatchEvent(new TranscriptEvent(''))}
        >Empty board</button>
      </div>
      <fieldset class="overlay">
        <legend>Show</legend>
        ${this.#choice('what the model expects', false)}
        ${this.#choice(selection ? `what ${selection.feature} adds to it` : 'what a feature adds to it', true)}
      </fieldset>
    `;
  }

  /** How active the feature in view is at each ply, and where what it tells is so. */
  #course() {
    const { history, view, selection, statistics } = this.player;
    const { ply } = history;
    const feature = selection?.feature;
    const values = feature === undefined ? view.game.positions.map(() => null) : view.activations(feature);
    const finding = selection?.finding ?? null;
    const label = boardLabel(finding?.label ?? null);
    const max = feature === undefined ? 0 : (statistics?.max[feature] ?? 0);
    const here = values[ply] ?? null;
    return html`
      <div class="course">
        <p class="legend">
          ${
            feature === undefined
              ? 'No feature is in view.'
              : html`<b>Feature ${feature}</b> by ply${here === null || !max ? '' : html`, <b class="number">${roundPercent(here / max)}</b> of its maximum here`}`
          }${finding && label ? html`<span class="strip"><i class=${sideClass(finding.label)} aria-hidden="true"></i>${says(finding.label)}</span>` : nothing}
        </p>
        <ol-plies
          label="Ply"
          .values=${values}
          .truth=${label ? history.game.positions.map((position) => holds(label, position)) : []}
          .side=${sideClass(finding?.label ?? null)}
          .ply=${ply}
          .least=${max / 4}
          .format=${(value: number) => value.toFixed(2)}
          .describe=${(at: number) => view.describe(at)}
        ></ol-plies>
      </div>
    `;
  }

  #choice(text: string, overlay: boolean) {
    return html`<label>
      <input type="radio" name="overlay" .checked=${this.overlay === overlay} ?disabled=${overlay && !this.player.selection} @change=${() => (this.overlay = overlay)} />
      ${text}
    </label>`;
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
