/** What a cell holds; null where nothing was measured. */
export type Value = number | string | null;

/** A column of a table. */
export interface Column<Row> {
  /** Its name in CSV. */
  name: string;
  /** What stands above it. */
  title: string;
  /** It in a sentence. */
  about: string;
  /** Whether its values are numbers. */
  numeric: boolean;
  /** Its least width, in em; what room there is beyond that is shared out in proportion. */
  width: number;
  value(row: Row): Value;
  /** The value for people; as it is, where this is left out. */
  show?(value: Exclude<Value, null>, row: Row): string;
}

/** An order of rows. */
export interface Order {
  column: string;
  descending: boolean;
}

/** What stands where nothing was measured. */
export const MISSING = '–';

/** The value of a cell as people see it. */
export function shown<Row>(column: Column<Row>, row: Row): string {
  const value = cellOf(column, row);
  if (value === null) return MISSING;
  return column.show ? column.show(value, row) : String(value);
}

/** The value of a cell; a number that is none is missing. */
export function cellOf<Row>(column: Column<Row>, row: Row): Value {
  const value = column.value(row);
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

/** The rows in order; missing values are last, whichever way it goes. Equal ones stay as they are. */
export function sorted<Row>(rows: readonly Row[], column: Column<Row>, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: cellOf(column, row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

const NUMBER = String.raw`([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(%?)`;
const BOUND = new RegExp(String.raw`^(>=|<=|>|<|=|≥|≤)?\s*${NUMBER}$`, 'i');
const RANGE = new RegExp(String.raw`^${NUMBER}\s*(?:\.\.|…|–|to)\s*${NUMBER}$`, 'i');

/** Whether a value passes. */
type Test = (value: Value) => boolean;

/**
 * Reads a filter: of numbers `> 0.9`, `<= 5 %`, `0.1 .. 0.4` or `3`, of texts what they contain, `–` where nothing was
 * measured. The empty filter lets all pass; null is a filter that makes no sense.
 */
export function readFilter(text: string, numeric: boolean): Test | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return () => true;
  if (wanted === MISSING || wanted === '-') return (value) => value === null;
  if (!numeric) return (value) => value !== null && String(value).toLowerCase().includes(wanted);
  const range = RANGE.exec(wanted);
  if (range) {
    const [, low, lowUnit, high, highUnit] = range;
    const [least, most] = [number(low, lowUnit), number(high, highUnit)];
    return (value) => typeof value === 'number' && value >= least && value <= most;
  }
  const bound = BOUND.exec(wanted);
  if (!bound) return null;
  const [, sign = '=', digits, unit] = bound;
  const limit = number(digits, unit);
  const passes: Record<string, (value: number) => boolean> = {
    '>': (value) => value > limit,
    '<': (value) => value < limit,
    '>=': (value) => value >= limit,
    '≥': (value) => value >= limit,
    '<=': (value) => value <= limit,
    '≤': (value) => value <= limit,
    '=': (value) => value === limit,
  };
  return (value) => typeof value === 'number' && (passes[sign]?.(value) ?? false);
}

function number(digits = '', unit = ''): number {
  return Number(digits) / (unit === '%' ? 100 : 1);
}

/** Filters that make no sense, by column. */
export type BadFilters = ReadonlySet<string>;

/** The rows that pass all filters, by column name; those that make no sense let all pass and are named. */
export function filtered<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  filters: Readonly<Record<string, string>>,
): { rows: readonly Row[]; bad: BadFilters } {
  const bad = new Set<string>();
  let left = rows;
  for (const column of columns) {
    const text = filters[column.name] ?? '';
    if (text.trim() === '') continue;
    const test = readFilter(text, column.numeric);
    if (test) left = left.filter((row) => test(cellOf(column, row)));
    else bad.add(column.name);
  }
  return { rows: left, bad };
}

/** The table as RFC 4180 has it; missing values are empty. */
export function csv<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const line = (cells: readonly Value[]) => `${cells.map(quoted).join(',')}\r\n`;
  const values = (row: Row) => columns.map((column) => cellOf(column, row));
  return line(columns.map(({ name }) => name)) + rows.map((row) => line(values(row))).join('');
}

function quoted(value: Value): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
