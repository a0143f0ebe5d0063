import { html, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';

import { TranscriptEvent } from '../../events.js';
import { GAMES } from '../../state/games.js';
import { megabytes } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import '../dictionary-picker/dictionary-picker.js';
import '../feature-list/feature-list.js';
import '../layers/layers.js';
import '../notice/notice.js';
import { PlayerElement } from '../player-element.js';
import { styles } from './feature-browser.styles.js';

/** The features that are active at the ply in view, and the dictionary that they are of. */
@customElement('ol-feature-browser')
export class FeatureBrowser extends PlayerElement {
  static override styles = [base, controls, styles];

  protected override render() {
    const { player } = this;
    const { dictionary, history, session } = player;
    return html`
      <div class="heading">
        <h2>Active features</h2>
        <span class="site">${dictionary?.place ?? ''}</span>
        <ol-layers
          .layers=${session.model?.layers ?? 8}
          .dictionaries=${session.dictionaries}
          .dictionary=${dictionary}
        ></ol-layers>
        <ol-dictionary-picker .dictionaries=${session.dictionaries} .dictionary=${dictionary}></ol-dictionary-picker>
      </div>
      ${
        session.featureFailure
          ? html`<ol-notice .failure=${session.featureFailure} @ol-retry=${this.#onRetry}></ol-notice>`
          : nothing
      }
      <ol-feature-list
        .view=${player.view}
        .ply=${history.ply}
        .dictionary=${dictionary}
        .pinned=${player.pinned}
        .threshold=${player.threshold}
        .labels=${player.labels}
      >${this.#why()}</ol-feature-list>
    `;
  }

  /** Only the features failed: the rest need not be tried again. */
  readonly #onRetry = (event: Event): void => {
    event.stopPropagation();
    this.player.session.retryFeatures();
  };

  /** Why there is no list of features. */
  #why() {
    const { failure, history, session } = this.player;
    const { position } = history;
    const { engine, model, progress } = session;
    if (failure && !engine) return 'Features come from the model, and it is not here.';
    if (!engine)
      return history.playable
        ? 'The model is on its way. You can play already.'
        : 'The rules and the model are on their way.';
    if (session.dictionaries.length === 0) return 'This bundle has no SAE.';
    if (position.ply === 0) return this.#invitation();
    if (model && position.ply > model.context) {
      return `The model reads ${model.context} moves; this was one more${position.toMove ? '' : ', and the last'}.`;
    }
    if (session.featureFailure) return 'No features.';
    if (progress && progress.total > progress.loaded) {
      return `The SAE is on its way: ${megabytes(progress.loaded)} of ${megabytes(progress.total)}.`;
    }
    return 'Reading the game …';
  }

  #invitation() {
    return html`<div class="start">
      <p>The model reads moves, and none has been played. Play on one of the dots, or open a game:</p>
      <div>
        ${GAMES.map(
          ({ title, transcript, ply }) => html`<button
            ?disabled=${!this.player.history.playable}
            @click=${() => this.dispatchEvent(new TranscriptEvent(transcript, ply))}
          >${title}</button>`,
        )}
      </div>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-feature-browser': FeatureBrowser;
  }
}
