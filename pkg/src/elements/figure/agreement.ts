import type { Cell, Drawing, Unit } from './definition.js';
import type { Estimate, Games } from './measured.js';
import { isEstimate } from './numbers.js';

/** One number of a figure, measured twice. */
export interface Agreement {
  name: string;
  unit: Unit;
  bundle: Estimate;
  yours: Estimate;
  difference: number;
  /** How far the two may be apart. */
  tolerance: number;
  agrees: boolean;
}

/** Whether two measurements were of the same games. */
export function sameGames(a: Games, b: Games): boolean {
  return a.seed !== null && a.seed === b.seed && a.games === b.games;
}

/** What the tolerance is, in a sentence. */
export function toleranceSaid(same: boolean): string {
  return same
    ? 'These are the same games, so only rounding may differ: an AUROC by 0.002, a count of labels by 1, since a label may be just at 0.9, other numbers by half a per cent.'
    : 'These are other games, so numbers agree where the two 95 % intervals meet; one without interval may differ by a tenth. With fewer games the best of many features is overrated.';
}

/** Every number that both drawings have, beside each other. */
export function agreements(bundle: Drawing, yours: Drawing, same: boolean): Agreement[] {
  return bundle.tables.flatMap((table, at) => {
    const other = yours.tables[at];
    if (!other) return [];
    const named = table.columns.map(({ names }) => names === true);
    const key = (row: readonly Cell[]) => row.filter((_, column) => named[column]).join(' ');
    const rows = new Map(other.rows.map((row) => [key(row), row]));
    return table.rows.flatMap((row) => {
      const match = rows.get(key(row));
      if (!match) return [];
      return table.columns.flatMap(({ title, unit }, column) => {
        // Columns are found by their titles: there may be other ones in another measurement.
        const there = other.columns.findIndex((one) => one.title === title);
        const [a, b] = [estimate(row[column]), estimate(match[there])];
        return unit && a && b ? [compare(`${key(row)}: ${title}`, unit, a, b, same)] : [];
      });
    });
  });
}

function compare(name: string, unit: Unit, bundle: Estimate, yours: Estimate, same: boolean): Agreement {
  const difference = yours.value - bundle.value;
  const tolerance = same ? rounding(unit, bundle.value) : sampling(unit, bundle, yours);
  // Sums of decimals that are just at the tolerance are within it.
  return {
    name,
    unit,
    bundle,
    yours,
    difference,
    tolerance,
    agrees: Math.abs(difference) <= tolerance + 1e-9,
  };
}

function rounding(unit: Unit, value: number): number {
  if (unit === 'auroc') return 0.002;
  if (unit === 'count') return 1;
  return Math.max(5e-4, 0.005 * Math.abs(value));
}

function sampling(unit: Unit, bundle: Estimate, yours: Estimate): number {
  const half = ({ value, low, high }: Estimate) =>
    low === null || high === null ? null : Math.max(0, value - low, high - value);
  const [a, b] = [half(bundle), half(yours)];
  if (a !== null && b !== null) return a + b;
  const known = a ?? b;
  if (known !== null) return 2 * known;
  return unit === 'count'
    ? Math.max(1, 0.1 * Math.abs(bundle.value))
    : Math.max(0.01, 0.1 * Math.abs(bundle.value));
}

function estimate(cell: Cell | undefined): Estimate | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? { value: cell, low: null, high: null } : null;
  return isEstimate(cell) ? cell : null;
}
