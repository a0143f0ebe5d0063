import type { FigureDefinition, Table } from '../definition.js';
import { chosen, layerOf, recipeOf, shortTitle } from '../dictionaries.js';
import { categories, frame, legendOf } from '../marks.js';
import type { SpliceEstimates } from '../measured.js';
import { printed } from '../numbers.js';

/** Lines over plies: with x̂, with x, and with zeros in its place. */
const BY_PLY = [
  ['illegal_top1', 'illegal top-1 with x̂', 'var(--rose)'],
  ['illegal_top1_original', 'illegal top-1 of the model', 'var(--teal)'],
] as const;

/** F11: what the model's predictions lose when the reconstruction takes the activation's place. */
export const splice: FigureDefinition = {
  name: 'f11',
  question:
    'How much of what the model predicts survives when it reads the reconstruction, at which layer and ply?',
  registry: ['splice'],
  values: ['loss_recovered', 'illegal_top1', 'illegal_top1_original', 'kl'],
  measures: ['splice'],
  parts: [],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const figures = dictionary && data.measured.get(dictionary.id)?.figures;
    const byPly = (figures?.splice?.by_ply ?? []).map((at, index) => ({ ply: index + 1, ...read(at) }));
    const scored = figures?.splice?.scored ?? {};
    const points = data.dictionaries.flatMap((one) => {
      const value = one.metrics['loss_recovered'];
      const site = one.reads[0].site;
      return value === undefined || site !== 'resid_post'
        ? []
        : [{ layer: layerOf(one), recipe: recipeOf(one), value, title: shortTitle(one), id: one.id }];
    });
    const recipes = categories(points.map(({ recipe }) => recipe));
    const atPly = byPly.flatMap(({ ply, ...of }) =>
      BY_PLY.map(([key, name, stroke]) => ({ ply, name, stroke, value: of[key] ?? null })),
    );
    const lossByPly = byPly.filter(({ loss_recovered: value }) => value !== null);
    const whole: Table = {
      title: `Over all scored positions, ${dictionary ? shortTitle(dictionary) : ''}`,
      columns: [
        { title: 'number', names: true },
        { title: 'value', unit: 'number' },
      ],
      rows: Object.entries(scored).flatMap(([name, estimate]) =>
        estimate ? [[name.replaceAll('_', ' '), estimate]] : [],
      ),
    };
    const plies: Table = {
      title: 'By ply',
      columns: [
        { title: 'ply', names: true },
        { title: 'loss recovered', unit: 'number' },
        { title: 'illegal top-1 with x̂', unit: 'share' },
        { title: 'illegal top-1', unit: 'share' },
        { title: 'KL, nats', unit: 'nats' },
      ],
      rows: (figures?.splice?.by_ply ?? []).map((at, index) => [
        `ply ${index + 1}`,
        at['loss_recovered'] ?? null,
        at['illegal_top1'] ?? null,
        at['illegal_top1_original'] ?? null,
        at['kl'] ?? null,
      ]),
    };
    const layers: Table = {
      title: 'Loss recovered by layer, all dictionaries of the residual stream',
      columns: [{ title: 'dictionary' }, { title: 'layer' }, { title: 'loss recovered' }],
      rows: points.map(({ id, layer, value }) => [id, String(layer), printed(value, 'number')]),
    };
    const lossRecovered = scored['loss_recovered'];
    const early = lossByPly.slice(0, 10).map(({ loss_recovered: value }) => value ?? 0);
    return {
      finding: lossRecovered
        ? `With the reconstruction of ${dictionary ? shortTitle(dictionary) : 'the dictionary'} the model recovers ${printed(lossRecovered.value, 'number')} of the loss that zeros cost${early.length > 0 ? `, ${printed(early.reduce((sum, value) => sum + value, 0) / early.length, 'number')} over the first ${early.length} plies` : ''}.`
        : points.length > 0
          ? 'The loss recovered is known by layer, not of this dictionary by ply.'
          : '',
      panels: [
        ...(points.length > 0
          ? [
              {
                title: 'Loss recovered by layer, a dot a dictionary',
                ratio: 0.72,
                options: ((plot, width) =>
                  frame(width, 0.72, {
                    x: { domain: [-0.4, 7.4], label: 'after layer →', ticks: 8, tickFormat: 'd' },
                    y: {
                      domain: [
                        Math.min(0.85, ...points.map(({ value }) => value).filter((value) => value > 0.6)),
                        1,
                      ],
                      label: '↑ loss recovered',
                      grid: true,
                      ticks: 4,
                      clamp: true,
                    },
                    marks: [
                      ...recipes.map(({ name, colour, symbol }, at) =>
                        plot.dot(
                          points.filter(({ recipe }) => recipe === name),
                          {
                            // Recipes stand side by side within a layer.
                            x: ({ layer }: { layer: number }) =>
                              layer + 0.6 * ((at + 0.5) / recipes.length - 0.5),
                            y: 'value',
                            r: 4,
                            symbol,
                            fill: colour,
                            fillOpacity: 0.8,
                            title: ({ title, value }: { title: string; value: number }) =>
                              `${title}: ${printed(value, 'number')}`,
                          },
                        ),
                      ),
                    ],
                    color: { type: 'identity' },
                  })) satisfies import('../definition.js').Panel['options'],
              },
            ]
          : []),
        ...(lossByPly.length > 0
          ? [
              {
                title: 'Loss recovered by ply',
                ratio: 0.72,
                options: ((plot, width) =>
                  frame(width, 0.72, {
                    x: { domain: [1, 59], label: 'ply →', ticks: 6 },
                    y: { label: '↑ loss recovered', grid: true, ticks: 5 },
                    marks: [
                      plot.areaY(
                        lossByPly.filter(({ low }) => low !== null),
                        { x: 'ply', y1: 'low', y2: 'high', fill: 'var(--violet)', fillOpacity: 0.18 },
                      ),
                      plot.line(lossByPly, {
                        x: 'ply',
                        y: 'loss_recovered',
                        stroke: 'var(--violet)',
                        strokeWidth: 1.8,
                      }),
                      plot.ruleY([1], { stroke: 'var(--soft)', strokeDasharray: '2 3' }),
                    ],
                  })) satisfies import('../definition.js').Panel['options'],
              },
              {
                title: 'Illegal top-1 by ply',
                ratio: 0.72,
                options: ((plot, width) =>
                  frame(width, 0.72, {
                    x: { domain: [1, 59], label: 'ply →', ticks: 6 },
                    y: { label: '↑ of positions', tickFormat: '%', grid: true, ticks: 5 },
                    marks: [
                      ...BY_PLY.map(([, name, stroke]) =>
                        plot.line(
                          atPly.filter((at) => at.name === name),
                          { x: 'ply', y: 'value', stroke, strokeWidth: 1.8 },
                        ),
                      ),
                      plot.ruleY([0]),
                    ],
                  })) satisfies import('../definition.js').Panel['options'],
              },
            ]
          : []),
      ],
      legend: [
        ...recipes.map(legendOf),
        ...(lossByPly.length > 0
          ? BY_PLY.map(([, text, colour]) => ({ text, colour, shape: 'line' as const }))
          : []),
      ],
      beside: [],
      tables: [whole, plies, layers].filter(({ rows }) => rows.length > 0),
      missing:
        lossByPly.length > 0
          ? []
          : ['This bundle has no splice by ply of this dictionary: reproduce the figure to have it.'],
    };
  },
};

function read(at: SpliceEstimates) {
  const of = (name: string) => at[name]?.value ?? null;
  return {
    loss_recovered: of('loss_recovered'),
    low: at['loss_recovered']?.low ?? null,
    high: at['loss_recovered']?.high ?? null,
    illegal_top1: of('illegal_top1'),
    illegal_top1_original: of('illegal_top1_original'),
  };
}
