import { html, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { DictionaryInfo, FeatureTable, Label } from 'othello-lens';
import type {
  EmbedEvent as EmbedFeatureEvent,
  OpenBoardEvent,
  OpenFeatureEvent,
  ThresholdEvent,
} from 'othello-lens/elements';

import { AMONG, type Among, bestBySquare, ringCounts, statements } from '../../ask/atlas.js';
import type { AskEvent, SquareEvent } from '../../ask/events.js';
import { labelOn, readQuestion, statementOf } from '../../ask/question.js';
import { EmbedEvent, NavigateEvent, SideBoardEvent } from '../../events.js';
import { hrefOf } from '../../state/address.js';
import { BUNDLES } from '../../state/bundles.js';
import { choose } from '../../state/choice.js';
import { Knowledge } from '../../state/knowledge.js';
import { DICTIONARY_COLUMNS, type DictionaryRow, dictionaryRows } from '../../table/dictionaries.js';
import { featureColumns } from '../../table/features.js';
import '../answer/answer.js';
import '../ask/ask.js';
import { base, controls } from '../base.styles.js';
import '../data-table/data-table.js';
import '../measure/measure.js';
import '../notice/notice.js';
import '../scatter/scatter.js';
import '../square-map/square-map.js';
import { ViewElement } from '../view-element.js';
import { styles } from './features-view.styles.js';

/** The set that the board's contents and legal moves are of. */
const BOARD = 'board';
/** Statements that have a map of their own. */
const CLASSES = ['own', 'opponent', 'empty', 'legal'];

/** What an address calls the model that was never trained. */
const CONTROL = BUNDLES.find(({ trained }) => !trained)?.name ?? null;

/** How the table of features is sorted at first. */
const BY_AUROC = { column: 'auroc', descending: true };

/** `make`, which gives the same again as long as its arguments are the same. */
function latest<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  let known: { args: A; value: T } | null = null;
  return (...args) => {
    if (!known?.args.every((arg, at) => arg === args[at])) known = { args, value: make(...args) };
    return known.value;
  };
}

/** What the features of the bundle know of the board: a question and its answer, tables, or one feature. */
@customElement('ol-features-view')
export class FeaturesView extends ViewElement {
  static override styles = [base, controls, styles];

  /** How active the feature in view is at the ply of the reader's game; null where it is not. */
  @property({ attribute: false }) activation: number | null = null;
  /** What the squares of the map are asked about. */
  @state() private statement = 'own';
  @state() private among: Among = 'features';
  /** The label whose statement the map was last turned to. */
  #shown: string | null = null;
  readonly #knowledge = new Knowledge(() => this.requestUpdate());

  protected override willUpdate(): void {
    const { address, session } = this;
    const knowledge = this.#knowledge;
    knowledge.use(session.lens);
    knowledge.wantSets();
    if (address.feature !== null) void import('othello-lens/elements');
    const { label } = this;
    // The address may be there before the labels that it names are known.
    if (label && label.name !== this.#shown) this.statement = statementOf(label);
    this.#shown = label?.name ?? null;
    const { dictionary, feature } = this.#choice;
    if (address.table === 'dictionaries') {
      knowledge.wantAtlas(BOARD);
      knowledge.wantUntrained(session.bundle.name);
    }
    if (address.table === 'features') {
      if (dictionary) knowledge.wantTable(dictionary.id);
    } else if (address.table === null && dictionary && feature !== null) {
      if (!label) knowledge.wantTable(dictionary.id);
      const compared = this.#compared(dictionary, feature);
      if (compared) knowledge.wantAtlas(compared.set);
    } else if (this.set) knowledge.wantAtlas(this.set);
  }

  /** The label that the address asks about; null if it asks about none, or there is none of that name. */
  private get label(): Label | null {
    const asked = this.#asked;
    return asked?.kind === 'label' ? asked.label : null;
  }

  get #asked() {
    const { sets } = this.#knowledge;
    const { label } = this.address;
    if (!sets || label === null) return null;
    return readQuestion(label, { sets, dictionaries: this.#dictionaries });
  }

  /** The set of the statement that the map shows. */
  private get set(): string | null {
    const { sets } = this.#knowledge;
    return sets?.find(({ labels }) => statements(labels).includes(this.statement))?.name ?? null;
  }

  get #dictionaries(): readonly DictionaryInfo[] {
    return [...this.session.dictionaries, ...this.session.neurons];
  }

  get #choice() {
    return choose(this.address, this.session.dictionaries, this.session.neurons);
  }

  private get dictionary(): DictionaryInfo | null {
    return this.#choice.dictionary;
  }

  protected override render() {
    const { address, session } = this;
    const knowledge = this.#knowledge;
    const askable = knowledge.sets && { sets: knowledge.sets, dictionaries: this.#dictionaries };
    return html`
      <main @ol-ask=${this.#onAsk}>
        <h1 tabindex="-1">Features</h1>
        ${this.#notices()}
        <section class="card question" aria-label="Ask">
          <ol-ask .askable=${askable} question=${this.label?.name ?? address.label ?? ''}></ol-ask>
        </section>
        <nav aria-label="Features">${this.#tabs()}</nav>
        ${session.lens ? this.#content() : nothing}
      </main>
    `;
  }

  #content() {
    const { table } = this.address;
    if (table === 'dictionaries') return this.#allDictionaries();
    if (table === 'features') return this.#allFeatures();
    const { dictionary, feature, missing } = this.#choice;
    // Of a link to what is not there nothing is shown in its place.
    if (dictionary && feature !== null && missing.length === 0) return this.#feature(dictionary, feature);
    return this.#answer();
  }

  #feature(dictionary: DictionaryInfo, feature: number) {
    const { label, address } = this;
    return html`
      <section class="card" aria-label="Feature">
        <othello-feature
          .lens=${this.session.lens}
          .dictionary=${dictionary.id}
          .feature=${feature}
          .label=${label?.name ?? null}
          .threshold=${address.threshold}
          .activation=${this.activation}
          @othello-open-feature=${this.#onOpenFeature}
          @othello-open-board=${this.#onOpenBoard}
          @othello-threshold=${this.#onThreshold}
          @othello-embed=${this.#onEmbed}
        ></othello-feature>
      </section>
      ${this.#others(dictionary, feature)}
    `;
  }

  /** The label that the feature in view is compared by: the one that was asked about, or the one that it tells best. */
  #compared(dictionary: DictionaryInfo, feature: number): { set: string; label: Label } | null {
    const { sets } = this.#knowledge;
    const name = this.label?.name ?? this.#knowledge.table(dictionary.id)?.label[feature];
    for (const { name: set, labels } of sets ?? []) {
      const label = labels.find((each) => each.name === name);
      if (label) return { set, label };
    }
    return null;
  }

  #others(dictionary: DictionaryInfo, feature: number) {
    const compared = this.#compared(dictionary, feature);
    if (!compared) return nothing;
    const atlas = this.#knowledge.atlas(compared.set);
    if (!atlas) return atlas === undefined ? this.#reading() : nothing;
    return html`
      <section class="card" aria-label="Others that know it">
        <ol-answer
          .atlas=${atlas}
          .label=${compared.label}
          .dictionaries=${this.#dictionaries}
          .href=${this.#featureHref}
          .current=${{ dictionary: dictionary.id, feature }}
        ></ol-answer>
      </section>
    `;
  }

  #tabs() {
    const { address, dictionary } = this;
    const { table } = address;
    const tab = (text: string, current: boolean, change: Parameters<typeof hrefOf>[1]) =>
      html`<a href=${hrefOf(address, change)} aria-current=${current ? 'page' : nothing}>${text}</a>`;
    return [
      tab('By label', table === null && address.feature === null, { table: null, feature: null }),
      tab('All features', table === 'features', { table: 'features', dictionary: dictionary?.id ?? null }),
      tab('All dictionaries', table === 'dictionaries', { table: 'dictionaries' }),
    ];
  }

  #notices() {
    const { failure } = this.#knowledge;
    const asked = this.#asked;
    return html`<div class="notices">
      ${failure ? html`<ol-notice .failure=${failure} @ol-retry=${this.#onRetry}></ol-notice>` : nothing}
      ${
        asked && asked.kind !== 'label'
          ? html`<ol-notice
              .failure=${{
                title: 'The label in this page’s address is not known',
                what: asked.kind === 'unknown' ? asked.why : `“${this.address.label}” is a feature.`,
                remedy: 'Nothing is shown in its place.',
                retry: false,
              }}
            >
              ${
                asked.kind === 'unknown' && asked.nearest !== null
                  ? html`<a class="button" href=${hrefOf(this.address, { label: asked.nearest })}>Ask “${asked.nearest}”</a>`
                  : nothing
              }
            </ol-notice>`
          : nothing
      }
    </div>`;
  }

  #answer() {
    const { set, statement, label } = this;
    const atlas = set === null ? undefined : this.#knowledge.atlas(set);
    if (atlas === undefined) return this.#reading();
    if (atlas === null)
      return html`<p class="card">
        Of this bundle’s features nothing was measured on the labels “${set}”.
        <a href=${hrefOf(this.address, { table: 'features', dictionary: this.dictionary?.id ?? null })}>Measure them here</a>.
      </p>`;
    const map = bestBySquare(atlas, statement, this.among);
    return html`
      <div class="answer">
        <section class="card" aria-label="Map">
          ${this.#classes()}
          <ol-square-map
            .values=${map}
            .statement=${statement}
            .selected=${label && statementOf(label) === statement ? label.square : null}
            @ol-square=${this.#onSquare}
          ></ol-square-map>
          <p class="scale" aria-hidden="true"><span>0.5, chance</span><i class=${statement}></i><span>1</span><span class="told">above 0.9</span></p>
          <label class="among">
            The best among
            <select @change=${this.#onAmong}>
              ${Object.entries(AMONG).map(([value, words]) => html`<option value=${value} ?selected=${value === this.among}>${words}</option>`)}
            </select>
          </label>
        </section>
        <section class="card" aria-label="Answer">
          ${
            label
              ? html`<ol-answer
                  .atlas=${atlas}
                  .label=${label}
                  .dictionaries=${this.#dictionaries}
                  .href=${this.#featureHref}
                ></ol-answer>`
              : this.#overview()
          }
        </section>
      </div>
    `;
  }

  #reading() {
    const { reading } = this.#knowledge;
    return html`<p class="card" role="status">
      ${reading ? `Reading what was measured: ${reading.read} of ${reading.of} dictionaries` : 'Reading what was measured …'}
    </p>`;
  }

  #classes() {
    const { sets } = this.#knowledge;
    const board = sets?.find(({ name }) => name === BOARD);
    const others = (sets ?? [])
      .filter(({ name }) => name !== BOARD)
      .flatMap(({ labels }) => statements(labels));
    const other = others.includes(this.statement);
    return html`
      <fieldset class="classes">
        <legend>Ask about</legend>
        ${CLASSES.filter((name) => board && statements(board.labels).includes(name)).map(
          (name) => html`<label class=${name}>
            <input type="radio" name="statement" .checked=${name === this.statement} @change=${() => this.#setStatement(name)} />
            <span>${name}</span>
          </label>`,
        )}
        ${
          others.length > 0
            ? html`<select aria-label="Another statement" class=${other ? 'chosen' : ''} @change=${this.#onOther}>
                <option value="" ?selected=${!other}>other …</option>
                ${others.map((name) => html`<option ?selected=${name === this.statement}>${name}</option>`)}
              </select>`
            : nothing
        }
      </fieldset>
    `;
  }

  /** How many squares are told, by class and ring. */
  #overview() {
    const atlas = this.#knowledge.atlas(BOARD);
    if (!atlas) return html`<p>Choose a square to ask which feature knows it best.</p>`;
    const rows = CLASSES.map((name) => ({ name, counts: ringCounts(bestBySquare(atlas, name, this.among)) }));
    const sum = (counts: readonly { told: number; of: number }[], of: 'told' | 'of') =>
      counts.reduce((sum, each) => sum + each[of], 0);
    return html`
      <h2>Choose a square, or type a question</h2>
      <p class="about">
        Of each square’s content, and of whether a move is legal there: how many are told with an AUROC above 0.9 by some
        one of the ${AMONG[this.among]}.
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col"><span class="unseen">Class</span></th>
            ${rows[0]?.counts.map(({ ring, of }) => html`<th scope="col">${ring} ring <small>of ${of}</small></th>`)}
            <th scope="col">in all <small>of 60</small></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, counts }) => html`<tr class=${name}>
              <th scope="row">
                <button @click=${() => this.#setStatement(name)}>
                  <ol-square-map still .values=${bestBySquare(atlas, name, this.among)} .statement=${name}></ol-square-map>
                  ${name}
                </button>
              </th>
              ${counts.map(({ told }) => html`<td>${told}</td>`)}
              <td><b>${sum(counts, 'told')}</b></td>
            </tr>`,
          )}
        </tbody>
      </table>
    `;
  }

  #allFeatures() {
    const { dictionary, missing } = this.#choice;
    // Of a link to what is not there nothing is shown in its place.
    if (!dictionary || missing.length > 0) return nothing;
    const table = this.#knowledge.table(dictionary.id);
    return html`
      <section class="card" aria-label="All features">
        <h2>All features of ${dictionary.title}</h2>
        <p class="about">${dictionary.place} · <code>${dictionary.id}</code></p>
        ${
          table === undefined
            ? html`<p role="status">Reading what was measured …</p>`
            : table === null
              ? keyed(
                  dictionary.id,
                  html`<ol-measure .lens=${this.session.lens} .dictionary=${dictionary}></ol-measure>`,
                )
              : html`<ol-data-table
                  label=${`Features of ${dictionary.id}`}
                  file=${`features-${dictionary.id}`}
                  .things=${['feature', 'features']}
                  .columns=${this.#featureTable(table).columns}
                  .rows=${this.#featureTable(table).rows}
                  .order=${BY_AUROC}
                  .href=${(feature: number) => this.#featureHref(dictionary.id, feature)}
                ></ol-data-table>`
        }
      </section>
    `;
  }

  #allDictionaries() {
    const { dictionaries, neurons } = this.session;
    const rows = this.#dictionaryRows(
      dictionaries,
      neurons,
      this.#knowledge.atlas(BOARD) ?? null,
      this.#knowledge.untrained,
    );
    return html`
      <section class="card" aria-label="All dictionaries">
        <h2>All dictionaries, beside neurons, probes and the untrained model</h2>
        <ol-data-table
          label="Dictionaries"
          file="dictionaries"
          .things=${['row', 'rows']}
          .columns=${DICTIONARY_COLUMNS}
          .rows=${rows}
          .href=${this.#dictionaryHref}
          .current=${(row: DictionaryRow) => row.id === this.address.dictionary}
        ></ol-data-table>
      </section>
      <section class="card" aria-label="Two columns">
        <h2>Any two columns</h2>
        <ol-scatter
          x="l0"
          y="own_over_0_9"
          .columns=${DICTIONARY_COLUMNS}
          .rows=${rows}
          .nameOf=${(row: DictionaryRow) => row.id}
          .kindOf=${(row: DictionaryRow) => row.kind}
          .href=${this.#dictionaryHref}
        ></ol-scatter>
      </section>
    `;
  }

  /** The same table and rows as long as they are of the same things: whoever sorts them is not disturbed. */
  readonly #featureTable = latest((table: FeatureTable) => ({
    columns: featureColumns(table),
    rows: [...table.density.keys()],
  }));
  readonly #dictionaryRows = latest(dictionaryRows);

  readonly #featureHref = (dictionary: string, feature: number): string =>
    hrefOf(this.address, { dictionary, feature, table: null });

  readonly #dictionaryHref = ({ id, kind }: DictionaryRow): string | null => {
    if (kind === 'probe') return null;
    const model = kind === 'untrained' ? { model: CONTROL } : {};
    return hrefOf(this.address, { ...model, dictionary: id, table: 'features' });
  };

  #onAsk = ({ question }: AskEvent): void => {
    if (question.kind === 'label') {
      this.#navigate({ label: question.label.name, feature: null, table: null });
      return;
    }
    const { feature, layer } = question;
    const current = this.dictionary;
    const fits = (info: DictionaryInfo) =>
      feature < info.features && (layer === null || info.reads.some((tap) => tap.layer === layer));
    const found = current && fits(current) ? current : this.#dictionaries.find(fits);
    if (found) this.#navigate({ dictionary: found.id, feature, label: null, table: null });
  };

  #onSquare = ({ square }: SquareEvent): void => {
    const label = labelOn(this.statement, square, this.#knowledge.sets ?? []);
    if (label) this.#navigate({ label: label.name, feature: null, table: null });
  };

  #onAmong = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    this.among = value as Among;
  };

  #onOther = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    if (value) this.#setStatement(value);
  };

  /** Another statement about the square that is asked about, if there is one. */
  #setStatement(statement: string): void {
    const square = this.label?.square ?? null;
    this.statement = statement;
    if (square === null) return;
    const label = labelOn(statement, square, this.#knowledge.sets ?? []);
    if (label) this.#navigate({ label: label.name });
  }

  #onOpenFeature = (event: OpenFeatureEvent): void => {
    event.preventDefault();
    const { dictionary, feature } = event;
    this.#navigate({ dictionary, feature });
  };

  /** The board stands beside the reader's game, which stays. */
  #onOpenBoard = ({ board, dictionary, feature }: OpenBoardEvent): void => {
    this.#navigate({ view: 'play', dictionary, feature });
    this.dispatchEvent(new SideBoardEvent(board));
  };

  #onEmbed = ({ dictionary, feature }: EmbedFeatureEvent): void => {
    const { model } = this.address;
    const attributes = { dictionary, feature: String(feature) };
    this.dispatchEvent(new EmbedEvent({ widget: 'othello-feature', model, attributes }));
  };

  #onThreshold = ({ threshold }: ThresholdEvent): void => {
    this.dispatchEvent(new NavigateEvent({ threshold }, 'replace'));
  };

  #onRetry = (event: Event): void => {
    event.stopPropagation();
    this.#knowledge.retry();
  };

  #navigate(change: ConstructorParameters<typeof NavigateEvent>[0]): void {
    this.dispatchEvent(new NavigateEvent(change));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-features-view': FeaturesView;
  }
}
