import { html, LitElement, nothing, type PropertyValues } from 'lit';
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

/** A plot that says where its values are drawn. */
interface Drawn extends SVGElement {
  scale(name: 'x' | 'y'): { apply(value: number): number } | undefined;
}

/**
 * Two columns of a table as a scatter plot, and in words. The arrow keys lead from point to point, from left to right;
 * Enter follows the link of the one that they have led to.
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
  /** The point that the keys have led to, of those from left to right. */
  @state() private at: number | null = null;
  #picture: Drawn | null = null;
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
    const same = [...changed.keys()].every((name) => name === 'failed' || name === 'at');
    if (!same) void this.#draw();
    else if (changed.has('at')) this.#point();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated || (!changed.has('at') && !changed.has('failed') && !changed.has('width')))
      this.at = null;
  }

  protected override render() {
    const points = this.#points;
    const here = this.at === null ? undefined : points[this.at];
    const missing = this.rows.length - points.length;
    return html`
      <div class="tools">
        <label>across ${this.#choice('x')}</label>
        <label>up ${this.#choice('y')}</label>
        <label class="check"><input type="checkbox" .checked=${this.log} @change=${this.#onLog} /> logarithmic across</label>
      </div>
      ${this.failed ? html`<p class="warn" role="alert">The plot could not be loaded; the table has all of its numbers.</p>` : ''}
      <p class="words">${this.#words(points)}</p>
      <figure
        role="slider"
        tabindex="0"
        aria-label="Points, from left to right"
        aria-valuemin="1"
        aria-valuemax=${Math.max(1, points.length)}
        aria-valuenow=${(this.at ?? 0) + 1}
        aria-valuetext=${here ? here.title.replaceAll('\n', ', ') : 'none yet'}
        @keydown=${this.#onKey}
      ></figure>
      ${here ? html`<p class="here number">${here.title.replaceAll('\n', ' · ')}${this.href(here.row) === null ? nothing : html` · <kbd>Enter</kbd> opens it`}</p>` : nothing}
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

  /** What the plot shows, for those who do not see it, and beside it for all. */
  #words(points: readonly Point<Row>[]): string {
    const [x, y] = [this.#column(this.x), this.#column(this.y)];
    const [first, last] = [points[0], points.at(-1)];
    if (!x || !y || !first || !last) return 'No row has both numbers.';
    const by = [...points].sort((a, b) => a.y - b.y);
    const [lowest = first, highest = last] = [by[0], by.at(-1)];
    return `${points.length} points: ${x.title} from ${shown(x, first.row)} to ${shown(x, last.row)}, ${y.title} from ${shown(y, lowest.row)} to ${shown(y, highest.row)}, which is ${this.nameOf(highest.row)} at ${x.title} ${shown(x, highest.row)}.`;
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const points = this.#points;
    const last = points.length - 1;
    if (last < 0) return;
    const { at } = this;
    const to: Record<string, number> = {
      ArrowRight: at === null ? 0 : at + 1,
      ArrowUp: at === null ? 0 : at + 1,
      ArrowLeft: at === null ? last : at - 1,
      ArrowDown: at === null ? last : at - 1,
      Home: 0,
      End: last,
    };
    const target = to[event.key];
    if (target !== undefined) this.at = Math.max(0, Math.min(last, target));
    else if (event.key === 'Enter' && at !== null) this.#open(points[at] ?? null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Marks the point that the keys have led to. */
  #point(): void {
    const picture = this.#picture;
    if (!picture) return;
    picture.querySelector('.at')?.remove();
    const point = this.at === null ? undefined : this.#points[this.at];
    const [x, y] = [picture.scale('x'), picture.scale('y')];
    if (!point || !x || !y) return;
    const ring = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    for (const [name, value] of Object.entries({
      class: 'at',
      cx: x.apply(point.x),
      cy: y.apply(point.y),
      r: 9,
    }))
      ring.setAttribute(name, String(value));
    picture.append(ring);
  }

  /** From left to right. */
  get #points(): Point<Row>[] {
    const [x, y] = [this.#column(this.x), this.#column(this.y)];
    if (!x || !y) return [];
    const points = this.rows.flatMap((row) => {
      const [at, up] = [cellOf(x, row), cellOf(y, row)];
      if (typeof at !== 'number' || typeof up !== 'number' || (this.log && at <= 0)) return [];
      const title = `${this.nameOf(row)}\n${x.title} ${shown(x, row)}\n${y.title} ${shown(y, row)}`;
      return [{ row, x: at, y: up, kind: this.kindOf(row), title }];
    });
    return points.sort((a, b) => a.x - b.x || a.y - b.y);
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
      picture.setAttribute('aria-label', `${y.title} over ${x.title}, ${this.#words(points)}`);
      picture.addEventListener('click', () =>
        this.#open((picture as { value?: Point<Row> | null }).value ?? null),
      );
      this.figure.replaceChildren(picture);
      this.#picture = picture as unknown as Drawn;
      this.#point();
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
