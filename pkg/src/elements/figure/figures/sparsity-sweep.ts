import type { FigureDefinition, Panel, PlotModule, Table } from '../definition.js';
import { sweep } from '../dictionaries.js';
import { COLOURS } from '../labels.js';
import { frame, halo, PUBLISHED } from '../marks.js';
import type { Estimate, Figures } from '../measured.js';
import { printed } from '../numbers.js';

/** The penalty of the report's dictionary, its contents and its L0. */
const REPORT = { alpha: 0.077, contents: 9, l0: 122 };

interface Point {
  alpha: number;
  figures: Figures;
}

/** F6: dictionaries of one recipe over the weight of their penalty. */
export const sparsitySweep: FigureDefinition = {
  name: 'f6',
  question: 'What does a larger penalty on activations cost, and what does it buy?',
  registry: ['detection', 'sparsity', 'fvu'],
  values: ['contents_over_0_9', 'legality_over_0_9', 'l0', 'fvu'],
  measures: [],
  parts: [],
  subjects: ({ dictionaries }) => sweep(dictionaries).map(({ id }) => id),

  draw(data) {
    const points = sweep(data.dictionaries).flatMap((dictionary): Point[] => {
      const { strength: alpha } = dictionary;
      const figures = data.measured.get(dictionary.id)?.figures;
      return alpha === null || !figures?.detection ? [] : [{ alpha, figures }];
    });
    const of = (read: (figures: Figures) => Estimate | undefined) =>
      points.flatMap(({ alpha, figures }) => {
        const estimate = read(figures);
        return estimate ? [{ alpha, ...estimate }] : [];
      });
    const contents = of(({ detection }) => detection?.contents);
    const best = contents.reduce<(typeof contents)[number] | undefined>(
      (best, one) => (best && best.value >= one.value ? best : one),
      undefined,
    );
    const table: Table = {
      title: 'By α',
      columns: [
        { title: 'α', names: true },
        { title: 'of 180', unit: 'count' },
        { title: 'own', unit: 'count' },
        { title: 'opponent', unit: 'count' },
        { title: 'empty', unit: 'count' },
        { title: 'legal, of 60', unit: 'count' },
        { title: 'L0', unit: 'number' },
        { title: 'FVU', unit: 'number' },
        { title: 'loss recovered', unit: 'number' },
      ],
      rows: points.map(({ alpha, figures: { detection, sparsity, fvu, splice } }) => [
        `α ${alpha}`,
        detection?.contents ?? null,
        detection?.own ?? null,
        detection?.opponent ?? null,
        detection?.empty ?? null,
        detection?.legality ?? null,
        sparsity?.l0 ?? null,
        fvu?.fvu ?? null,
        splice?.scored['loss_recovered'] ?? null,
      ]),
    };
    const domain = (): [number, number] => {
      const alphas = [...points.map(({ alpha }) => alpha), REPORT.alpha];
      return [Math.min(...alphas) * 0.85, Math.max(...alphas) * 1.18];
    };
    const counts: Panel = {
      title: 'Labels with AUROC above 0.9',
      ratio: 0.72,
      options: (plot, width) =>
        overAlpha(plot, width, domain(), {
          y: { label: '↑ labels', grid: true, ticks: 5, tickFormat: 'd' },
          marks: [
            ...lines(
              plot,
              of(({ detection }) => detection?.legality),
              COLOURS.legal,
            ),
            ...lines(
              plot,
              of(({ detection }) => detection?.empty),
              COLOURS.empty,
            ),
            ...lines(
              plot,
              of(({ detection }) => detection?.opponent),
              COLOURS.opponent,
            ),
            ...lines(
              plot,
              of(({ detection }) => detection?.own),
              COLOURS.own,
            ),
            ...lines(plot, contents, 'var(--ink)', '5 3'),
            plot.dot([REPORT], {
              x: 'alpha',
              y: 'contents',
              ...PUBLISHED,
              title: () => 'The report: 9 of 180 at α 0.077',
            }),
            plot.text([REPORT], {
              x: 'alpha',
              y: 'contents',
              text: () => 'report: 9',
              dy: -12,
              fontSize: 11,
              fill: 'var(--ink)',
              ...halo,
            }),
          ],
        }),
    };
    const l0: Panel = {
      title: 'L0: active features a position',
      ratio: 0.72,
      options: (plot, width) =>
        overAlpha(plot, width, domain(), {
          y: { label: '↑ L0', grid: true, ticks: 5 },
          marks: [
            ...lines(
              plot,
              of(({ sparsity }) => sparsity?.l0),
              'var(--ink)',
            ),
            plot.dot([REPORT], {
              x: 'alpha',
              y: 'l0',
              ...PUBLISHED,
              title: () => 'The report: L0 122 at α 0.077',
            }),
            plot.text([REPORT], {
              x: 'alpha',
              y: 'l0',
              text: () => 'report: 122',
              dy: 14,
              fontSize: 11,
              fill: 'var(--ink)',
              ...halo,
            }),
          ],
        }),
    };
    const quality: Panel = {
      title: 'What the reconstruction keeps',
      ratio: 0.72,
      options: (plot, width) =>
        overAlpha(plot, width, domain(), {
          y: { label: '↑ share', grid: true, ticks: 5 },
          marks: [
            ...lines(
              plot,
              of(({ fvu }) => fvu?.fvu),
              'var(--violet)',
            ),
            ...lines(
              plot,
              of(({ splice }) => splice?.scored['loss_recovered']),
              'var(--gold)',
            ),
          ],
        }),
    };
    return {
      finding: best
        ? `Over ${points.length} values of α, contents told go from ${printed(Math.min(...contents.map(({ value }) => value)), 'count')} to ${printed(best.value, 'count')} of 180, the most at α ${best.alpha}; the report found 9 at α 0.077.`
        : '',
      panels: points.length > 0 ? [counts, l0, quality] : [],
      legend: [
        { text: 'own', colour: COLOURS.own, shape: 'line' },
        { text: 'opponent', colour: COLOURS.opponent, shape: 'line' },
        { text: 'empty', colour: COLOURS.empty, shape: 'line' },
        { text: 'legal move', colour: COLOURS.legal, shape: 'line' },
        { text: 'all contents', colour: 'var(--ink)', shape: 'dashed' },
        { text: 'FVU', colour: 'var(--violet)', shape: 'line' },
        { text: 'loss recovered', colour: 'var(--gold)', shape: 'line' },
        { text: 'published', colour: 'var(--ink)', shape: 'diamond' },
      ],
      beside: [],
      tables: points.length > 0 ? [table] : [],
      missing:
        points.length > 0
          ? []
          : [
              'This bundle has no dictionaries of one recipe over α, tied, on the residual stream after layer 5.',
            ],
    };
  },
};

function overAlpha(
  plot: PlotModule,
  width: number,
  domain: [number, number],
  options: Parameters<typeof frame>[2],
) {
  return frame(width, 0.72, {
    ...options,
    x: {
      type: 'log',
      domain,
      label: 'α, the weight of the penalty →',
      ticks: [0.03, 0.1, 0.3, 1],
      tickFormat: '~g',
    },
    marks: [...(options.marks ?? []), plot.ruleY([0])],
  });
}

/** A line with its points, and their intervals where they are known. */
function lines(
  plot: PlotModule,
  points: readonly (Estimate & { alpha: number })[],
  stroke: string,
  strokeDasharray?: string,
) {
  const known = points.filter(({ low, high }) => low !== null && high !== null);
  return [
    plot.ruleX(known, { x: 'alpha', y1: 'low', y2: 'high', stroke, strokeOpacity: 0.5 }),
    plot.line(points, {
      x: 'alpha',
      y: 'value',
      stroke,
      strokeWidth: 1.6,
      ...(strokeDasharray && { strokeDasharray }),
    }),
    plot.dot(points, {
      x: 'alpha',
      y: 'value',
      fill: stroke,
      r: 2.6,
      title: ({ alpha, value }) => `α ${alpha}: ${printed(value, 'number')}`,
    }),
  ];
}
