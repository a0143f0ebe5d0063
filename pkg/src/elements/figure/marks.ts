// What several figures draw alike.
import type { PlotOptions } from '@observablehq/plot';
import type { Legend, PlotModule } from './definition.js';
import { squareName } from './labels.js';

/** What all plots have in common: room for axes, and the sizes of text. */
export function frame(width: number, ratio: number, options: PlotOptions): PlotOptions {
  return {
    width,
    height: Math.round(width * ratio),
    marginLeft: 46,
    marginRight: 14,
    marginTop: 22,
    marginBottom: 40,
    ...options,
  };
}

/** A bin of a histogram, stacked on those of the classes before it. */
export interface Bin {
  x1: number;
  x2: number;
  y1: number;
  y2: number;
  colour: string;
  title: string;
}

/** Values of one class of a histogram. */
export interface Series {
  name: string;
  colour: string;
  values: readonly number[];
}

/** Counts `series` in bins of `width` from `from` to `to`, one series on the other. */
export function stacked(series: readonly Series[], from: number, to: number, width: number): Bin[] {
  const count = Math.round((to - from) / width);
  const heights = new Array<number>(count).fill(0);
  return series.flatMap(({ name, colour, values }) => {
    const counts = new Array<number>(count).fill(0);
    for (const value of values) {
      // What lies on an edge belongs to the bin below it: 0.9 is not above 0.9.
      const bin = Math.min(count - 1, Math.max(0, Math.ceil((value - from) / width - 1e-9) - 1));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts.flatMap((height, bin) => {
      const y1 = heights[bin] ?? 0;
      heights[bin] = y1 + height;
      const x1 = from + bin * width;
      const x2 = x1 + width;
      const title = `${name}: ${height} from ${x1.toFixed(2)} to ${x2.toFixed(2)}`;
      return height === 0 ? [] : [{ x1, x2, y1, y2: y1 + height, colour, title }];
    });
  });
}

/** A histogram of AUROCs from chance to 1 with the line at 0.9 that counts. */
export function aurocHistogram(
  plot: PlotModule,
  width: number,
  ratio: number,
  series: readonly Series[],
  counted: string,
): PlotOptions {
  const bins = stacked(series, 0.5, 1, 0.02);
  const most = Math.max(1, ...bins.map(({ y2 }) => y2));
  return frame(width, ratio, {
    x: { domain: [0.5, 1], label: 'AUROC of the best feature →', ticks: 6 },
    y: { domain: [0, most * 1.18], label: '↑ labels', ticks: 4, tickFormat: 'd', grid: true },
    marks: [
      plot.rectY(bins, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        fill: 'colour',
        inset: 0.5,
        title: 'title',
      }),
      plot.ruleY([0]),
      plot.ruleX([0.9], { stroke: 'var(--ink)', strokeDasharray: '4 3' }),
      plot.text([counted], {
        x: 0.895,
        y: most * 1.12,
        text: (text: string) => text,
        textAnchor: 'end',
        fontSize: 13,
        fontWeight: 600,
        fill: 'var(--ink)',
        ...halo,
      }),
    ],
  });
}

/** Keeps text legible over what it lies on. */
export const halo = { stroke: 'var(--card)', strokeWidth: 4, strokeLinejoin: 'round' } as const;

/** A small board: a colour for each square, as strong as its value is. */
export interface BoardMap {
  title: string;
  /** 64 values from 0 to 1; null leaves a square out. */
  values: readonly (number | null)[];
  colour: string;
  /** What a square says of itself. */
  says(square: number, value: number | null): string;
}

/** The columns of a board, or its rows. */
const BAND = {
  type: 'band',
  domain: [0, 1, 2, 3, 4, 5, 6, 7],
  label: null,
  tickSize: 0,
  padding: 0.04,
} as const;

/** Boards side by side, in as many columns as there is room for. */
export function boardMaps(
  plot: PlotModule,
  width: number,
  maps: readonly BoardMap[],
  columns: number,
): PlotOptions {
  const rows = Math.ceil(maps.length / columns);
  const cells = maps.flatMap(({ values, colour, says }, at) =>
    values.map((value, square) => ({
      column: at % columns,
      row: Math.floor(at / columns),
      x: square % 8,
      y: Math.floor(square / 8),
      value,
      colour,
      says: says(square, value),
    })),
  );
  const titles = maps.map(({ title }, at) => ({
    title,
    column: at % columns,
    row: Math.floor(at / columns),
  }));
  // A board by itself has its letters and numbers at its edge.
  const alone = maps.length === 1;
  const margin = alone ? 18 : 4;
  const board = (width - 2 * margin) / columns;
  return {
    width,
    height: Math.round(rows * (board + (alone ? 0 : 18)) + 2 * margin),
    marginLeft: margin,
    marginRight: margin,
    marginTop: alone ? margin : margin + 16,
    marginBottom: margin,
    x: {
      ...BAND,
      axis: alone ? 'top' : null,
      tickFormat: (column: number) => 'abcdefgh'.charAt(column),
    },
    y: { ...BAND, axis: alone ? 'left' : null, tickFormat: (row: number) => `${row + 1}` },
    fx: {
      domain: Array.from({ length: columns }, (_, at) => at),
      axis: null,
      padding: columns > 1 ? 0.08 : 0,
    },
    fy: { domain: Array.from({ length: rows }, (_, at) => at), axis: null, padding: rows > 1 ? 0.16 : 0 },
    marks: [
      plot.cell(cells, {
        x: 'x',
        y: 'y',
        fx: 'column',
        fy: 'row',
        fill: 'var(--sunk)',
        stroke: 'var(--line)',
        strokeWidth: 0.5,
      }),
      plot.cell(
        cells.filter(({ value }) => value !== null && value > 0),
        { x: 'x', y: 'y', fx: 'column', fy: 'row', fill: 'colour', fillOpacity: 'value', title: 'says' },
      ),
      plot.text(titles, {
        fx: 'column',
        fy: 'row',
        text: 'title',
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dy: -4,
        fontSize: 11,
        fill: 'var(--soft)',
      }),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  };
}

/** A dot that stands for what others have published. */
export const PUBLISHED = {
  symbol: 'diamond',
  stroke: 'var(--ink)',
  fill: 'var(--card)',
  strokeWidth: 1.5,
  r: 5,
} as const;

/** `c4: 3 of 10`. */
export function ofSquare(square: number, value: string): string {
  return `${squareName(square)}: ${value}`;
}

/**
 * Colours and shapes of categories, such as recipes: none of those that classes of the board have, told apart in
 * both themes, and by their shapes where colours are not seen.
 */
const CATEGORIES = [
  ['var(--violet)', 'circle'],
  ['var(--gold)', 'square'],
  ['var(--teal)', 'triangle'],
  ['var(--rose)', 'cross'],
  ['var(--soft)', 'circle'],
  ['var(--ink)', 'square'],
  ['var(--violet)', 'triangle'],
  ['var(--gold)', 'cross'],
] as const;

/** How a category is drawn. */
export interface Category {
  name: string;
  colour: string;
  symbol: 'circle' | 'square' | 'triangle' | 'cross';
}

/** The categories of `names`, in the order in which they come first. */
export function categories(names: readonly string[]): Category[] {
  return [...new Set(names)].map((name, at) => {
    const [colour, symbol] = CATEGORIES[at % CATEGORIES.length] ?? CATEGORIES[0];
    return { name, colour, symbol };
  });
}

/** A category in a legend. */
export function legendOf({ name, colour, symbol }: Category): Legend {
  return { text: name, colour, shape: symbol === 'circle' ? 'dot' : symbol };
}
