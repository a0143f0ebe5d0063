import type { FigureDefinition, Panel, PlotModule, Table } from '../definition.js';
import { recipeOf, shortTitle } from '../dictionaries.js';
import { type Category, categories, frame, legendOf } from '../marks.js';
import type { Estimate } from '../measured.js';
import { printed } from '../numbers.js';
import { spearman } from './similarity.js';

interface Point {
  id: string;
  title: string;
  recipe: string;
  fvu: Estimate;
  loss: Estimate;
  illegal: Estimate | null;
}

/** F12: what the reconstruction leaves out against what the model loses by it. */
export const modelQuality: FigureDefinition = {
  name: 'f12',
  question:
    'Does a dictionary that explains more of the variance also leave the model’s predictions as they were?',
  registry: ['fvu', 'splice'],
  values: ['fvu', 'loss_recovered', 'illegal_top1'],
  measures: ['splice'],
  parts: [],
  subjects: ({ dictionaries }) =>
    dictionaries.filter(({ metrics }) => metrics['loss_recovered'] !== undefined).map(({ id }) => id),

  draw(data) {
    const points = data.dictionaries.flatMap((dictionary): Point[] => {
      const figures = data.measured.get(dictionary.id)?.figures;
      const fvu = figures?.fvu?.fvu;
      const loss = figures?.splice?.scored['loss_recovered'];
      if (!fvu || !loss) return [];
      return [
        {
          id: dictionary.id,
          title: shortTitle(dictionary),
          recipe: recipeOf(dictionary),
          fvu,
          loss,
          illegal: figures?.splice?.scored['illegal_top1'] ?? null,
        },
      ];
    });
    const recipes = categories(points.map(({ recipe }) => recipe));
    const rank = spearman(points.map(({ fvu, loss }) => ({ cosine: fvu.value, auroc: loss.value })));
    const original = points.length > 0 ? originalOf(data.dictionaries) : null;
    const table: Table = {
      title: 'All dictionaries',
      columns: [
        { title: 'dictionary', names: true },
        { title: 'FVU', unit: 'number' },
        { title: 'loss recovered', unit: 'number' },
        { title: 'illegal top-1 with x̂', unit: 'share' },
      ],
      rows: [...points]
        .sort((a, b) => a.fvu.value - b.fvu.value)
        .map(({ id, fvu, loss, illegal }) => [id, fvu, loss, illegal]),
    };
    const scatter = (
      title: string,
      y: (point: Point) => number | null,
      label: string,
      line: number | null,
    ): Panel => ({
      title,
      ratio: 0.8,
      options: (plot, width) => dots(plot, width, points, y, label, recipes, line),
    });
    return {
      finding:
        points.length > 0
          ? `Over ${points.length} dictionaries, those of more FVU ${rank < 0 ? 'recover less' : 'recover no less'} of the loss: their rank correlation is ${printed(rank, 'number')}.`
          : '',
      panels:
        points.length > 0
          ? [
              scatter(
                'FVU against the loss that is not recovered',
                ({ loss }) => 1 - loss.value,
                '↑ 1 − loss recovered',
                null,
              ),
              scatter(
                'FVU against illegal top-1',
                ({ illegal }) => illegal?.value ?? null,
                '↑ illegal top-1 with x̂',
                original,
              ),
            ]
          : [],
      legend: [
        ...recipes.map(legendOf),
        ...(original !== null
          ? [{ text: 'the model itself', colour: 'var(--soft)', shape: 'dashed' as const }]
          : []),
      ],
      beside: [],
      tables: points.length > 0 ? [table] : [],
      missing:
        points.length > 0
          ? []
          : ['This bundle has no splices of its dictionaries: reproduce the figure to have them.'],
    };
  },
};

/** The share of illegal top moves of the model as it is. */
function originalOf(dictionaries: readonly { metrics: Readonly<Record<string, number>> }[]): number | null {
  return (
    dictionaries
      .map(({ metrics }) => metrics['illegal_top1_original'])
      .find((value) => value !== undefined) ?? null
  );
}

function dots(
  plot: PlotModule,
  width: number,
  points: readonly Point[],
  y: (point: Point) => number | null,
  label: string,
  recipes: readonly Category[],
  line: number | null,
) {
  const said = (point: Point) =>
    `${point.title}\nFVU ${printed(point.fvu.value, 'number')}, loss recovered ${printed(point.loss.value, 'number')}${point.illegal ? `, illegal ${printed(point.illegal.value, 'share')}` : ''}`;
  // Both are shares, of which the small ones are those that matter: they are drawn by their logarithms.
  const drawn = points.filter((point) => (y(point) ?? 0) > 0 && point.fvu.value > 0);
  const x = ({ fvu }: Point) => fvu.value;
  return frame(width, 0.8, {
    x: { type: 'log', label: 'FVU →', ticks: [0.02, 0.05, 0.1, 0.2, 0.5, 1], tickFormat: '~g', grid: true },
    y: { type: 'log', label, ticks: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], tickFormat: '~p', grid: true },
    marks: [
      ...(line === null ? [] : [plot.ruleY([line], { stroke: 'var(--soft)', strokeDasharray: '4 3' })]),
      ...recipes.map(({ name, colour, symbol }) =>
        plot.dot(
          drawn.filter(({ recipe }) => recipe === name),
          { x, y, r: 4, symbol, fill: colour, fillOpacity: 0.8, title: said },
        ),
      ),
      plot.tip(drawn, plot.pointer({ x, y, title: said, fill: 'var(--card)', stroke: 'var(--line)' })),
    ],
  });
}
