import type { FigureDefinition, Panel, PlotModule, Table } from '../definition.js';
import { recipeOf, shortTitle } from '../dictionaries.js';
import { categoryColour, frame } from '../marks.js';
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
  title: 'Reconstruction against model quality',
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
    const recipes = [...new Set(points.map(({ recipe }) => recipe))];
    const colour = (recipe: string) => categoryColour(recipes.indexOf(recipe));
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
      percent: boolean,
    ): Panel => ({
      title,
      ratio: 0.8,
      options: (plot, width) =>
        dots(plot, width, points, y, label, percent, colour, percent ? original : null),
    });
    return {
      finding:
        points.length > 0
          ? `Over ${points.length} dictionaries, FVU and loss recovered go together with a rank correlation of ${printed(rank, 'number')}.`
          : '',
      panels:
        points.length > 0
          ? [
              scatter('FVU against loss recovered', ({ loss }) => loss.value, '↑ loss recovered', false),
              scatter(
                'FVU against illegal top-1',
                ({ illegal }) => illegal?.value ?? null,
                '↑ illegal top-1 with x̂',
                true,
              ),
            ]
          : [],
      legend: [
        ...recipes.map((recipe) => ({ text: recipe, colour: colour(recipe), shape: 'dot' as const })),
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
  percent: boolean,
  colour: (recipe: string) => string,
  original: number | null,
) {
  const said = (point: Point) =>
    `${point.title}\nFVU ${printed(point.fvu.value, 'number')}, loss recovered ${printed(point.loss.value, 'number')}${point.illegal ? `, illegal ${printed(point.illegal.value, 'share')}` : ''}`;
  const drawn = points.filter((point) => y(point) !== null);
  return frame(width, 0.8, {
    x: { type: 'sqrt', label: 'FVU →', ticks: [0.02, 0.1, 0.25, 0.5, 1], grid: true },
    y: percent
      ? { type: 'log', label, tickFormat: '.1~%', ticks: [0.005, 0.01, 0.02, 0.05, 0.1, 0.5], grid: true }
      : { label, ticks: 5, grid: true },
    color: { type: 'identity' },
    marks: [
      ...(original === null
        ? []
        : [plot.ruleY([original], { stroke: 'var(--soft)', strokeDasharray: '4 3' })]),
      plot.dot(drawn, {
        x: ({ fvu }: Point) => fvu.value,
        y,
        r: 4,
        fill: ({ recipe }: Point) => colour(recipe),
        fillOpacity: 0.75,
        title: said,
      }),
      plot.tip(
        drawn,
        plot.pointer({
          x: ({ fvu }: Point) => fvu.value,
          y,
          title: said,
          fill: 'var(--card)',
          stroke: 'var(--line)',
        }),
      ),
    ],
  });
}
