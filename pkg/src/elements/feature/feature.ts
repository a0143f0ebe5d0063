import { html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import { define } from '../define.js';
import { type Content, LensElement } from '../lens-element.js';
import { type FeatureStill, readFeature } from '../still/feature.js';
import { renderFeatureStill, stillStyles } from './still.js';

/** A part of the element. */
export type FeaturePanel = 'label' | 'plots' | 'boards' | 'test' | 'effect';

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
 * @tagname othello-feature
 */
export class OthelloFeature extends LensElement {
  static override styles = [...LensElement.styles, stillStyles];

  /** The dictionary's id. */
  @property() dictionary: string | null = null;
  /** The feature's number in it. */
  @property({ type: Number }) feature: number | null = null;
  /**
   * The parts that are shown, of `label plots boards test effect`; left out, all of them, and with `none` what the
   * feature is alone.
   */
  @property() panels: string | null = null;
  /** The game that the part `test` begins with. */
  @property({ attribute: 'test-text' }) testText: string | null = null;

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

  protected override renderStill(): Content {
    return this.still ? renderFeatureStill(this.still, (panel) => this.shows(panel)) : nothing;
  }

  protected override renderLive(lens: Lens): Content {
    const { dictionary, feature } = this;
    const info = [...lens.dictionaries, ...lens.neurons].find(({ id }) => id === dictionary);
    if (!info) return html`<p part="failure" role="alert">The bundle has no dictionary ${dictionary}.</p>`;
    return html`<h3>#${feature}</h3><p>${info.title}</p>`;
  }
}

define('othello-feature', OthelloFeature);

declare global {
  interface HTMLElementTagNameMap {
    'othello-feature': OthelloFeature;
  }
}
