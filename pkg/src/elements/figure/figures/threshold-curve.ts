import type { FigureDefinition, Table } from '../definition.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { frame } from '../marks.js';
import { printed } from '../numbers.js';

/** F14: what is left when activations below a share of a feature's largest are hidden. */
export const thresholdCurve: FigureDefinition = {
  name: 'f14',
  question:
    'If activations below a share of a feature’s largest are hidden, at how many positions is any feature left, and how right are those?',
  registry: ['threshold_curve'],
  measures: ['threshold_curve'],
  parts: [],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const points = (dictionary && data.measured.get(dictionary.id)?.figures.threshold_curve) ?? [];
    const half = points.find(({ threshold }) => Math.abs(threshold - 0.5) < 1e-6);
    const table: Table = {
      title: 'By threshold',
      columns: [
        { title: 'threshold', names: true },
        { title: 'positions with a feature', unit: 'share' },
        { title: 'mean precision', unit: 'number' },
        { title: 'L0', unit: 'number' },
        { title: 'FVU', unit: 'number' },
      ],
      rows: points.map(({ threshold, any, precision, l0, fvu }) => [
        `${Math.round(100 * threshold)} % of the largest`,
        any,
        precision,
        l0,
        fvu,
      ]),
    };
    const x = {
      domain: [0, 0.95],
      label: 'hidden below this share of a feature’s largest →',
      tickFormat: '%',
      ticks: 5,
    } as const;
    return {
      finding:
        half && dictionary
          ? `With activations below half of a feature’s largest hidden, ${shortTitle(dictionary)} keeps a feature at ${printed(half.any, 'share')} of positions, ${printed(half.l0, 'number')} a position in the mean${half.precision === null ? '' : `, with a mean precision of ${printed(half.precision, 'number')}`}.`
          : '',
      panels:
        points.length > 0
          ? [
              {
                title: 'Positions with a feature, precision, FVU',
                ratio: 0.72,
                options: (plot, width) =>
                  frame(width, 0.72, {
                    x,
                    y: { domain: [0, 1.02], label: '↑ share', ticks: 5, grid: true },
                    marks: [
                      plot.line(points, {
                        x: 'threshold',
                        y: 'any',
                        stroke: 'var(--teal)',
                        strokeWidth: 1.8,
                      }),
                      plot.line(points, {
                        x: 'threshold',
                        y: 'precision',
                        stroke: 'var(--gold)',
                        strokeWidth: 1.8,
                      }),
                      plot.line(points, {
                        x: 'threshold',
                        y: 'fvu',
                        stroke: 'var(--violet)',
                        strokeWidth: 1.8,
                      }),
                      plot.ruleX([0.5], { stroke: 'var(--soft)', strokeDasharray: '2 3' }),
                      plot.ruleY([0]),
                    ],
                  }),
              },
              {
                title: 'L0: features left a position',
                ratio: 0.72,
                options: (plot, width) =>
                  frame(width, 0.72, {
                    x,
                    y: { label: '↑ L0', type: 'sqrt', ticks: 5, grid: true },
                    marks: [
                      plot.line(points, { x: 'threshold', y: 'l0', stroke: 'var(--ink)', strokeWidth: 1.8 }),
                      plot.dot(points, {
                        x: 'threshold',
                        y: 'l0',
                        fill: 'var(--ink)',
                        r: 2.5,
                        title: ({ threshold, l0 }) =>
                          `${Math.round(100 * threshold)} %: L0 ${printed(l0, 'number')}`,
                      }),
                      plot.ruleX([0.5], { stroke: 'var(--soft)', strokeDasharray: '2 3' }),
                    ],
                  }),
              },
            ]
          : [],
      legend:
        points.length > 0
          ? [
              { text: 'positions with a feature', colour: 'var(--teal)', shape: 'line' },
              { text: 'mean precision of what is left', colour: 'var(--gold)', shape: 'line' },
              { text: 'FVU', colour: 'var(--violet)', shape: 'line' },
              {
                text: 'half of the largest, as asked in the report’s thread',
                colour: 'var(--soft)',
                shape: 'dashed',
              },
            ]
          : [],
      beside: [],
      tables: points.length > 0 ? [table] : [],
      missing:
        points.length > 0
          ? []
          : ['This bundle has no threshold curve of this dictionary: reproduce the figure to have it.'],
    };
  },
};
