// How large a feature is where its square is own, the opponent's or empty: what F2 and F3 draw.
import type { Panel, Table } from './definition.js';
import { COLOURS, CONTENTS } from './labels.js';
import { frame } from './marks.js';
import type { LabelHistogram } from './measured.js';
import { printed } from './numbers.js';

/** A class of a histogram, as shares of the positions where the square is of that class. */
interface Class {
  name: (typeof CONTENTS)[number];
  colour: string;
  positions: number;
  zero: number;
  bins: { x1: number; x2: number; share: number }[];
}

/** Classes that hold somewhere. */
export function classes({ histogram: { max, classes } }: LabelHistogram): Class[] {
  return CONTENTS.flatMap((name, at) => {
    const { zero, bins } = classes[at] ?? { zero: 0, bins: [] };
    const positions = bins.reduce((sum, bin) => sum + bin, zero);
    if (positions === 0) return [];
    const width = max / Math.max(1, bins.length);
    return [
      {
        name,
        colour: COLOURS[name],
        positions,
        zero: zero / positions,
        bins: bins.map((bin, i) => ({ x1: i * width, x2: (i + 1) * width, share: bin / positions })),
      },
    ];
  });
}

/** The separate bars at exactly 0. */
export function zeroPanel(histogram: LabelHistogram, title: string): Panel {
  const all = classes(histogram);
  return {
    title,
    ratio: 0.52,
    options: (plot, width) =>
      frame(width, 0.52, {
        marginLeft: 66,
        marginRight: 52,
        x: {
          domain: [0, 1],
          label: 'share of positions where it is not active →',
          tickFormat: '%',
          ticks: 5,
        },
        y: { domain: all.map(({ name }) => name), label: null, padding: 0.3 },
        marks: [
          plot.barX(all, { x: 'zero', y: 'name', fill: 'colour', title: said }),
          plot.text(all, {
            x: 'zero',
            y: 'name',
            text: ({ zero }: Class) => printed(zero, 'share'),
            textAnchor: 'start',
            dx: 5,
            fontSize: 11,
            fill: 'var(--ink)',
          }),
          plot.ruleX([0]),
        ],
      }),
  };
}

/** How large it is where it is active. */
export function activePanel(histogram: LabelHistogram, title: string): Panel {
  const all = classes(histogram);
  return {
    title,
    ratio: 0.52,
    options: (plot, width) =>
      frame(width, 0.52, {
        x: { domain: [0, histogram.histogram.max], label: 'activation →', ticks: 5 },
        y: { label: '↑ share of positions of its class, a bin', tickFormat: '%', ticks: 4, grid: true },
        marks: [
          ...all.flatMap(({ colour, bins }) => {
            // A step line: two points a bin. Given one y alone, areas with the same x are stacked.
            const outline = bins.flatMap(({ x1, x2, share }) => [
              { x: x1, share },
              { x: x2, share },
            ]);
            return [
              plot.areaY(outline, { x: 'x', y1: 0, y2: 'share', fill: colour, fillOpacity: 0.18 }),
              plot.line(outline, { x: 'x', y: 'share', stroke: colour, strokeWidth: 1.6 }),
            ];
          }),
          plot.ruleY([0]),
        ],
      }),
  };
}

/** The numbers of both. */
export function densityTable(histogram: LabelHistogram): Table {
  const all = classes(histogram);
  const bins = all[0]?.bins ?? [];
  return {
    title: `#${histogram.feature}, the best feature of ${histogram.label}`,
    columns: [
      { title: 'activation', names: true },
      ...all.map(({ name }) => ({ title: name, unit: 'share' as const })),
    ],
    rows: [
      [`exactly 0 (${histogram.label})`, ...all.map(({ zero }) => zero)],
      ...bins.map(({ x1, x2 }, bin) => [
        `bin ${bin + 1}: ${printed(x1, 'number')} to ${printed(x2, 'number')} (${histogram.label})`,
        ...all.map(({ bins }) => bins[bin]?.share ?? 0),
      ]),
    ],
  };
}

function said({ name, zero, positions }: Class): string {
  return `${name}: not active at ${printed(zero, 'share')} of ${positions.toLocaleString('en')} positions`;
}
