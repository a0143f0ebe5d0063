import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { DictionaryInfo } from 'othello-lens';

import { ListboxController } from '../../controllers/listbox.js';
import { beside } from '../../controllers/popover.js';
import { DictionaryEvent } from '../../events.js';
import { type Group, groups, kind, titleAmong } from '../../text/dictionaries.js';
import { megabytes, percent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './dictionary-picker.styles.js';

const PLACE = beside({ width: 560, height: 320 });

/** A number that tells dictionaries apart. */
interface Column {
  /** What the head of its column says. */
  name: string;
  /** It in words. */
  title: string;
  read(dictionary: DictionaryInfo): number | undefined;
  write(value: number): string;
  /** Whether more of it comes first. */
  descending: boolean;
}

const L0: Column = {
  name: 'L0',
  title: 'active features in a position, on average',
  read: ({ metrics: { l0 } }) => l0,
  write: (l0) => l0.toFixed(l0 < 10 ? 1 : 0),
  descending: false,
};

const FVU: Column = {
  name: 'FVU',
  title: 'fraction of variance unexplained',
  read: ({ metrics: { fvu } }) => fvu,
  write: percent,
  descending: false,
};

const COLUMNS: readonly Column[] = [
  L0,
  FVU,
  contents('own', ({ metrics: { own_over_0_9: told } }) => told),
  contents('opp.', ({ metrics: { opponent_over_0_9: told } }) => told),
  contents('empty', ({ metrics: { empty_over_0_9: told } }) => told),
  {
    name: 'size',
    title: 'bytes to download',
    read: ({ bytes }) => bytes,
    write: megabytes,
    descending: false,
  },
];

function contents(name: string, read: Column['read']): Column {
  return {
    name,
    title: `squares, of 60, that one feature tells to be ${name === 'opp.' ? 'the opponent’s' : name} with an AUROC above 0.9`,
    read,
    write: String,
    descending: true,
  };
}

/**
 * Picks one dictionary of many, by layer and by what it was made by, or by any of the figures that tell them
 * apart.
 *
 * @fires ol-dictionary - another dictionary was picked
 */
@customElement('ol-dictionary-picker')
export class DictionaryPicker extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) dictionaries: readonly DictionaryInfo[] = [];
  /** The one in view. */
  @property({ attribute: false }) dictionary: DictionaryInfo | null = null;
  @state() private open = false;
  /** What the list is sorted by; null is by layer. */
  @state() private sorted: Column | null = null;
  readonly #listbox = new ListboxController<string>(this, (id) => this.#pick(id));

  @query('.picker') private button!: HTMLElement;
  @query('[popover]') private popup!: HTMLElement;
  @query('[role=listbox]') private list!: HTMLElement;

  protected override render() {
    const { dictionary, dictionaries } = this;
    // Most bundles have several: what is below keeps its place when they are known.
    if (dictionaries.length === 0) return html`<div class="room"></div>`;
    if (dictionaries.length < 2 || !dictionary) return nothing;
    return html`
      <button
        class="picker"
        popovertarget="dictionaries"
        aria-haspopup="listbox"
        aria-expanded=${this.open}
        aria-label=${`SAE: ${dictionary.id}, ${kind(dictionary)}, ${figures(dictionary)}`}
      ><b>${kind(dictionary)}</b><span class="number">${figures(dictionary)}</span><i aria-hidden="true">▾</i></button>
      <div id="dictionaries" popover @beforetoggle=${PLACE} @toggle=${this.#onToggle}>
        ${this.open ? this.#table() : nothing}
      </div>
    `;
  }

  #table() {
    const { dictionary, dictionaries, sorted } = this;
    const byPlace = groups(dictionaries);
    const shown: Group[] = sorted ? [{ place: '', dictionaries: sort(dictionaries, sorted) }] : byPlace;
    const cursor = this.#listbox.list(
      shown.flatMap((group) => group.dictionaries.map(({ id }) => id)),
      dictionary?.id ?? null,
    );
    return html`
      <div class="row head">
        ${this.#head(null, `${dictionaries.length} dictionaries`, 'layer')}
        ${COLUMNS.map((column) => this.#head(column, column.name, column.title))}
      </div>
      <div
        class="rows"
        role="listbox"
        tabindex="0"
        aria-label="SAEs"
        aria-activedescendant=${cursor === null ? nothing : this.#listbox.optionId(cursor)}
        @keydown=${this.#listbox.onKey}
      >
        ${shown.map(
          ({ place, dictionaries: group }, at) => html`
            <div role="group" aria-labelledby=${`group-${at}`}>
              <p class="place" id=${`group-${at}`} role="presentation">${sorted ? `by ${sorted.title}` : place}</p>
              ${group.map((row) => {
                const among = byPlace.find((each) => each.place === row.place)?.dictionaries ?? [];
                return this.#row(row, among, row.id === cursor);
              })}
            </div>
          `,
        )}
      </div>
      <p class="note">own, opponent’s, empty: squares, of 60, that one feature tells with an AUROC above 0.9.</p>
    `;
  }

  #head(column: Column | null, name: string, title: string) {
    const current = column === this.sorted;
    return html`<button
      aria-pressed=${current}
      aria-label=${`Sort by ${title}`}
      title=${`Sort by ${title}`}
      @click=${() => (this.sorted = column)}
    >${name}${current ? html`<i aria-hidden="true">${column?.descending ? '↓' : '↑'}</i>` : nothing}</button>`;
  }

  #row(row: DictionaryInfo, among: readonly DictionaryInfo[], at: boolean) {
    const { title, rest } = titleAmong(row, among);
    return html`
      <div
        id=${this.#listbox.optionId(row.id)}
        class=${at ? 'row option at' : 'row option'}
        role="option"
        aria-selected=${row.id === this.dictionary?.id}
        aria-label=${`${row.id}, ${kind(row)}, ${figures(row)}`}
        @click=${() => this.#pick(row.id)}
      >
        <span class="name"><b>${title}</b><small>${this.sorted ? `${row.place}, ` : ''}${rest}</small></span>
        ${COLUMNS.map(({ read, write }) => {
          const value = read(row);
          return html`<span class="number">${value === undefined ? '–' : write(value)}</span>`;
        })}
      </div>
    `;
  }

  #onToggle = (event: ToggleEvent): void => {
    this.open = event.newState === 'open';
    this.#listbox.move(null);
    if (!this.open) return;
    void this.updateComplete.then(() => {
      this.list.focus();
      this.#listbox.reveal('center');
    });
  };

  #pick(id: string): void {
    this.popup.hidePopover();
    this.button.focus();
    this.dispatchEvent(new DictionaryEvent(id));
  }
}

function sort(all: readonly DictionaryInfo[], { read, descending }: Column): DictionaryInfo[] {
  const last = descending ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = (dictionary: DictionaryInfo) => read(dictionary) ?? last;
  return [...all].sort((a, b) => (descending ? value(b) - value(a) : value(a) - value(b)));
}

/** `L0 148, FVU 8.8 %, 9 of 180 (0 own, 1 opponent’s, 8 empty)`: what is known of it. */
function figures(dictionary: DictionaryInfo): string {
  const {
    contents_over_0_9: all,
    own_over_0_9: own,
    opponent_over_0_9: opponent,
    empty_over_0_9: empty,
  } = dictionary.metrics;
  const told = [L0, FVU].flatMap(({ name, read, write }) => {
    const value = read(dictionary);
    return value === undefined ? [] : [`${name} ${write(value)}`];
  });
  if (all !== undefined) {
    const split = own === undefined ? '' : ` (${own} own, ${opponent} opponent’s, ${empty} empty)`;
    told.push(`${all} of 180${split}`);
  }
  return told.join(', ');
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-dictionary-picker': DictionaryPicker;
  }
}
