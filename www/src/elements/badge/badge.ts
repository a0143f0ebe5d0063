import { html, LitElement, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { Device, Engine, ModelInfo, Progress } from 'othello-lens';

import { beside } from '../../controllers/popover.js';
import { DeviceEvent } from '../../events.js';
import { count, megabytes, milliseconds } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './badge.styles.js';

const PLACE = beside({ width: 340, height: 0, align: 'right', gap: 8 });

/**
 * Which engine runs, on what, and how long the last analysis took; more behind it.
 *
 * @fires ol-device - another engine is wanted
 */
@customElement('ol-badge')
export class Badge extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) engine: Engine | null = null;
  @property({ attribute: false }) model: ModelInfo | null = null;
  @property({ attribute: false }) progress: Progress | null = null;
  @property({ type: Number }) milliseconds: number | null = null;
  @property() device: Device = 'auto';
  @property({ type: Boolean }) failed = false;

  @query('[popover]') private card!: HTMLElement;

  protected override render() {
    const { engine, model } = this;
    const state = this.failed ? 'failed' : engine ? engine.kind : 'loading';
    return html`
      <button class="badge" popovertarget="card" aria-label=${`Engine: ${this.#text()}`}>
        <i class=${state} aria-hidden="true"></i><span class="number">${this.#text(true)}</span>
      </button>
      <div id="card" popover role="group" aria-label="Engine" @beforetoggle=${PLACE}>
        ${
          engine
            ? html`<b>${engine.kind === 'gpu' ? 'WebGPU' : 'CPU'}</b>
                <p>${engine.name}</p>
                ${engine.reason ? html`<p><b>Why not WebGPU:</b> ${engine.reason}</p>` : nothing}`
            : html`<b>${this.failed ? 'No engine runs' : 'Loading'}</b>`
        }
        ${
          model
            ? html`<p>
                ${model.name}: ${model.layers} layers, width ${model.dModel}, ${model.heads} heads,
                ${count(model.parameters)} parameters, context of ${model.context} moves.
              </p>`
            : nothing
        }
        <p>Everything is computed here, in your browser.</p>
        <fieldset>
          <legend>Run on</legend>
          ${(['auto', 'gpu', 'cpu'] as const).map(
            (device) => html`<button
              aria-pressed=${device === this.device}
              @click=${() => this.#choose(device)}
            >${{ auto: 'best here', gpu: 'WebGPU', cpu: 'CPU' }[device]}</button>`,
          )}
        </fieldset>
      </div>
    `;
  }

  /** In a word or two; with markup, the engine's name gives way where there is no room. */
  #text(): string;
  #text(markup: true): unknown;
  #text(markup = false): unknown {
    const { engine, progress } = this;
    if (this.failed) return 'no model';
    if (engine) {
      const name = engine.kind === 'gpu' ? 'WebGPU' : 'CPU';
      const time = this.milliseconds === null ? '' : ` · ${milliseconds(this.milliseconds)}`;
      return markup
        ? html`${name}<span class="name"> · ${engine.name}</span>${time}`
        : `${name} · ${engine.name}${time}`;
    }
    if (!progress || progress.total === 0) return 'loading';
    if (progress.loaded < progress.total)
      return `${megabytes(progress.loaded)} of ${megabytes(progress.total)}`;
    return progress.phase === 'code' ? 'loading the program' : 'starting the engine';
  }

  #choose(device: Device): void {
    this.card.hidePopover();
    this.dispatchEvent(new DeviceEvent(device));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-badge': Badge;
  }
}
