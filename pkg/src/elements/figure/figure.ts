import { html, nothing, type PropertyValues, svg } from 'lit';
import { property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';

import type { Lens } from '../../lens.js';
import { cssProperties } from '../css-properties.js';
import { define } from '../define.js';
import { FigureChoiceEvent } from '../events.js';
import { type Content, LensElement } from '../lens-element.js';
import { randomGame } from '../rules.js';
import type { Agreement } from './agreement.js';
import type {
  BoardPicture,
  Choice,
  Drawing,
  FigureData,
  FigureDefinition,
  Legend,
  PlotModule,
} from './definition.js';
import { styles } from './figure.styles.js';
import type { BoardPlace, Games, Measurement } from './measured.js';
import { FIGURES, type FigureSummary, figureOf } from './names.js';
import { duration } from './numbers.js';
import type { Reproduced } from './reproduce.js';

/** Space between two pictures, and the least that one needs, in pixels. */
const GAP = 20;
const NARROWEST = 250;
/** How often progress is drawn, in milliseconds: a page that is used meanwhile has the time between. */
const TELLING = 150;
/** Games of a reproduction of many dictionaries, and of one whose bundle does not say. */
const GAMES_OF_MANY = 100;
const GAMES_OF_ONE = 200;

/**
 * One figure: ours beside what others have published, drawn at once from what the bundle holds, and measured anew
 * in this tab when asked for.
 *
 * ```html
 * <othello-figure bundle="models/small/" name="f1"></othello-figure>
 * ```
 *
 * The figures are `f1` to `f16`; `FIGURES` lists them with their titles.
 *
 * @csspart panels - the pictures
 * @csspart finding - what they show, in a sentence
 * @csspart reproduce - the form that measures anew
 * @cssprop [--othello-empty] - empty squares
 * @cssprop [--othello-violet] - one of the colours of categories
 * @cssprop [--othello-gold] - another
 * @fires {FigureChoiceEvent} othello-figure-choice - another dictionary or label was chosen
 * @tagname othello-figure
 */
export class OthelloFigure extends LensElement {
  static override styles = [...LensElement.styles, styles];

  /** The figure's name: `f1` to `f16`. */
  @property() name = '';
  /** The dictionary that it is about; left out, the report's. Figures of many dictionaries take no notice. */
  @property() dictionary: string | null = null;
  /** The label that it is about, such as `own c4`, of figures of one label; left out, the one told best. */
  @property() label: string | null = null;
  /** The bundle of the same model as its weights were drawn, never trained, for the baseline. */
  @property() control: string | null = null;
  /** Only the pictures and what they show. */
  @property({ type: Boolean }) compact = false;
  /** The address that "copy link" copies; left out, that of the page. */
  @property() link: string | null = null;
  /** The address of the elements' script, for the code to embed. */
  @property() script: string | null = null;

  protected override readonly stillDependsOn = ['name', 'dictionary', 'label'];

  @state() private data: FigureData | null = null;
  @state() private plot: PlotModule | null = null;
  @state() private problem: string | null = null;
  @state() private width = 0;
  @state() private measuring: Reproduced | null = null;
  @state() private measuredHere: ReadonlyMap<string, Measurement> = new Map();
  @state() private yours: FigureData | null = null;
  @state() private showsYours = false;
  @state() private said = '';
  @state() private copied: string | null = null;
  @state() private open: ReadonlySet<string> = new Set();

  #asked = '';
  /** The number of the question that is under way: answers to earlier ones come too late. */
  #asking = 0;
  #running: AbortController | null = null;
  #observer: ResizeObserver | null = null;
  readonly #drawings = new WeakMap<FigureData, Drawing>();
  readonly #agreements = new WeakMap<FigureData, readonly Agreement[]>();
  readonly #drawn = new Map<string, SVGSVGElement>();
  #drawnOf: unknown[] = [];

  /** What is drawn: of the bundle, or what was measured here. */
  get #drawing(): Drawing | null {
    const data = this.showsYours && this.yours ? this.yours : this.data;
    return data && this.#definition ? this.#drawingOf(this.#definition, data) : null;
  }

  /** The drawing of some data, worked out once. */
  #drawingOf(definition: FigureDefinition, data: FigureData): Drawing {
    const known = this.#drawings.get(data);
    if (known) return known;
    const drawing = definition.draw(data);
    this.#drawings.set(data, drawing);
    return drawing;
  }

  get #summary(): FigureSummary | undefined {
    return figureOf(this.name);
  }

  get #definition(): FigureDefinition | undefined {
    return loaded?.DEFINITIONS.find(({ name }) => name === this.#summary?.name);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) this.width = width;
    });
    this.#observer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#running?.abort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    const about = ['name', 'dictionary', 'label', 'control', 'lens'].some((key) => changed.has(key));
    if (about && this.hasUpdated) this.#reset();
    const { running } = this;
    const asked = JSON.stringify([this.name, this.dictionary, this.label, this.control]);
    if (
      running &&
      this.#definition &&
      (about || this.#asked !== asked || !this.data) &&
      this.#asked !== asked
    ) {
      this.#asked = asked;
      void this.#gather(running);
    }
  }

  protected override async loadLive(): Promise<void> {
    loaded ??= await import('./parts.js');
  }

  protected override renderStill(): Content {
    return this.#summary
      ? html`<article>${this.#renderHeader(this.#summary)}</article>`
      : this.#renderUnknown();
  }

  protected override renderLive(lens: Lens): Content {
    const summary = this.#summary;
    const definition = this.#definition;
    if (!summary || !definition) return this.#renderUnknown();
    const drawing = this.#drawing;
    const unknown = this.#unknownDictionary(lens, definition);
    return html`
      <article class=${this.compact ? 'compact' : ''} aria-busy=${drawing === null}>
        ${this.#renderHeader(summary, definition.question)}
        ${this.compact ? nothing : this.#renderChoices(lens, definition)}
        ${unknown ? html`<p class="alert" role="alert">${unknown}</p>` : nothing}
        ${this.problem ? html`<p class="alert" role="alert">${this.problem}</p>` : nothing}
        ${unknown ? nothing : this.#renderDrawing(definition, drawing)}
        ${this.compact || unknown ? nothing : this.#renderMore(lens, definition, drawing)}
      </article>
    `;
  }

  #renderHeader({ name, title }: FigureSummary, question = '') {
    return html`<header>
      <h3><span class="tag">${name.toUpperCase()}</span>${title}</h3>
      ${question && !this.compact ? html`<p class="question">${question}</p>` : nothing}
    </header>`;
  }

  #renderUnknown() {
    return html`<div class="alert" role="alert">
      ${this.name === '' ? 'No figure was named.' : `There is no figure “${this.name}”.`}
      There are:
      <ul>${FIGURES.map(({ name, title }) => html`<li>${name}: ${title}</li>`)}</ul>
    </div>`;
  }

  #unknownDictionary(lens: Lens, definition: FigureDefinition): string | null {
    const { dictionary } = this;
    if (dictionary === null || !isOfOne(definition, lens)) return null;
    if ([...lens.dictionaries, ...lens.neurons].some(({ id }) => id === dictionary)) return null;
    return `This bundle has no dictionary “${dictionary}”. Choose one of the ${lens.dictionaries.length} that it has.`;
  }

  #renderChoices(lens: Lens, definition: FigureDefinition) {
    if (!isOfOne(definition, lens)) return nothing;
    const current = parts().chosen({
      dictionaries: lens.dictionaries,
      neurons: lens.neurons,
      choice: this.#choice,
    })?.id;
    const options = (all: Lens['dictionaries']) =>
      all.map(({ id }) => html`<option value=${id} ?selected=${id === current}>${id}</option>`);
    return html`
      <div class="choices">
        <label>
          dictionary
          <select .value=${current ?? ''} @change=${(event: Event) => this.#choose({ dictionary: chosenIn(event) })}>
            ${current === undefined ? html`<option value="" selected>–</option>` : nothing}
            ${options(lens.dictionaries)}
            <optgroup label="raw neurons">${options(lens.neurons)}</optgroup>
          </select>
        </label>
        ${
          definition.ofLabel
            ? html`<label>
                label
                <input
                  name="label"
                  .value=${this.label ?? ''}
                  placeholder="told best"
                  spellcheck="false"
                  autocomplete="off"
                  @change=${(event: Event) => this.#choose({ label: chosenIn(event).trim() || null })}
                />
              </label>`
            : nothing
        }
      </div>
    `;
  }

  #renderDrawing(definition: FigureDefinition, drawing: Drawing | null) {
    if (!drawing)
      return this.problem
        ? nothing
        : html`<div class="waiting" role="status">Reading the bundle’s measurements …</div>`;
    const panels = this.compact ? drawing.panels.slice(0, 1) : drawing.panels;
    const columns = this.#columns(panels.filter(({ wide }) => !wide).length);
    return html`
      ${drawing.finding ? html`<p part="finding" class="finding">${drawing.finding}</p>` : nothing}
      ${panels.length > 0 ? renderLegend(drawing.legend, this.compact) : nothing}
      ${
        panels.length > 0
          ? html`<div part="panels" class="panels" ${cssProperties({ '--columns': columns })}>
              ${repeat(
                panels,
                ({ title }) => title,
                (panel, at) => html`<figure class=${panel.wide ? 'panel wide' : 'panel'}>
                  <figcaption>${panel.title}</figcaption>
                  ${this.#picture(drawing, at, columns) ?? html`<div class="waiting">Drawing …</div>`}
                </figure>`,
              )}
            </div>`
          : nothing
      }
      ${this.compact && panels.length > 0 ? nothing : drawing.missing.map((why) => html`<p class="missing">${why}</p>`)}
      ${definition.needsNoGames && !this.compact && drawing.panels.length > 0 ? html`<p class="source">Worked out in this tab from the dictionaries’ directions: it needs no games.</p>` : nothing}
    `;
  }

  /** The picture of a panel; drawn once for a drawing and a width. */
  #picture(drawing: Drawing, at: number, columns: number): SVGSVGElement | null {
    const { plot, width } = this;
    const panel = drawing.panels[at];
    if (!plot || width === 0 || !panel) return null;
    const data = this.showsYours ? this.yours : this.data;
    const of = [data, width, columns];
    if (of.some((value, i) => value !== this.#drawnOf[i])) {
      this.#drawnOf = of;
      this.#drawn.clear();
    }
    const known = this.#drawn.get(panel.title);
    if (known) return known;
    const room = panel.wide ? width : Math.floor((width - GAP * (columns - 1)) / columns);
    const picture = parts().drawPanel(plot, panel, room, drawing.finding);
    this.#drawn.set(panel.title, picture);
    return picture;
  }

  #columns(panels: number): number {
    const fit = Math.max(1, Math.floor((this.width + GAP) / (NARROWEST + GAP)));
    return Math.max(1, Math.min(fit, panels, 4));
  }

  #renderMore(lens: Lens, definition: FigureDefinition, drawing: Drawing | null) {
    const { data } = this;
    if (!data || !drawing) return nothing;
    return html`
      ${this.#renderSource(definition)}
      ${this.yours ? this.#renderToggle() : nothing}
      ${this.#renderBeside(definition, drawing, this.showsYours && this.yours ? this.yours : data)}
      ${definition.needsNoGames ? nothing : this.#renderReproduce(lens, definition, data)}
      ${this.yours ? this.#renderAgreement(definition, data, this.yours) : nothing}
      ${drawing.tables.length > 0 ? this.#renderNumbers(drawing) : nothing}
      ${this.#renderMeanings(definition, data)}
      ${this.#renderActions(definition, drawing)}
      <p class="unseen" role="status">${this.said}</p>
    `;
  }

  #renderBeside(definition: FigureDefinition, drawing: Drawing, data: FigureData) {
    const beside = [...parts().publishedBeside(definition, data), ...drawing.beside];
    return beside.length > 0
      ? html`<section aria-label="Beside ours"><h4>Beside ours</h4>${parts().renderBeside(beside)}</section>`
      : nothing;
  }

  #renderSource({ subjects }: FigureDefinition) {
    const { data } = this;
    if (!data || subjects(data).length === 0) return nothing;
    const on = this.#measuredOn();
    if (!on) return nothing;
    const seeds = on.seed === null ? '' : `, seeds ${on.seed} to ${on.seed + on.games - 1}`;
    return html`<p class="source">
      ${this.showsYours ? 'Measured in this tab' : 'The bundle’s measurements'} on ${on.games.toLocaleString('en')} random games${seeds}, of ${data.model.name}.
    </p>`;
  }

  #measuredOn(): Games | null {
    const data = this.showsYours && this.yours ? this.yours : this.data;
    return data ? ([...data.measured.values()][0]?.on ?? null) : null;
  }

  #renderToggle() {
    const show = (yours: boolean) => () => {
      this.showsYours = yours;
    };
    return html`<div class="actions" role="group" aria-label="Which measurement is drawn">
      <button type="button" aria-pressed=${!this.showsYours} @click=${show(false)}>the bundle’s</button>
      <button type="button" aria-pressed=${this.showsYours} @click=${show(true)}>yours</button>
    </div>`;
  }

  #renderReproduce(lens: Lens, definition: FigureDefinition, data: FigureData) {
    const cannot = parts().cannotBeMeasured(definition, data.registry);
    const subjects = definition.subjects(data);
    const { measuring } = this;
    return html`
      <section part="reproduce" aria-label="Reproduce">
        <h4>Reproduce</h4>
        ${
          cannot || subjects.length === 0
            ? html`<p class="note">${cannot ?? 'There is nothing of this figure that could be measured in this bundle.'}</p>`
            : measuring
              ? this.#renderProgress(measuring)
              : this.#renderForm(lens, definition, data, subjects)
        }
      </section>
    `;
  }

  #renderForm(lens: Lens, definition: FigureDefinition, data: FigureData, subjects: readonly string[]) {
    const on = [...data.measured.values()][0]?.on;
    const one = subjects.length === 1;
    const games = one ? on?.games || GAMES_OF_ONE : GAMES_OF_MANY;
    const title = one ? (subjects[0] ?? '') : `${subjects.length} dictionaries`;
    return html`
      <p class="note">
        The same code as for the bundle measures ${title} of ${data.model.name} here, on random games of a seed.
      </p>
      <form @submit=${(event: SubmitEvent) => this.#submit(event, lens, definition, subjects)}>
        <label>games<input type="number" name="games" min="1" max="16384" step="1" required .value=${`${games}`} /></label>
        <label>first seed<input type="number" name="seed" min="0" step="1" required .value=${`${on?.seed ?? 0}`} /></label>
        <label>workers<input type="number" name="workers" min="1" max="16" step="1" required .value=${`${parts().usualWorkers()}`} /></label>
        <button class="main" type="submit">Reproduce</button>
      </form>
    `;
  }

  #renderProgress({ share, doing, secondsLeft, at, of, dictionary }: Reproduced) {
    return html`
      <div class="progress">
        <div
          class="bar"
          role="progressbar"
          aria-label="Games measured"
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${Math.round(100 * share)}
        >
          <i ${cssProperties({ '--share': share })}></i>
        </div>
        <span class="number">
          ${doing}${of > 1 ? html`, dictionary ${at} of ${of}` : nothing}${
            secondsLeft === null ? nothing : html`, about ${duration(secondsLeft)} left`
          }
        </span>
        <button type="button" @click=${() => this.#running?.abort()}>Cancel</button>
      </div>
      <p class="note">${dictionary}</p>
    `;
  }

  #renderAgreement(definition: FigureDefinition, data: FigureData, yours: FigureData) {
    const [a, b] = [[...data.measured.values()][0]?.on, [...yours.measured.values()][0]?.on];
    const same = a !== undefined && b !== undefined && parts().sameGames(a, b);
    const found =
      this.#agreements.get(yours) ??
      parts().agreements(this.#drawingOf(definition, data), this.#drawingOf(definition, yours), same);
    this.#agreements.set(yours, found);
    const agree = found.filter(({ agrees }) => agrees).length;
    return html`
      <section aria-label="Agreement">
        <h4>Agreement</h4>
        ${
          found.length === 0
            ? html`<p class="note">There is no number that the bundle has as well, so there is nothing to hold yours against.</p>`
            : html`
                <p><b class="number">${agree.toLocaleString('en')} of ${found.length.toLocaleString('en')}</b> numbers agree.</p>
                <p class="note">${parts().toleranceSaid(same)}</p>
                ${parts().renderAgreements(found, this.open.has('agreement'), () => this.#opened('agreement'))}
              `
        }
      </section>
    `;
  }

  #renderNumbers({ tables }: Drawing) {
    return html`
      <details @toggle=${(event: Event) => isOpen(event) && this.#opened('numbers')}>
        <summary>All numbers as tables</summary>
        ${
          this.open.has('numbers')
            ? tables.map((table) =>
                parts().renderTable(table, this.open.has(table.title), () => this.#opened(table.title)),
              )
            : nothing
        }
      </details>
    `;
  }

  #renderMeanings({ registry: names, values }: FigureDefinition, { registry }: FigureData) {
    const figures = registry.filter(({ name }) => names.includes(name));
    const numbers = figures
      .flatMap((figure) => figure.values)
      .filter(({ name }) => values?.includes(name) ?? true);
    return html`
      <details>
        <summary>What the numbers mean</summary>
        <dl>
          ${figures.map(({ title, meaning }) => html`<div><dt>${title}</dt><dd>${meaning}</dd></div>`)}
          ${numbers.map(
            ({ title, meaning, formula }) => html`<div>
              <dt>${title}</dt>
              <dd>${meaning}<br /><code>${formula}</code></dd>
            </div>`,
          )}
        </dl>
      </details>
    `;
  }

  #renderActions(definition: FigureDefinition, drawing: Drawing) {
    const drawn = drawing.panels.length > 0;
    const numbers = drawing.tables.length > 0;
    const button = (text: string, can: boolean, run: () => unknown) =>
      html`<button type="button" ?disabled=${!can} @click=${run}>${text}</button>`;
    return html`
      <section aria-label="Take it with you">
        <div class="actions">
          ${button('SVG', drawn, () => this.#export('svg', definition, drawing))}
          ${button('PNG', drawn, () => this.#export('png', definition, drawing))}
          ${button('CSV', numbers, () => this.#export('csv', definition, drawing))}
          ${button('JSON', numbers, () => this.#export('json', definition, drawing))}
          ${button('Copy link', true, () => this.#copy(this.#address(), 'The link was copied.'))}
          ${button('Copy embed code', true, () => this.#copy(this.#embedCode(definition), 'The code was copied.'))}
        </div>
        ${
          this.copied === null
            ? nothing
            : html`<label>
                This browser keeps the clipboard from the page: copy it from here
                <input class="copied" readonly .value=${this.copied} @focus=${(event: Event) => (event.target as HTMLInputElement).select()} />
              </label>`
        }
      </section>
    `;
  }

  get #choice(): Choice {
    return { dictionary: this.dictionary, label: this.label };
  }

  #choose(choice: Partial<Choice>): void {
    if (choice.dictionary !== undefined) this.dictionary = choice.dictionary;
    if (choice.label !== undefined) this.label = choice.label;
    this.dispatchEvent(new FigureChoiceEvent(this.#choice));
  }

  #opened(what: string): void {
    this.open = new Set([...this.open, what]);
  }

  #reset(): void {
    this.#running?.abort();
    // What is under way is of another lens or figure: it is asked for anew.
    this.#asked = '';
    this.#asking += 1;
    this.data = null;
    this.yours = null;
    this.showsYours = false;
    this.measuredHere = new Map();
    this.problem = null;
    this.copied = null;
    this.said = '';
    this.open = new Set();
  }

  async #gather(lens: Lens): Promise<void> {
    const definition = this.#definition;
    if (!definition) return;
    this.#asking += 1;
    const asking = this.#asking;
    this.problem = null;
    try {
      const [data, plot] = await Promise.all([
        parts().sourceOf(lens).gather(definition, this.#choice, this.control),
        parts().loadPlot(),
      ]);
      if (this.#asking !== asking) return;
      this.plot = plot;
      this.data = data;
    } catch (error) {
      if (this.#asking !== asking) return;
      this.problem = `The figure could not be drawn: ${messageOf(error)}`;
    }
  }

  async #submit(
    event: SubmitEvent,
    lens: Lens,
    definition: FigureDefinition,
    subjects: readonly string[],
  ): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const number = (name: string) => Number(form.get(name));
    const request = { games: number('games'), seed: number('seed'), workers: number('workers') };
    const running = new AbortController();
    this.#running = running;
    this.problem = null;
    this.measuredHere = new Map();
    const asking = this.#asking;
    let last = 0;
    let finished = false;
    try {
      await parts().reproduce(lens, definition, subjects, request, {
        signal: running.signal,
        onProgress: (progress) => {
          const now = performance.now();
          if (this.measuring && now - last < TELLING && progress.share < 1) return;
          last = now;
          this.measuring = progress;
        },
        told: (id, measurement) => {
          this.measuredHere = new Map([...this.measuredHere, [id, measurement]]);
        },
      });
      finished = true;
    } catch (error) {
      if (!running.signal.aborted) this.problem = messageOf(error);
    } finally {
      if (this.#running === running) this.#running = null;
      this.measuring = null;
    }
    if (this.#asking !== asking || !this.data) return;
    if (this.measuredHere.size > 0) await this.#keep(definition, this.data);
    this.said = finished
      ? 'The figure is measured.'
      : running.signal.aborted
        ? `Cancelled; ${this.measuredHere.size} of ${subjects.length} dictionaries were measured.`
        : '';
  }

  /** Takes what was measured as a figure of its own beside the bundle's. */
  async #keep(definition: FigureDefinition, data: FigureData): Promise<void> {
    const boards = definition.parts.includes('boards') ? await this.#boards(data) : null;
    this.yours = { ...data, measured: this.measuredHere, ...(boards && { boards }) };
    this.showsYours = true;
  }

  /** The boards that were found here, of the feature whose boards the bundle has, or of the best. */
  async #boards(data: FigureData): Promise<FigureData['boards']> {
    const [[dictionary, measurement] = []] = this.measuredHere;
    const { boards, detection } = measurement?.figures ?? {};
    if (!dictionary || !boards) return null;
    const told = data.boards ?? parts().bestLabel(detection?.labels ?? [], this.label);
    const found = told && boards[told.feature];
    if (!told || !found) return null;
    const pictures = (places: readonly BoardPlace[]) => Promise.all(places.map(boardAt));
    const auroc = typeof told.auroc === 'number' || told.auroc === null ? told.auroc : told.auroc.value;
    const [top, random] = await Promise.all([
      pictures(found.top.slice(0, 8)),
      pictures(found.quarters.flatMap((quarter) => quarter.slice(0, 2))),
    ]);
    return { dictionary, feature: told.feature, label: told.label, auroc, top, random };
  }

  async #export(
    kind: 'svg' | 'png' | 'csv' | 'json',
    definition: FigureDefinition,
    drawing: Drawing,
  ): Promise<void> {
    const { asCsv, asJson, asPng, asSvg, download, svgText } = parts();
    const { title } = this.#summary ?? { title: '' };
    const file = `othello-lens-${definition.name}.${kind}`;
    try {
      if (kind === 'csv') return download(file, asCsv(drawing), 'text/csv');
      if (kind === 'json') {
        const about = { model: this.data?.model.name, dictionary: this.dictionary, label: this.label };
        return download(
          file,
          asJson({ name: definition.name, title }, drawing, about, this.#measuredOn()),
          'application/json',
        );
      }
      const pictures = drawing.panels.flatMap(({ title }) => {
        const svg = this.#drawn.get(title);
        return svg ? [{ svg, title }] : [];
      });
      const picture = asSvg(
        `${definition.name.toUpperCase()} ${title}`,
        drawing.finding,
        pictures,
        getComputedStyle(this).getPropertyValue('--export') || backgroundOf(this),
      );
      if (kind === 'svg') return download(file, svgText(picture), 'image/svg+xml');
      download(file, await asPng(picture), 'image/png');
    } catch (error) {
      this.problem = `The ${kind.toUpperCase()} could not be made: ${messageOf(error)}`;
    }
  }

  async #copy(text: string, said: string): Promise<void> {
    this.copied = null;
    try {
      await navigator.clipboard.writeText(text);
      this.said = said;
    } catch {
      this.copied = text;
    }
  }

  #address(): string {
    return this.link === null ? location.href : new URL(this.link, document.baseURI).href;
  }

  #embedCode({ name }: FigureDefinition): string {
    const absolute = (address: string) => new URL(address, document.baseURI).href;
    const attributes = [
      ['bundle', this.bundle === null ? null : absolute(this.bundle)],
      ['name', name],
      ['dictionary', this.dictionary],
      ['label', this.label],
      ['control', this.control === null ? null : absolute(this.control)],
    ] as const;
    const written = attributes.flatMap(([key, value]) =>
      value === null ? [] : [` ${key}="${escaped(value)}"`],
    );
    return `<script type="module" src="${escaped(absolute(this.script ?? 'elements.js'))}"></script>\n<othello-figure${written.join('')}></othello-figure>`;
  }
}

/** What a figure is made of, once the first is drawn. */
let loaded: typeof import('./parts.js') | null = null;

function parts(): typeof import('./parts.js') {
  if (!loaded) throw new Error('A figure was drawn before what it is made of was loaded.');
  return loaded;
}

/** Whether a figure is about one dictionary, which can be chosen. */
function isOfOne({ subjects, needsNoGames }: FigureDefinition, { dictionaries, neurons }: Lens): boolean {
  if (needsNoGames) return false;
  const [first] = dictionaries;
  const choice = { dictionary: first?.id ?? null, label: null };
  const found = subjects({ dictionaries, neurons, choice });
  return found.length === 1 && found[0] === first?.id;
}

async function boardAt(place: BoardPlace): Promise<BoardPicture> {
  const { positions } = await randomGame(place.seed);
  const position = positions[place.ply];
  if (!position) throw new Error(`The game of seed ${place.seed} has no ply ${place.ply}.`);
  return parts().pictureOf({ ...place, position });
}

function renderLegend(legend: readonly Legend[], compact: boolean) {
  if (compact || legend.length === 0) return nothing;
  return html`<ul class="legend" aria-label="Colours">
    ${legend.map(
      ({ text, colour, shape }) => html`<li>
        <svg viewBox="0 0 18 12" aria-hidden="true">${mark(shape, colour)}</svg>${text}
      </li>`,
    )}
  </ul>`;
}

function mark(shape: Legend['shape'], colour: string) {
  switch (shape) {
    case 'area':
      return svg`<rect x="2" y="0" width="12" height="12" rx="2" fill=${colour} />`;
    case 'line':
      return svg`<path d="M0 6h18" stroke=${colour} stroke-width="2.5" />`;
    case 'dashed':
      return svg`<path d="M0 6h18" stroke=${colour} stroke-width="2" stroke-dasharray="4 3" />`;
    case 'dot':
      return svg`<circle cx="9" cy="6" r="5" fill=${colour} />`;
    case 'square':
      return svg`<rect x="4.5" y="1.5" width="9" height="9" fill=${colour} />`;
    case 'triangle':
      return svg`<path d="M9 0.5l6 10.5h-12z" fill=${colour} />`;
    case 'cross':
      return svg`<path d="M7.3 0.5h3.4v3.8h3.8v3.4h-3.8v3.8h-3.4v-3.8h-3.8v-3.4h3.8z" fill=${colour} />`;
    case 'ring':
      return svg`<circle cx="9" cy="6" r="4" fill="none" stroke=${colour} stroke-width="2" />`;
    case 'diamond':
      return svg`<path d="M9 0.5l5.5 5.5-5.5 5.5-5.5-5.5z" fill="none" stroke=${colour} stroke-width="1.5" />`;
  }
}

/** The colour of what lies behind an element's pictures. */
function backgroundOf(element: Element): string {
  for (
    let at: Element | null = element;
    at;
    at = at.parentElement ?? (at.getRootNode() as ShadowRoot).host ?? null
  ) {
    const { backgroundColor } = getComputedStyle(at);
    if (backgroundColor !== 'rgba(0, 0, 0, 0)') return backgroundColor;
  }
  return '#fff';
}

function chosenIn({ target }: Event): string {
  return (target as HTMLInputElement | HTMLSelectElement).value;
}

function isOpen({ target }: Event): boolean {
  return (target as HTMLDetailsElement).open;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

define('othello-figure', OthelloFigure);

declare global {
  interface HTMLElementTagNameMap {
    'othello-figure': OthelloFigure;
  }
}
