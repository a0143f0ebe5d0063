import { VirtualizerController } from '@tanstack/lit-virtual';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { cssProperties } from '../../directives/css-properties.js';
import {
  type BadFilters,
  type Column,
  csv,
  filtered,
  type Order,
  shown,
  sorted,
} from '../../table/columns.js';
import { save } from '../../table/save.js';
import { count } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { styles } from './data-table.styles.js';

/** Pixels of a row. */
const ROW = 32;

/**
 * A table of any length: only the rows in view are drawn. Each column can be sorted and filtered; the keyboard walks
 * the rows and opens the one that it is on.
 */
@customElement('ol-data-table')
export class DataTable<Row = unknown> extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) columns: readonly Column<Row>[] = [];
  @property({ attribute: false }) rows: readonly Row[] = [];
  /** What the table is of, for people who cannot see it. */
  @property() label = '';
  /** What one row is, and many are. */
  @property({ attribute: false }) things: readonly [string, string] = ['row', 'rows'];
  /** The address that a row leads to; null if it leads nowhere. */
  @property({ attribute: false }) href: (row: Row) => string | null = () => null;
  /** The name of the CSV file, without its ending. */
  @property() file = 'table';
  @property({ attribute: false }) order: Order | null = null;
  /** The row in view elsewhere; it is marked. */
  @property({ attribute: false }) current: (row: Row) => boolean = () => false;

  @state() private filters: Readonly<Record<string, string>> = {};
  @state() private filtering = false;
  /** The row that the keyboard is on. */
  @state() private at = 0;
  @query('.scroller') private readonly scroller!: HTMLElement;

  #listed: readonly Row[] = [];
  #bad: BadFilters = new Set();
  readonly #virtual = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    getScrollElement: () => this.scroller,
    count: 0,
    estimateSize: () => ROW,
    overscan: 6,
  });

  protected override willUpdate(changed: PropertyValues): void {
    if (!['columns', 'rows', 'order', 'filters'].some((name) => changed.has(name))) return;
    const { rows, bad } = filtered(this.rows, this.columns, this.filters);
    const column = this.columns.find(({ name }) => name === this.order?.column);
    this.#listed = column ? sorted(rows, column, this.order?.descending ?? false) : rows;
    this.#bad = bad;
    this.at = Math.max(0, Math.min(this.at, this.#listed.length - 1));
    const virtualizer = this.#virtual.getVirtualizer();
    virtualizer.setOptions({ ...virtualizer.options, count: this.#listed.length });
  }

  protected override render() {
    const { columns } = this;
    const listed = this.#listed;
    const [one, many] = this.things;
    const virtualizer = this.#virtual.getVirtualizer();
    return html`
      <div class="tools">
        <p role="status">
          ${listed.length === this.rows.length ? nothing : html`${count(listed.length)} of `}${count(this.rows.length)}
          ${this.rows.length === 1 ? one : many}
        </p>
        <button aria-pressed=${this.filtering ? 'true' : 'false'} @click=${this.#toggleFilters}>Filter</button>
        <button @click=${() => save(`${this.file}.csv`, 'text/csv', csv(columns, listed))}>CSV</button>
        <slot name="tools"></slot>
      </div>
      <div
        class="scroller"
        role="grid"
        tabindex="0"
        aria-label=${this.label}
        aria-rowcount=${listed.length + 1}
        aria-colcount=${columns.length}
        aria-activedescendant=${listed.length > 0 ? `row-${this.at}` : nothing}
        ${cssProperties({
          '--columns': columns.map(({ width }) => `minmax(${width}em, ${width}fr)`).join(' '),
          '--least': `${columns.reduce((sum, { width }) => sum + width, 0)}em`,
        })}
        @keydown=${this.#onKey}
      >
        <div class="head" role="rowgroup">
          <div role="row" aria-rowindex="1">${columns.map((column) => this.#header(column))}</div>
        </div>
        <div class="body" role="rowgroup" ${cssProperties({ '--height': `${virtualizer.getTotalSize()}px` })}>
          ${virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = listed[index];
            return row === undefined ? nothing : this.#row(row, index, start);
          })}
        </div>
        ${listed.length === 0 ? html`<p class="none">None of the ${count(this.rows.length)} ${many} passes.</p>` : nothing}
      </div>
    `;
  }

  #header(column: Column<Row>) {
    const { name, title, about, numeric } = column;
    const sorts = this.order?.column === name;
    const direction = this.order?.descending ? 'descending' : 'ascending';
    const bad = this.#bad.has(name);
    return html`<div
      role="columnheader"
      class=${numeric ? 'numeric' : ''}
      aria-sort=${sorts ? direction : 'none'}
      aria-label=${title}
    >
      <button title=${about} aria-label=${`Sort by ${title}`} @click=${() => this.#sort(column)}>
        ${title}<span aria-hidden="true">${sorts ? (this.order?.descending ? '▼' : '▲') : ''}</span>
      </button>
      ${
        this.filtering
          ? html`<input
              aria-label=${`Filter by ${title}`}
              title=${numeric ? 'such as > 0.9, 0.1 .. 0.4, or – where nothing was measured' : 'what it contains'}
              placeholder=${numeric ? '> …' : '…'}
              aria-invalid=${bad ? 'true' : nothing}
              .value=${this.filters[name] ?? ''}
              @input=${(event: InputEvent) => this.#filter(name, (event.target as HTMLInputElement).value)}
            />`
          : nothing
      }
    </div>`;
  }

  #row(row: Row, index: number, start: number) {
    const href = this.href(row);
    return html`<div
      role="row"
      id=${`row-${index}`}
      class=${`row${index === this.at ? ' at' : ''}`}
      aria-rowindex=${index + 2}
      aria-selected=${this.current(row) ? 'true' : 'false'}
      ${cssProperties({ '--top': `${start}px` })}
      @click=${() => (this.at = index)}
    >
      ${this.columns.map((column, at) => {
        const text = shown(column, row);
        return html`<div role="gridcell" class=${column.numeric ? 'numeric' : ''} title=${column.numeric ? nothing : text}>
          ${at === 0 && href !== null ? html`<a href=${href} tabindex="-1">${text}</a>` : text}
        </div>`;
      })}
    </div>`;
  }

  #sort({ name, numeric }: Column<Row>): void {
    const again = this.order?.column === name;
    // What is greatest is looked for first.
    this.order = { column: name, descending: again ? !this.order?.descending : numeric };
    this.#goTo(0);
  }

  #toggleFilters(): void {
    this.filtering = !this.filtering;
    if (!this.filtering) this.filters = {};
  }

  #filter(column: string, text: string): void {
    this.filters = { ...this.filters, [column]: text };
    this.#goTo(0);
  }

  /** Moves the keyboard to a row, and the row into view. */
  #goTo(index: number): void {
    this.at = Math.max(0, Math.min(this.#listed.length - 1, index));
    const { scroller } = this;
    // Above the rows stands the header, which sticks there.
    const head = this.renderRoot.querySelector('.head')?.clientHeight ?? 0;
    const room = scroller.clientHeight - head;
    const top = this.at * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW > scroller.scrollTop + room) scroller.scrollTop = top + ROW - room;
  }

  #onKey = (event: KeyboardEvent): void => {
    if (event.target !== this.scroller || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 2);
    const to: Record<string, number> = {
      ArrowUp: this.at - 1,
      ArrowDown: this.at + 1,
      PageUp: this.at - page,
      PageDown: this.at + page,
      Home: 0,
      End: this.#listed.length - 1,
    };
    const target = to[event.key];
    if (target !== undefined) this.#goTo(target);
    else if (event.key === 'Enter') this.renderRoot.querySelector<HTMLElement>(`#row-${this.at} a`)?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-data-table': DataTable;
  }
}
