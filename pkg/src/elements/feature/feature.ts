import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import { define } from '../define.js';
import type { OpenFeatureEvent } from '../events.js';
import { PANELS, type Panel } from '../feature-page/panels.js';
import { type Content, LensElement } from '../lens-element.js';
import { type FeatureStill, readFeature } from '../still/feature.js';
import { renderFeatureStill, stillStyles } from './still.js';

/** A part of the element. */
export type FeaturePanel = Panel;

/**
 * One feature of a dictionary: what it is and what it knows of the board.
 *
 * ```html
 * <othello-feature bundle="models/small/" dictionary="blocks.5.hook_resid_post-top_k-32-f1024-s0" feature="42"></othello-feature>
 * ```
 *
 * The still picture is a row of the dictionary's cards: no more of the bundle is fetched for it than that row and
 * the manifest.
 *
 * @csspart still - the still picture
 * @csspart headline - what the feature knows, in one line
 * @csspart page - what there is with the engine, of the parts `about`, `label`, `plots`, `boards`, `effect`, `test`,
 *   `relations`, `note` and `tools`
 * @fires {OpenBoardEvent} othello-open-board - a position is to be opened
 * @fires {OpenFeatureEvent} othello-open-feature - another feature is to be shown
 * @fires {ThresholdEvent} othello-threshold - it counts as active above another share of its maximum
 * @fires {EmbedEvent} othello-embed - the code that embeds it is wanted
 * @tagname othello-feature
 */
export class OthelloFeature extends LensElement {
  static override styles = [...LensElement.styles, stillStyles];

  /** The dictionary's id. */
  @property() dictionary: string | null = null;
  /** The feature's number in it. */
  @property({ type: Number }) feature: number | null = null;
  /**
   * The parts that are shown, of `label plots boards effect test relations note tools`; left out, all of them, and with
   * `none` what the feature is alone.
   */
  @property() panels: string | null = null;
  /** The game that the part `test` begins with. */
  @property({ attribute: 'test-text' }) testText: string | null = null;

  /** The label that it is asked about; left out, the one that it tells best. */
  @property() label: string | null = null;
  /** The share of its maximum above which it counts as active, 0 to 0.9. */
  @property({ type: Number }) threshold = 0;
  /** The activation at which its direct effect is shown; left out, the largest. */
  @property({ type: Number }) activation: number | null = null;

  protected override readonly stillDependsOn = ['dictionary', 'feature'];

  @state() private still: FeatureStill | null = null;

  /** Whether a part is to be shown. */
  protected shows(panel: FeaturePanel): boolean {
    return this.panels === null || this.panels.split(/\s+/).includes(panel);
  }

  protected override async loadStill(signal: AbortSignal): Promise<void> {
    this.still = null;
    const { dictionary, feature } = this;
    if (dictionary === null || feature === null)
      throw new Error('<othello-feature> needs dictionary="…" and feature="…".');
    this.still = await readFeature(this.address, dictionary, feature, signal);
  }

  protected override async loadLive(): Promise<void> {
    await import('../feature-page/feature-page.js');
  }

  protected override renderStill(): Content {
    return this.still ? renderFeatureStill(this.still, (panel) => this.shows(panel)) : nothing;
  }

  protected override renderLive(lens: Lens): Content {
    const { dictionary, feature } = this;
    const info = [...lens.dictionaries, ...lens.neurons].find(({ id }) => id === dictionary);
    if (!info)
      return html`<p part="failure" class="failure" role="alert">The bundle has no dictionary “${dictionary}”.</p>`;
    if (feature === null || !Number.isInteger(feature) || feature < 0 || feature >= info.features)
      return html`<p part="failure" class="failure" role="alert">
        There is no feature ${feature} in ${dictionary}, whose features are 0 to ${info.features - 1}.
      </p>`;
    return html`<othello-feature-page
      part="page"
      exportparts="about, label, plots, boards, effect, test, relations, note, tools"
      .lens=${lens}
      .dictionary=${info}
      .feature=${feature}
      .label=${this.label}
      .threshold=${this.threshold}
      .activation=${this.activation}
      .testText=${this.testText}
      .panels=${PANELS.filter((panel) => this.shows(panel))}
      @othello-open-feature=${this.#onOpenFeature}
    ></othello-feature-page>`;
  }

  /** Goes to another feature, unless the page leads there in its own way. */
  readonly #onOpenFeature = (event: OpenFeatureEvent): void => {
    // Whoever listens outside of this element comes later.
    queueMicrotask(() => {
      if (event.defaultPrevented) return;
      this.dictionary = event.dictionary;
      this.feature = event.feature;
    });
  };
}

define('othello-feature', OthelloFeature);

declare global {
  interface HTMLElementTagNameMap {
    'othello-feature': OthelloFeature;
  }
}
