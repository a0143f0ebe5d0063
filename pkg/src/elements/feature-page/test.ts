import { css, html, nothing, type PropertyValues, svg } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { DictionaryInfo, Position } from '../../types.js';
import { define } from '../define.js';
import { squareName } from '../squares.js';
import { ThemedElement } from '../themed-element.js';
import { smallBoard } from './small-board.js';

const WIDTH = 366;
const FLOOR = 60;

/** A game, and the activation of the feature after each of its moves. */
interface Course {
  positions: Position[];
  /** By ply, from 0; null where the model says nothing. */
  activations: (number | null)[];
}

/** A game of the reader's own, with the activation of one feature at every ply. */
export class FeatureTest extends ThemedElement {
  static override styles = [
    ...ThemedElement.styles,
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
      .bar {
        fill: var(--soft);
        fill-opacity: 0.5;
      }
      .bar.at {
        fill: var(--accent);
        fill-opacity: 1;
      }
      .axis {
        stroke: var(--soft);
        stroke-width: 0.8;
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

  @state() private course: Course | null = null;
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

  #course({ positions, activations }: Course) {
    const { ply } = this;
    const position = positions[ply];
    const most = Math.max(this.max ?? 0, ...activations.map((value) => value ?? 0), 1e-9);
    const here = activations[ply] ?? null;
    const words = here === null ? 'the model says nothing here' : `activation ${here.toFixed(2)}`;
    return html`<div class="course">
      <div>${position ? smallBoard(position, null) : nothing}</div>
      <div>
        <svg viewBox="0 0 ${WIDTH} ${FLOOR + 2}" aria-hidden="true">
          ${activations.map((value, at) => {
            const height = (FLOOR * (value ?? 0)) / most;
            return svg`<rect class=${at === ply ? 'bar at' : 'bar'} x=${6 * at} y=${FLOOR - Math.max(height, 0.6)} width="5" height=${Math.max(height, 0.6)} />`;
          })}
          <path class="axis" d=${`M0 ${FLOOR + 0.5}H${WIDTH}`} />
        </svg>
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
      const { positions, features } = await lens.analyse(this.#transcript, { dictionary: dictionary.id });
      if (this.feature !== feature || this.dictionary !== dictionary) return;
      const [plies, width] = features?.shape ?? [0, 0];
      const activations = positions.map(({ ply }) =>
        ply === 0 || ply > plies ? null : (features?.data[(ply - 1) * width + feature] ?? null),
      );
      this.course = { positions, activations };
      this.ply = activations.reduce<number>(
        (best, value, at) => ((value ?? 0) > (activations[best] ?? 0) ? at : best),
        0,
      );
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
