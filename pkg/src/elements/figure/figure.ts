import { html, nothing } from 'lit';
import { property } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { FigureInfo } from '../../types.js';
import { define } from '../define.js';
import { type Content, LensElement } from '../lens-element.js';

/**
 * One figure of the registry, ours beside what others have published.
 *
 * ```html
 * <othello-figure bundle="models/small/" name="detection"></othello-figure>
 * ```
 *
 * @tagname othello-figure
 */
export class OthelloFigure extends LensElement {
  /** The figure's name in the registry. */
  @property() name = '';
  /** The dictionary that it is measured on. */
  @property() dictionary: string | null = null;

  protected override readonly stillDependsOn = ['name', 'dictionary'];
  #figures: FigureInfo[] | null = null;

  protected override renderStill(): Content {
    return nothing;
  }

  protected override renderLive(lens: Lens): Content {
    if (!this.#figures) {
      void lens.figures().then(
        (figures) => {
          this.#figures = figures;
          this.requestUpdate();
        },
        (error: unknown) => this.fail(error),
      );
      return nothing;
    }
    const figure = this.#figures.find(({ name }) => name === this.name);
    if (!figure) return html`<p part="failure" role="alert">There is no figure ${this.name}.</p>`;
    return html`<h3>${figure.title}</h3><p>${figure.meaning}</p>`;
  }
}

define('othello-figure', OthelloFigure);

declare global {
  interface HTMLElementTagNameMap {
    'othello-figure': OthelloFigure;
  }
}
