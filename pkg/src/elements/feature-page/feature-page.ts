import { html, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { Lens } from '../../lens.js';
import type { CardBoard, DictionaryInfo, Progress, Study } from '../../types.js';
import { cssProperties } from '../css-properties.js';
import { define } from '../define.js';
import { EmbedEvent, OpenBoardEvent, OpenFeatureEvent, ThresholdEvent } from '../events.js';
import type { Content } from '../lens-element.js';
import { squareName } from '../squares.js';
import { ThemedElement } from '../themed-element.js';
import { boardGroups } from './boards.js';
import { curve } from './curve.js';
import { numbersAsCsv, numbersAsJson, save } from './export.js';
import { styles } from './feature-page.styles.js';
import { histogram } from './histogram.js';
import { Notes } from './note.js';
import { differences, type FeatureNumbers, MAPS, tells } from './numbers.js';
import { fromCard, fromStudies } from './read.js';
import './relations.js';
import './test.js';
import { PANELS, type Panel } from './panels.js';
import { roc } from './roc.js';
import { foremost, squareMap } from './square-map.js';
import { count, percent, signed, three } from './text.js';

/** A page narrower than this, in pixels, shows what a feature knows, and folds what else there is to it. */
const NARROW = 560;

/** What the parts are called that fold. */
const FOLDED: Record<Exclude<Panel, 'label'>, string> = {
  plots: 'Maps and plots',
  boards: 'Boards, and where it fails',
  effect: 'Effect on the next move',
  test: 'A game of your own',
  relations: 'Its relatives',
  note: 'A note',
  tools: 'Measure again and export',
};

/** Games of a study, and the seed of the first. */
const STUDY = { games: 200, seed: 0 };

/**
 * All that is known of one feature, and the means to measure it anew.
 *
 * @fires {OpenBoardEvent} othello-open-board - a position is to be opened
 * @fires {OpenFeatureEvent} othello-open-feature - another feature is to be shown
 * @fires {ThresholdEvent} othello-threshold - features count as active above another share of their maximum
 * @fires {EmbedEvent} othello-embed - the code that embeds this feature is wanted
 */
export class FeaturePage extends ThemedElement {
  static override styles = [...ThemedElement.styles, styles];

  @property({ attribute: false }) lens: Lens | null = null;
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @property({ attribute: false }) feature = 0;
  /** The label that is asked about; null takes the one that the feature tells best. */
  @property({ attribute: false }) label: string | null = null;
  /** The share of the maximum above which the feature counts as active. */
  @property({ attribute: false }) threshold = 0;
  /** The activation at which the direct effect is shown; null takes the largest. */
  @property({ attribute: false }) activation: number | null = null;
  /** The game that the part `test` begins with. */
  @property({ attribute: false }) testText: string | null = null;
  @property({ attribute: false }) panels: readonly Panel[] = PANELS;

  /** What the bundle's card says; undefined while it is on its way, null if there is none. */
  @state() private card: FeatureNumbers | null | undefined = undefined;
  /** What was measured here. */
  @state() private study: FeatureNumbers | null = null;
  @state() private effect: Float32Array | null = null;
  @state() private progress: Progress | null = null;
  @state() private failure: Error | null = null;
  @state() private games = STUDY.games;
  @state() private seed = STUDY.seed;
  @state() private note: string | null = '';
  @state() private said = '';
  @state() private narrow = globalThis.innerWidth < NARROW;
  /** The parts that were unfolded; what is folded is not drawn. */
  @state() private unfolded: ReadonlySet<Panel> = new Set();
  readonly #widths = new ResizeObserver(([entry]) => {
    if (entry) this.narrow = entry.contentRect.width < NARROW;
  });
  readonly #notes = new Notes();
  /** Ends what was asked of the feature before. */
  #over = new AbortController();
  #studying: AbortController | null = null;

  protected override willUpdate(changed: PropertyValues<this>): void {
    const other = changed.has('lens') || changed.has('feature') || changed.has('dictionary');
    if (other) this.#begin();
    else if ((changed.has('threshold') || changed.has('label')) && (this.study || this.threshold > 0))
      void this.#measure();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#widths.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#widths.disconnect();
    this.#studying?.abort();
  }

  /** The numbers on show: those measured here, or else the bundle's. */
  private get numbers(): FeatureNumbers | null {
    return this.study ?? this.card ?? null;
  }

  /** Another feature is in view. */
  #begin(): void {
    this.#over.abort();
    this.#over = new AbortController();
    this.#studying?.abort();
    this.card = undefined;
    this.study = this.effect = this.failure = this.progress = null;
    this.said = '';
    const { lens, dictionary, feature } = this;
    if (!lens || !dictionary) return;
    this.note = this.#notes.read(this.#place(lens, dictionary));
    const { signal } = this.#over;
    const bring = async <T>(ask: () => Promise<T>, take: (answer: T) => void) => {
      try {
        const answer = await ask();
        if (!signal.aborted) take(answer);
      } catch (error) {
        if (!signal.aborted) this.#fail(error);
      }
    };
    void bring(
      () => lens.card(dictionary.id, feature, { signal }),
      (card) => {
        this.card = card && fromCard(card);
        // A threshold asks for more than a card has.
        if (this.threshold > 0) void this.#measure();
      },
    );
    void bring(
      () => lens.directEffect(dictionary.id, feature, { signal }),
      (effect) => (this.effect = effect),
    );
  }

  #place({ hash }: Lens, dictionary: DictionaryInfo) {
    return { bundle: hash, dictionary: dictionary.id, feature: this.feature };
  }

  #fail(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    this.failure = error instanceof Error ? error : new Error(String(error));
  }

  /** Measures the feature over games, now. With the same games only what follows from label and threshold is new. */
  async #measure(): Promise<void> {
    const { lens, dictionary, feature, games, seed, threshold, card } = this;
    // The same label as the card's, so that one can be held against the other.
    const label = this.label ?? card?.histogram?.label ?? card?.best?.name ?? null;
    if (!lens || !dictionary) return;
    this.#studying?.abort();
    const studying = new AbortController();
    this.#studying = studying;
    const { signal } = studying;
    this.failure = null;
    try {
      const sets = await lens.labelSets();
      const study = (set: string | null) =>
        lens.study(dictionary.id, feature, {
          games,
          seed,
          threshold,
          workers: workers(),
          ...(set === null ? { label } : { set }),
          signal,
          onProgress: (progress) => {
            if (!signal.aborted) this.progress = progress;
          },
        });
      // The games are run once; of the other sets it is asked what is known by then.
      const first = await study(null);
      const others: Study[] = [];
      for (const { name } of sets) if (name !== first.set) others.push(await study(name));
      if (signal.aborted) return;
      this.study = fromStudies([first, ...others], sets, threshold);
      this.said = `Measured over ${count(first.corpus.games)} games.`;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (this.#studying === studying) {
        this.#studying = null;
        this.progress = null;
      }
    }
  }

  #cancel = (): void => {
    this.#studying?.abort();
    this.#studying = null;
    this.progress = null;
    this.said = 'Cancelled.';
  };

  protected override render(): Content {
    const { lens, dictionary } = this;
    if (!lens || !dictionary) return nothing;
    return html`
      ${this.#about(dictionary)} ${this.panels.map((panel) => this.#folding(panel, lens, dictionary))}
      <div class="unseen" role="status">${this.said}</div>
    `;
  }

  /** A part; where there is little room, behind its name. */
  #folding(panel: Panel, lens: Lens, dictionary: DictionaryInfo): Content {
    if (!this.narrow || panel === 'label') return this.#panel(panel, lens, dictionary);
    const open = this.unfolded.has(panel);
    return html`<details ?open=${open} @toggle=${(event: Event) => this.#unfold(panel, event)}>
      <summary>${FOLDED[panel]}</summary>
      ${open ? this.#panel(panel, lens, dictionary) : nothing}
    </details>`;
  }

  #unfold(panel: Panel, { target }: Event): void {
    const unfolded = new Set(this.unfolded);
    if ((target as HTMLDetailsElement).open) unfolded.add(panel);
    else unfolded.delete(panel);
    this.unfolded = unfolded;
  }

  #panel(panel: Panel, lens: Lens, dictionary: DictionaryInfo): Content {
    switch (panel) {
      case 'label':
        return this.#knows();
      case 'plots':
        return this.#plots();
      case 'boards':
        return this.#boards(dictionary);
      case 'effect':
        return this.#effect();
      case 'relations':
        return html`<section part="relations" aria-label="What is like it">
          <h3>What is like it</h3>
          <othello-feature-relations
            .lens=${lens}
            .dictionary=${dictionary}
            .feature=${this.feature}
            .correlated=${this.numbers?.correlated ?? null}
          ></othello-feature-relations>
        </section>`;
      case 'test':
        return html`<othello-feature-test
          part="test"
          .lens=${lens}
          .dictionary=${dictionary}
          .feature=${this.feature}
          .max=${this.numbers?.max ?? null}
          .text=${this.testText}
        ></othello-feature-test>`;
      case 'note':
        return this.#note(lens, dictionary);
      case 'tools':
        return this.#tools(lens, dictionary);
    }
  }

  #about(dictionary: DictionaryInfo) {
    const { feature, numbers, card, failure } = this;
    const { l0 } = dictionary.metrics;
    const neuron = dictionary.architecture === 'identity';
    const facts = [
      dictionary.place,
      ...(neuron ? [] : [`${count(dictionary.features)} features`]),
      ...(l0 === undefined ? [] : [`L0 ${l0.toFixed(l0 < 10 ? 1 : 0)}`]),
      ...(numbers
        ? [`active in ${percent(numbers.density)} of positions`, `at most ${numbers.max.toFixed(2)}`]
        : []),
    ];
    const step = (to: number, words: string, text: string) => html`<button
      type="button"
      aria-label=${words}
      ?disabled=${to < 0 || to >= dictionary.features}
      @click=${() => this.#open(dictionary.id, to)}
    >
      ${text}
    </button>`;
    return html`<header part="about">
      <div class="title">
        <h2 tabindex="-1">${neuron ? 'Neuron' : 'Feature'} ${feature} <small>${dictionary.title}</small></h2>
        <p class="facts number">
          ${facts.join(' · ')} ${numbers?.density === 0 ? html`<b class="dead">dead: never active</b>` : nothing}
        </p>
        <p class="facts"><code>${dictionary.id}</code></p>
      </div>
      <div class="steps">${step(feature - 1, 'Previous feature', '◀')}${step(feature + 1, 'Next feature', '▶')}</div>
      ${card === undefined && !failure ? html`<p class="facts wide">Reading what was measured …</p>` : nothing}
      ${card === null && !this.study ? html`<p class="facts wide">The bundle has no card of this feature: “Recompute” measures it here.</p>` : nothing}
      ${failure ? html`<p class="failure wide" role="alert">${failure.message}</p>` : nothing}
    </header>`;
  }

  #knows() {
    const { numbers } = this;
    if (!numbers) return nothing;
    const { best, f1, sets } = numbers;
    if (numbers.density === 0) return nothing;
    const wider = sets.filter(({ set }) => set !== 'board');
    return html`<section part="label" aria-label="What it knows">
      <h3>What it knows</h3>
      <p class="headline number">
        ${
          best === null
            ? 'Nothing was measured on it.'
            : tells(numbers)
              ? html`<b class=${sideOf(best.name)}>${best.name}</b>: AUROC <b>${three(best.auroc)}</b>
                  ${best.interval ? html`<small>${best.interval.map(three).join('–')}</small>` : nothing}
                  <small>over ${count(best.positions)} positions</small>`
              : html`No board label: the best, ${best.name}, is told at an AUROC of <b>${three(best.auroc)}</b>
                  <small>0.5 is chance</small>`
        }
      </p>
      ${tells(numbers) ? html`<p class="soft">${numbers.best.title}</p>` : nothing}
      ${this.#asked(numbers)} ${f1 ? this.#f1(f1) : nothing}
      <div class="lists">${[...sets.filter(({ set }) => set === 'board'), ...wider].map(({ set, labels }) => this.#list(set, labels))}</div>
    </section>`;
  }

  /** Of another label than its best, how well it tells that. */
  #asked({ best, sets, maps }: FeatureNumbers) {
    const { label } = this;
    if (label === null || label === best?.name) return nothing;
    const [statement = '', square = ''] = label.split(' ');
    const map = MAPS.find((name) => name === statement);
    const at = 'abcdefgh'.indexOf(square.charAt(0)) + 8 * (Number(square.charAt(1)) - 1);
    const listed = sets.flatMap(({ labels }) => labels).find(({ name }) => name === label);
    const auroc = listed?.auroc ?? (map && maps ? maps[map][at] : undefined);
    if (auroc === undefined || Number.isNaN(auroc)) return nothing;
    return html`<p class="number">Of <b class=${sideOf(label)}>${label}</b>, which was asked about, it tells at an AUROC of <b>${three(auroc)}</b>.</p>`;
  }

  #f1({ name, threshold, f1, base }: NonNullable<FeatureNumbers['f1']>) {
    const above = threshold > 0 ? `above ${percent(threshold)} of its maximum` : 'wherever it is active';
    return html`<p class="number">
      ${
        f1 > base
          ? html`Taken as a yes ${above}, it predicts <b class=${sideOf(name)}>${name}</b> with an F1 of <b>${f1.toFixed(2)}</b>,
              where “always” gets ${base.toFixed(2)}.`
          : html`Taken as a yes it predicts nothing better than “always” does: F1 ${f1.toFixed(2)} for ${name}, “always”
              ${base.toFixed(2)}.`
      }
    </p>`;
  }

  #list(set: string, labels: FeatureNumbers['sets'][number]['labels']) {
    if (labels.length === 0) return nothing;
    return html`<section aria-label=${`Labels of the set ${set}`}>
      <h4>${set === 'board' ? 'Of the board' : set === 'ontology' ? 'Of how it came about' : set}</h4>
      <ol class="labels">
        ${labels.slice(0, 6).map(
          ({ name, title, auroc }) => html`<li title=${title}>
            <span class=${sideOf(name)}>${name}</span>
            <span class="bar" aria-hidden="true"><i ${cssProperties({ '--share': Math.min(1, Math.max(0, 2 * (auroc - 0.5))).toFixed(3) })}></i></span>
            <b class="number">${three(auroc)}</b>
          </li>`,
        )}
      </ol>
    </section>`;
  }

  #plots() {
    const { numbers } = this;
    if (!numbers || numbers.density === 0) return nothing;
    const { best, maps, histogram: split } = numbers;
    const missing = [...(split ? [] : ['histogram']), ...(numbers.roc ? [] : ['ROC curve'])];
    return html`<section part="plots" aria-label="Where, and how well">
      <h3>Where, and how well</h3>
      ${this.#slider(numbers)}
      ${
        maps
          ? html`<div class="maps">
              ${MAPS.map(
                (name) => html`<figure>
                  <figcaption>AUROC for <b class=${name}>${name}</b>, by square</figcaption>
                  ${squareMap({
                    label: `AUROC for ${name} by square; best ${foremost(maps[name], three)}`,
                    values: maps[name],
                    strength: (value) => 2 * (value - 0.5),
                    show: three,
                    colour: name,
                    marked:
                      best && best.name === `${name} ${squareName(best.square ?? 0)}` ? best.square : null,
                  })}
                </figure>`,
              )}
            </div>
            <p class="soft">Full colour is always told, none is chance; dashed in grey the squares told the wrong way round.</p>`
          : html`<p class="soft">The bundle does not say how well it tells each square: “Recompute” measures it.</p>`
      }
      ${
        split || numbers.roc
          ? html`<div class="plots">
              ${split ? html`<figure>${histogram(split, sideOf(split.label))}</figure>` : nothing}
              ${numbers.roc ? html`<figure class="narrow">${roc(numbers.roc)}</figure>` : nothing}
              ${numbers.curve ? html`<figure class="narrow">${curve(numbers.curve, numbers.threshold)}</figure>` : nothing}
            </div>`
          : nothing
      }
      ${missing.length > 0 ? html`<p class="soft">The bundle has no ${missing.join(' and no ')} of it: “Recompute” draws it.</p>` : nothing}
    </section>`;
  }

  #slider({ threshold }: FeatureNumbers) {
    return html`<label class="threshold">
      <span>Counts as active above</span>
      <input
        type="range"
        min="0"
        max="90"
        step="5"
        aria-label="Counts as active above a share of its maximum"
        aria-valuetext=${`${Math.round(100 * this.threshold)} % of its maximum`}
        .value=${String(Math.round(100 * this.threshold))}
        @change=${this.#onThreshold}
      />
      <output class="number">${percent(this.threshold)} of its maximum</output>
      ${threshold === this.threshold ? nothing : html`<small>measuring …</small>`}
    </label>`;
  }

  #boards({ id }: DictionaryInfo) {
    const { numbers, feature } = this;
    if (!numbers || numbers.density === 0) return nothing;
    const { groups, best, max } = numbers;
    const open = (board: CardBoard) => this.dispatchEvent(new OpenBoardEvent(board, id, feature));
    const fails = (name: string) => name.startsWith('false');
    const drawn = { max, label: best?.name ?? null, marked: best?.square ?? null, open };
    const failures = groups.filter(({ name }) => fails(name));
    return html`<section part="boards" aria-label="Boards">
      <h3>Where it is active</h3>
      <p class="soft key">
        <span class="with own">own discs</span>, <span class="with opponent">opponent’s, with a dot</span>, as the player to
        move sees them${best?.square == null ? nothing : html`; ${squareName(best.square)} is framed`}. The share is of its
        largest activation.
      </p>
      <div class="groups">${boardGroups({ groups: groups.filter(({ name }) => !fails(name)), ...drawn })}</div>
      <h3 class="fails">Where it fails</h3>
      ${
        failures.length > 0
          ? html`<div class="groups">${boardGroups({ groups: failures, ...drawn })}</div>`
          : html`<p class="soft">${
              tells(numbers)
                ? 'The bundle has no boards where it fails: “Recompute” looks for some.'
                : 'It tells no label, so there is nothing for it to fail at.'
            }</p>`
      }
    </section>`;
  }

  #effect() {
    const { effect, numbers } = this;
    if (!effect) return nothing;
    // Of one that is never active, what it would add.
    const largest = numbers?.max || null;
    const activation = this.activation ?? largest ?? 1;
    const values = effect.map((value) => value * activation);
    const greatest = Math.max(1e-9, ...values.filter((value) => !Number.isNaN(value)).map(Math.abs));
    const at =
      this.activation !== null
        ? `at its activation here, ${activation.toFixed(2)}`
        : largest !== null
          ? `at its largest activation, ${activation.toFixed(2)}`
          : 'a unit of activation';
    return html`<section part="effect" aria-label="What it adds to the next move">
      <h3>What it adds to the next move <small>${at}</small></h3>
      <div class="effect">
        ${squareMap({
          label: `Direct effect on each square’s logit; raises ${foremost(values, signed)}`,
          values,
          strength: (value) => value / greatest,
          show: signed,
          colour: 'effect',
        })}
        <p class="number">
          It raises ${foremost(values, signed)}; it lowers
          ${foremost(
            values.map((value) => -value),
            (value) => signed(-value),
          )}.
          <span class="soft">To the logits, along the direct path, before the final norm’s division; less the mean over the 60
            squares.</span>
        </p>
      </div>
    </section>`;
  }

  #note(lens: Lens, dictionary: DictionaryInfo) {
    if (this.note === null)
      return html`<section part="note"><p class="soft">This browser keeps no notes here.</p></section>`;
    return html`<section part="note" aria-label="Your note">
      <h3><label for="note">Your note</label> <small>kept in this browser alone</small></h3>
      <textarea id="note" rows="3" .value=${this.note} @change=${(event: Event) => this.#write(lens, dictionary, event)}></textarea>
      <button type="button" @click=${this.#saveNotes}>Export all notes</button>
    </section>`;
  }

  #write(lens: Lens, dictionary: DictionaryInfo, event: Event): void {
    const { value } = event.target as HTMLTextAreaElement;
    try {
      this.#notes.write(this.#place(lens, dictionary), value);
      this.note = value;
      this.said = 'Note kept.';
    } catch {
      this.failure = new Error(
        'The note could not be kept: this browser has no more room, or keeps nothing here.',
      );
    }
  }

  #saveNotes = (): void => {
    save('othello-lens-notes.json', 'application/json', JSON.stringify(this.#notes.all(), null, 2));
  };

  #tools(lens: Lens, dictionary: DictionaryInfo) {
    const { numbers, card, study, progress } = this;
    const running = this.#studying !== null;
    const name = `${dictionary.id}-${this.feature}`;
    const place = { ...this.#place(lens, dictionary), note: this.note ?? '' };
    return html`<section part="tools" aria-label="Measure and export">
      <h3>Measure it again</h3>
      <form class="tools" @submit=${this.#onMeasure}>
        <label>games <input type="number" name="games" min="1" max="5000" required .value=${String(this.games)} /></label>
        <label>from seed <input type="number" name="seed" min="0" max="4294967295" required .value=${String(this.seed)} /></label>
        <button class="main">Recompute</button>
        ${running ? html`<button type="button" @click=${this.#cancel}>Cancel</button>` : nothing}
      </form>
      ${running ? this.#progress(progress) : nothing}
      ${study && card ? this.#differences(card, study) : nothing}
      <div class="tools">
        <button type="button" @click=${this.#copyLink}>Copy link</button>
        ${
          numbers
            ? html`<button type="button" @click=${() => save(`${name}.json`, 'application/json', numbersAsJson(place, numbers))}>JSON</button>
                <button type="button" @click=${() => save(`${name}.csv`, 'text/csv', numbersAsCsv(numbers))}>CSV</button>`
            : nothing
        }
        <button type="button" @click=${() => this.dispatchEvent(new EmbedEvent(dictionary.id, this.feature))}>Embed …</button>
      </div>
    </section>`;
  }

  #progress(progress: Progress | null) {
    const { phase, loaded, total } = progress ?? { phase: 'games', loaded: 0, total: 0 };
    const words =
      phase === 'games' && total > 0
        ? `${count(loaded)} of ${count(total)} games`
        : 'Bringing what it needs …';
    return html`<p class="running">
      <progress aria-label="Measuring" max=${total || 1} .value=${total ? loaded : 0}></progress> <span class="number">${words}</span>
    </p>`;
  }

  #differences(card: FeatureNumbers, study: FeatureNumbers) {
    const of = ({ corpus }: FeatureNumbers) => `${count(corpus.games)} games from seed ${corpus.seed}`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="The bundle’s numbers beside those measured here"><table>
      <caption class="soft">
        The bundle: ${of(card)}. Here: ${of(study)}.
      </caption>
      <thead>
        <tr>
          <th scope="col">number</th>
          <th scope="col">the bundle</th>
          <th scope="col">here</th>
          <th scope="col">difference</th>
        </tr>
      </thead>
      <tbody class="number">
        ${differences(card, study).map(
          ({ name, bundle, here }) => html`<tr>
            <th scope="row">${name}</th>
            <td>${three(bundle)}</td>
            <td>${three(here)}</td>
            <td>${signed(here - bundle, 3)}</td>
          </tr>`,
        )}
      </tbody>
    </table></div>`;
  }

  #onMeasure = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.target as HTMLFormElement);
    this.games = Number(data.get('games'));
    this.seed = Number(data.get('seed'));
    void this.#measure();
    this.requestUpdate();
  };

  #onThreshold = (event: Event): void => {
    this.threshold = Number((event.target as HTMLInputElement).value) / 100;
    this.dispatchEvent(new ThresholdEvent(this.threshold));
  };

  #open(dictionary: string, feature: number): void {
    this.dispatchEvent(new OpenFeatureEvent(dictionary, feature));
  }

  #copyLink = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(location.href);
      this.said = 'Link copied.';
    } catch {
      this.failure = new Error(
        'The browser does not let this page write to the clipboard: copy its address instead.',
      );
    }
  };
}

/** How many workers measure: the page and whatever else runs keep a core. */
function workers(): number {
  return Math.max(1, Math.min(4, (navigator.hardwareConcurrency ?? 2) - 1));
}

/** The class that gives a label its side's colour. */
function sideOf(label: string): string {
  const [first = ''] = label.split(' ');
  return ['own', 'opponent', 'empty', 'legal'].includes(first) ? first : '';
}

define('othello-feature-page', FeaturePage);

declare global {
  interface HTMLElementTagNameMap {
    'othello-feature-page': FeaturePage;
  }
}
