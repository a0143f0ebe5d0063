import { css, html, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { DictionaryInfo, Position } from '../../types.js';
import { type Course, courseBars, courseOf, courseStyles, highestOf } from '../course.js';
import { define } from '../define.js';
import { squareName } from '../squares.js';
import { ThemedElement } from '../themed-element.js';
import { smallBoard } from './small-board.js';

/** A game, and the course of the feature over it. */
interface Tried {
  positions: Position[];
  activations: Course;
}

/** A game of the reader's own, with the activation of one feature at every ply. */
export class FeatureTest extends ThemedElement {
  static override styles = [
    ...ThemedElement.styles,
    courseStyles,
    css`
      h3 {
        margin-bottom: 6px;
        font-size: var(--size-4);
      }
      small,
      p {
        font-size: var(--size-2);
        font-weight: 400;
        color: var(--soft);
      }
      form {
        display: flex;
        gap: 8px;
        max-width: 640px;
      }
      input[type='text'] {
        flex: 1;
        min-width: 0;
      }
      .course {
        display: grid;
        grid-template-columns: 120px minmax(0, 520px);
        gap: 16px;
        align-items: end;
        margin-top: 10px;
      }
      svg {
        display: block;
        width: 100%;
      }
      input[type='range'] {
        width: 100%;
      }
      .felt {
        fill: var(--board);
      }
      .lines {
        fill: none;
        stroke: var(--grid);
        stroke-width: 0.5;
      }
      .own {
        fill: var(--own);
      }
      .opponent {
        fill: var(--opponent);
      }
      .dots {
        fill: var(--board);
      }
      .last {
        fill: none;
        stroke: var(--board);
        stroke-width: 0.9;
      }
      .failure {
        color: var(--warn);
      }
      @media (forced-colors: active) {
        svg {
          forced-color-adjust: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) lens: Lens | null = null;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @property({ attribute: false }) feature = 0;
  /** Its largest activation, if that is known. */
  @property({ attribute: false }) max: number | null = null;
  /** The game to begin with; without one nothing is computed until one is typed. */
  @property({ attribute: false }) text: string | null = null;

  @state() private course: Tried | null = null;
  @state() private ply = 0;
  @state() private failure: string | null = null;
  #transcript = '';

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('text') && this.text !== null) this.#transcript = this.text;
    const other = ['lens', 'dictionary', 'feature', 'text'].some((name) => changed.has(name));
    if (other && this.#transcript !== '') void this.#run();
  }

  protected override render() {
    const { course } = this;
    return html`
      <h3>In a game of your own</h3>
      <form @submit=${this.#onSubmit}>
        <input type="text" name="game" aria-label="Moves of the game" placeholder="f5d6c3d3c4" autocomplete="off" spellcheck="false" .value=${this.#transcript} />
        <button>Try</button>
      </form>
      ${this.failure === null ? nothing : html`<p class="failure" role="alert">${this.failure}</p>`}
      ${course ? this.#course(course) : nothing}
    `;
  }

  #course({ positions, activations }: Tried) {
    const { ply } = this;
    const position = positions[ply];
    const here = activations[ply] ?? null;
    const words = here === null ? 'the model says nothing here' : `activation ${here.toFixed(2)}`;
    return html`<div class="course">
      <div>${position ? smallBoard(position, null) : nothing}</div>
      <div>
        ${courseBars(activations, ply, this.max ?? 0)}
        <input type="range" min="0" max=${positions.length - 1} aria-label="Ply" aria-valuetext=${`ply ${ply}, ${words}`} .value=${String(ply)} @input=${this.#onPly} />
        <p>Ply ${ply}${position?.move == null ? '' : `, ${squareName(position.move)}`}: ${words}.</p>
      </div>
    </div>`;
  }

  #onPly = (event: Event): void => {
    this.ply = Number((event.target as HTMLInputElement).value);
  };

  #onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    this.#transcript = String(new FormData(event.target as HTMLFormElement).get('game') ?? '');
    void this.#run();
  };

  async #run(): Promise<void> {
    const { lens, dictionary, feature } = this;
    if (!lens || !dictionary) return;
    this.failure = null;
    try {
      const analysis = await lens.analyse(this.#transcript, { dictionary: dictionary.id });
      if (this.feature !== feature || this.dictionary !== dictionary) return;
      const activations = courseOf(analysis, feature) ?? [];
      this.course = { positions: analysis.positions, activations };
      this.ply = highestOf(activations);
    } catch (error) {
      this.course = null;
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }
}

define('othello-feature-test', FeatureTest);

declare global {
  interface HTMLElementTagNameMap {
    'othello-feature-test': FeatureTest;
  }
}
