import { css, html, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { DictionaryInfo } from '../../types.js';
import { cssProperties } from '../css-properties.js';
import { define } from '../define.js';
import { OpenFeatureEvent } from '../events.js';
import { ThemedElement } from '../themed-element.js';
import { MISSING, percent, signed } from './text.js';

/** How many neighbours are listed. */
const LISTED = 8;

type Neighbour = { feature: number; value: number };
type Cosine = { probe: string; layer: number; label: string; cosine: number };
type Seed = { dictionary: DictionaryInfo; feature: number; cosine: number };
type Sum = { parts: readonly { feature: number; weight: number }[]; unexplained: number };

/** What is known of one relation: nothing was asked, it is on its way, it is here, or it failed. */
type Known<T> =
  | { state: 'closed' }
  | { state: 'coming' }
  | { state: 'here'; value: T }
  | { state: 'failed'; why: string };

const CLOSED = { state: 'closed' } as const;

/**
 * What else is like a feature: probes, features of its dictionary and of the same dictionary from other seeds, and the
 * sum of others that explains it. Each is computed when it is opened.
 *
 * @fires {OpenFeatureEvent} othello-open-feature - another feature is to be shown
 */
export class FeatureRelations extends ThemedElement {
  static override styles = [
    ...ThemedElement.styles,
    css`
      :host {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr));
        gap: 8px 16px;
        align-items: start;
      }
      details {
        border-top: 1px solid var(--line);
      }
      summary {
        padding: 8px 0;
        font-weight: 600;
        cursor: pointer;
      }
      summary small {
        font-size: var(--size-2);
        font-weight: 400;
        color: var(--soft);
      }
      .content {
        padding-bottom: 10px;
        font-size: var(--size-2);
      }
      li {
        display: grid;
        grid-template-columns: 6.5em 1fr 4em;
        gap: 10px;
        align-items: center;
        min-height: 28px;
      }
      li.wide {
        grid-template-columns: minmax(0, 1fr) 5.5em 4em;
      }
      .bar {
        height: 8px;
        background: var(--sunk);
        border-radius: 4px;
      }
      .bar i {
        display: block;
        width: calc(100% * var(--share));
        height: 100%;
        background: var(--soft);
        border-radius: 4px;
      }
      .value {
        text-align: right;
      }
      button.link {
        justify-self: start;
        min-height: 26px;
        padding: 0 4px;
        color: var(--accent);
        text-decoration: underline;
        text-underline-offset: 3px;
        background: none;
        border-color: transparent;
      }
      .failed {
        color: var(--warn);
      }
      @media (forced-colors: active) {
        .bar {
          border: 1px solid CanvasText;
        }
        .bar i {
          background: Highlight;
          forced-color-adjust: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) lens: Lens | null = null;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @property({ attribute: false }) feature = 0;
  /** Features of the dictionary whose activations go with it; null until they were measured. */
  @property({ attribute: false }) correlated: readonly { feature: number; correlation: number }[] | null =
    null;

  @state() private probes: Known<Cosine[]> = CLOSED;
  @state() private encoder: Known<Neighbour[]> = CLOSED;
  @state() private decoder: Known<Neighbour[]> = CLOSED;
  @state() private seeds: Known<Seed[]> = CLOSED;
  @state() private sum: Known<Sum> = CLOSED;
  #over = new AbortController();

  protected override willUpdate(changed: PropertyValues): void {
    if (!['lens', 'dictionary', 'feature'].some((name) => changed.has(name))) return;
    this.#over.abort();
    this.#over = new AbortController();
    this.probes = this.encoder = this.decoder = this.seeds = this.sum = CLOSED;
  }

  override updated(changed: PropertyValues): void {
    if (!changed.has('feature') && !changed.has('dictionary')) return;
    // What is open stays open, of the next feature.
    for (const details of this.renderRoot.querySelectorAll('details'))
      if (details.open) this.#open(details.id);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#over.abort();
  }

  protected override render() {
    const { dictionary } = this;
    if (!dictionary) return nothing;
    const neurons = dictionary.architecture === 'identity';
    const seeds = this.lens ? otherSeeds(dictionary, this.lens.dictionaries) : [];
    return [
      this.#section('probes', 'Probe directions', 'cosine to its decoder direction', this.probes, (cosines) =>
        this.#cosines(cosines),
      ),
      neurons
        ? nothing
        : this.#section(
            'encoder',
            'Nearest by encoder',
            'features that read in its direction',
            this.encoder,
            (all) => this.#neighbours(all),
          ),
      this.#section(
        'decoder',
        'Nearest by decoder',
        'features that write in its direction',
        this.decoder,
        (all) => this.#neighbours(all),
      ),
      this.#section(
        'correlated',
        'Nearest by activation',
        'correlation over games',
        this.correlated
          ? {
              state: 'here',
              value: this.correlated.map(({ feature, correlation }) => ({ feature, value: correlation })),
            }
          : { state: 'failed', why: 'The bundle does not say: “Recompute” measures it.' },
        (all) => this.#neighbours(all),
      ),
      seeds.length === 0
        ? nothing
        : this.#section(
            'seeds',
            'In other seeds',
            `the nearest decoder of ${seeds.length} like dictionaries`,
            this.seeds,
            (all) => this.#seeds(all),
          ),
      neurons
        ? nothing
        : this.#section('sum', 'As a sum of others', 'non-negative, of decoder directions', this.sum, (sum) =>
            this.#sum(sum),
          ),
    ];
  }

  #section<T>(name: string, title: string, about: string, known: Known<T>, draw: (value: T) => unknown) {
    return html`<details id=${name} @toggle=${this.#onToggle}>
      <summary>${title} <small>${about}</small></summary>
      <div class="content" aria-live="polite">
        ${
          known.state === 'here'
            ? draw(known.value)
            : known.state === 'failed'
              ? html`<p class="failed">${known.why}</p>`
              : html`<p>Computing …</p>`
        }
      </div>
    </details>`;
  }

  #neighbours(all: readonly Neighbour[]) {
    if (all.length === 0) return html`<p>None.</p>`;
    return html`<ul>
      ${all.slice(0, LISTED).map(({ feature, value }) => html`<li>${this.#link(this.dictionary, feature)}${bar(value)}<span class="value number">${signed(value)}</span></li>`)}
    </ul>`;
  }

  #cosines(all: readonly Cosine[]) {
    if (all.length === 0) return html`<p>The bundle has no probes of this activation.</p>`;
    return html`<ul>
      ${all.map(({ label, layer, cosine }) => html`<li><span>${label}<br />layer ${layer}</span>${bar(cosine)}<span class="value number">${signed(cosine)}</span></li>`)}
    </ul>`;
  }

  #seeds(all: readonly Seed[]) {
    return html`<ul>
      ${all.map(
        ({ dictionary, feature, cosine }) => html`<li>
          ${this.#link(dictionary, feature, `seed ${dictionary.seed ?? MISSING}: #${feature}`)}${bar(cosine)}<span class="value number">${signed(cosine)}</span>
        </li>`,
      )}
    </ul>`;
  }

  #sum({ parts, unexplained }: Sum) {
    return html`
      <p>It leaves ${percent(unexplained)} of the direction unexplained.</p>
      <ul>
        ${parts.slice(0, LISTED).map(({ feature, weight }) => html`<li>${this.#link(this.dictionary, feature)}${bar(weight)}<span class="value number">${signed(weight)}</span></li>`)}
      </ul>
    `;
  }

  #link(dictionary: DictionaryInfo | null, feature: number, text = `#${feature}`) {
    const open = () => dictionary && this.dispatchEvent(new OpenFeatureEvent(dictionary.id, feature));
    return html`<button type="button" class="link" aria-label=${`Open feature ${feature}`} @click=${open}>${text}</button>`;
  }

  #onToggle = (event: Event): void => {
    const details = event.currentTarget as HTMLDetailsElement;
    if (details.open) this.#open(details.id);
  };

  #open(name: string): void {
    const { lens, dictionary, feature } = this;
    if (!lens || !dictionary) return;
    const { id } = dictionary;
    const { signal } = this.#over;
    const nearest = (by: 'encoder' | 'decoder') => async () => {
      const all = await lens.nearest(id, feature, { by, count: LISTED, signal });
      return all.map(({ feature, cosine }) => ({ feature, value: cosine }));
    };
    switch (name) {
      case 'probes':
        this.#bring(
          this.probes,
          (known) => (this.probes = known),
          async () => foremost(await lens.probeCosines(id, feature, { signal })),
        );
        break;
      case 'encoder':
        this.#bring(this.encoder, (known) => (this.encoder = known), nearest('encoder'));
        break;
      case 'decoder':
        this.#bring(this.decoder, (known) => (this.decoder = known), nearest('decoder'));
        break;
      case 'sum':
        this.#bring(
          this.sum,
          (known) => (this.sum = known),
          () => lens.sumOf(id, feature, { signal }),
        );
        break;
      case 'seeds':
        this.#bring(
          this.seeds,
          (known) => (this.seeds = known),
          async () => {
            const found: Seed[] = [];
            for (const other of otherSeeds(dictionary, lens.dictionaries)) {
              const [best] = await lens.nearest(id, feature, {
                by: 'decoder',
                among: other.id,
                count: 1,
                signal,
              });
              if (best) found.push({ dictionary: other, ...best });
            }
            return found.sort((a, b) => b.cosine - a.cosine);
          },
        );
    }
  }

  /** Computes what is not known yet; an answer that comes when another feature is in view is dropped. */
  #bring<T>(known: Known<T>, set: (known: Known<T>) => void, ask: () => Promise<T>): void {
    if (known.state === 'coming' || known.state === 'here') return;
    const { signal } = this.#over;
    set({ state: 'coming' });
    ask().then(
      (value) => signal.aborted || set({ state: 'here', value }),
      (error: unknown) =>
        signal.aborted ||
        set({ state: 'failed', why: error instanceof Error ? error.message : String(error) }),
    );
  }
}

/** A bar from 0 to 1; what is below 0 is as long, and says so by its number. */
function bar(value: number) {
  return html`<span class="bar" aria-hidden="true"><i ${cssProperties({ '--share': Math.min(1, Math.abs(value)).toFixed(3) })}></i></span>`;
}

/** The cosines that are farthest from 0, of all probes. */
function foremost(
  probes: readonly { probe: string; layer: number; cosines: readonly { label: string; cosine: number }[] }[],
): Cosine[] {
  return probes
    .flatMap(({ probe, layer, cosines }) => cosines.map((each) => ({ probe, layer, ...each })))
    .sort((a, b) => Math.abs(b.cosine) - Math.abs(a.cosine))
    .slice(0, LISTED);
}

/** Dictionaries that differ from one in their seed alone. */
export function otherSeeds(dictionary: DictionaryInfo, all: readonly DictionaryInfo[]): DictionaryInfo[] {
  const { seed } = dictionary;
  if (seed === null) return [];
  const alike = (other: DictionaryInfo) =>
    other.id !== dictionary.id &&
    other.seed !== null &&
    other.place === dictionary.place &&
    other.recipe === dictionary.recipe &&
    other.tied === dictionary.tied &&
    other.features === dictionary.features &&
    other.strength === dictionary.strength;
  return all.filter(alike);
}

define('othello-feature-relations', FeatureRelations);

declare global {
  interface HTMLElementTagNameMap {
    'othello-feature-relations': FeatureRelations;
  }
}
