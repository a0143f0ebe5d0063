import { html, LitElement, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { type Column, cellOf, shown } from '../../table/columns.js';
import { base, controls } from '../base.styles.js';
import { styles } from './scatter.styles.js';

/** The kinds of rows that have a symbol. */
const KINDS = ['dictionary', 'neurons', 'probe', 'untrained'];

/** A point, or none where one of the two was not measured. */
interface Point<Row> {
  row: Row;
  x: number;
  y: number;
  kind: string;
  title: string;
}

/**
 * Two columns of a table as a scatter plot. It says less than the table, which is its alternative for the keyboard
 * and for those who do not see it.
 */
@customElement('ol-scatter')
export class Scatter<Row = unknown> extends LitElement {
  static override styles = [base, controls, styles];

  /** Those that hold numbers can be chosen. */
  @property({ attribute: false }) columns: readonly Column<Row>[] = [];
  @property({ attribute: false }) rows: readonly Row[] = [];
  /** The names of the columns that it begins with. */
  @property() x = '';
  @property() y = '';
  /** What a point is called. */
  @property({ attribute: false }) nameOf: (row: Row) => string = () => '';
  /** What kind of thing a row is; each kind has a symbol of its own. */
  @property({ attribute: false }) kindOf: (row: Row) => string = () => '';
  /** The address that a point leads to; null if it leads nowhere. */
  @property({ attribute: false }) href: (row: Row) => string | null = () => null;

  @state() private log = false;
  @state() private failed = false;
  @state() private width = 0;
  @query('figure') private readonly figure!: HTMLElement;
  readonly #sizes = new ResizeObserver(([entry]) => {
    if (entry) this.width = Math.round(entry.contentRect.width);
  });
  #drawing = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
  }

  protected override firstUpdated(): void {
    this.#sizes.observe(this.figure);
  }

  protected override updated(changed: PropertyValues): void {
    const same = changed.size === 1 && changed.has('failed');
    if (!same) void this.#draw();
  }

  protected override render() {
    const points = this.#points;
    const missing = this.rows.length - points.length;
    return html`
      <div class="tools">
        <label>across ${this.#choice('x')}</label>
        <label>up ${this.#choice('y')}</label>
        <label class="check"><input type="checkbox" .checked=${this.log} @change=${this.#onLog} /> logarithmic across</label>
      </div>
      ${this.failed ? html`<p class="warn" role="alert">The plot could not be loaded; the table has all of its numbers.</p>` : ''}
      <figure></figure>
      <p class="key">
        ${[...new Set(points.map(({ kind }) => kind))].map((kind) => html`<span class=${kind}>${kind}</span>`)}
        ${missing > 0 ? html`<small>${missing} of ${this.rows.length} rows have no such numbers</small>` : ''}
      </p>
    `;
  }

  #choice(axis: 'x' | 'y') {
    const numeric = this.columns.filter((column) => column.numeric);
    const onChange = (event: Event) => {
      this[axis] = (event.target as HTMLSelectElement).value;
    };
    return html`<select @change=${onChange}>
      ${numeric.map(({ name, title }) => html`<option value=${name} ?selected=${name === this[axis]}>${title}</option>`)}
    </select>`;
  }

  get #points(): Point<Row>[] {
    const [x, y] = [this.#column(this.x), this.#column(this.y)];
    if (!x || !y) return [];
    return this.rows.flatMap((row) => {
      const [at, up] = [cellOf(x, row), cellOf(y, row)];
      if (typeof at !== 'number' || typeof up !== 'number' || (this.log && at <= 0)) return [];
      const title = `${this.nameOf(row)}\n${x.title} ${shown(x, row)}\n${y.title} ${shown(y, row)}`;
      return [{ row, x: at, y: up, kind: this.kindOf(row), title }];
    });
  }

  #column(name: string): Column<Row> | null {
    return this.columns.find((column) => column.name === name) ?? null;
  }

  #onLog = (event: Event): void => {
    this.log = (event.target as HTMLInputElement).checked;
  };

  async #draw(): Promise<void> {
    const { width } = this;
    const [x, y] = [this.#column(this.x), this.#column(this.y)];
    if (!x || !y || width === 0) return;
    this.#drawing += 1;
    const drawing = this.#drawing;
    try {
      const { axisX, axisY, dot, gridX, gridY, plot, pointer, tip } = await import('./plot.js');
      if (drawing !== this.#drawing) return;
      const points = this.#points;
      const at = { x: 'x', y: 'y' } as const;
      const picture = plot({
        width,
        height: Math.min(420, Math.max(260, width * 0.5)),
        marginLeft: 52,
        marginBottom: 40,
        style: { background: 'none', fontSize: '13px' },
        x: { type: this.log ? 'log' : 'linear', nice: true },
        y: { nice: true },
        symbol: { domain: KINDS, range: ['circle', 'triangle', 'square', 'times'] },
        color: {
          domain: KINDS,
          range: ['var(--activation)', 'var(--own)', 'var(--opponent)', 'var(--warn)'],
        },
        marks: [
          gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
          gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
          axisX({ label: x.title }),
          axisY({ label: y.title }),
          dot(points, { ...at, stroke: 'kind', symbol: 'kind', r: 4, strokeWidth: 1.6 }),
          tip(points, pointer({ ...at, title: 'title', fill: 'var(--card)', stroke: 'var(--line)' })),
        ],
      });
      // A policy of `style-src 'self'` refuses it; the element's own style says the same.
      for (const style of picture.querySelectorAll('style')) style.remove();
      for (const part of picture.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
      picture.setAttribute('role', 'img');
      picture.setAttribute(
        'aria-label',
        `${y.title} over ${x.title}, ${points.length} points; the table has their numbers`,
      );
      picture.addEventListener('click', () =>
        this.#open((picture as { value?: Point<Row> | null }).value ?? null),
      );
      this.figure.replaceChildren(picture);
      this.failed = false;
    } catch {
      this.failed = true;
    }
  }

  /** Follows the link of the point that the pointer is at. */
  #open(point: Point<Row> | null): void {
    const href = point && this.href(point.row);
    if (href === null) return;
    const link = document.createElement('a');
    link.href = href;
    this.renderRoot.append(link);
    link.click();
    link.remove();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-scatter': Scatter;
  }
}
