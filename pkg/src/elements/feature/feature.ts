import { html, nothing } from 'lit';
import { property } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import { define } from '../define.js';
import { type Content, LensElement } from '../lens-element.js';

/**
 * One feature of a dictionary: what it is and what it knows of the board.
 *
 * ```html
 * <othello-feature bundle="models/small/" dictionary="blocks.5.hook_resid_post-top_k-32-f1024-s0" feature="42"></othello-feature>
 * ```
 */
export class OthelloFeature extends LensElement {
  /** The dictionary's id. */
  @property() dictionary: string | null = null;
  /** The feature's number in it. */
  @property({ type: Number }) feature: number | null = null;

  protected override readonly stillDependsOn = ['dictionary', 'feature'];

  protected override renderStill(): Content {
    return nothing;
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
