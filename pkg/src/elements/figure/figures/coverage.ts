import type { Beside, FigureDefinition, Panel, PlotModule, Table } from '../definition.js';
import { recipeOf, shortTitle } from '../dictionaries.js';
import { type Category, categories, frame, halo, legendOf, PUBLISHED } from '../marks.js';
import { printed } from '../numbers.js';

interface Point {
  title: string;
  id: string;
  recipe: string;
  l0: number;
  coverage: number | null;
  reconstruction: number | null;
}

interface Theirs {
  l0: number;
  value: number;
  name: string;
  says: string;
}

const KARVONEN = {
  on: '8 layers × 512',
  source: 'Karvonen et al. 2024, saved data',
  url: 'https://arxiv.org/abs/2408.00113',
} as const;

/** F15: coverage and board reconstruction against L0, with what others have published. */
export const coverage: FigureDefinition = {
  name: 'f15',
  question:
    'How well do features, each at its best, tell own and opponent of every square, and what board do they make together?',
  registry: ['coverage', 'board_reconstruction'],
  values: ['coverage', 'board_reconstruction'],
  measures: ['board_reconstruction'],
  parts: ['control'],
  subjects: ({ dictionaries }) =>
    dictionaries.filter(({ metrics }) => metrics['coverage'] !== undefined).map(({ id }) => id),
  published: [
    {
      what: 'coverage of 192, raw neurons by index 0 to 7',
      ours: '',
      theirs: '.345 .374 .422 .446 .549 .529 .453 .312',
      ...KARVONEN,
    },
    {
      what: 'coverage of 192, p-anneal by index 0 to 7 at L0 50 to 99',
      ours: '',
      theirs: '.326 .436 .480 .496 .439 .397 .442 .431',
      ...KARVONEN,
    },
    {
      what: 'board reconstruction, p-anneal by index 0 to 7 at L0 50 to 99',
      ours: '',
      theirs: '.342 .606 .721 .809 .891 .945 .585 .578',
      ...KARVONEN,
    },
  ],

  draw(data) {
    const points = data.dictionaries.flatMap((dictionary): Point[] => {
      const figures = data.measured.get(dictionary.id)?.figures;
      const l0 = figures?.sparsity?.l0.value;
      if (l0 === undefined || !figures?.coverage) return [];
      return [
        {
          id: dictionary.id,
          title: shortTitle(dictionary),
          recipe: recipeOf(dictionary),
          l0,
          coverage: figures.coverage.of_192.value,
          reconstruction: figures.board_reconstruction?.f1.value ?? null,
        },
      ];
    });
    const theirs = (of: string): Theirs[] =>
      data.registry
        .flatMap(({ published }) => published)
        .flatMap((one) =>
          one.of === of && typeof one.l0 === 'number'
            ? [
                {
                  l0: one.l0,
                  value: one.value,
                  name: (one.kind ?? '').replaceAll('_', ' '),
                  says: `${one.what}: ${one.text}, ${one.source}`,
                },
              ]
            : [],
        );
    const random = data.registry
      .flatMap(({ published }) => published)
      .find(({ of, beside }) => of === 'coverage' && beside === 'control');
    const untrained = data.control?.dictionaries[0]?.measured.figures.coverage?.of_192;
    const recipes = categories(points.map(({ recipe }) => recipe));
    const best = points.reduce<Point | undefined>(
      (best, one) => (best && (best.coverage ?? 0) >= (one.coverage ?? 0) ? best : one),
      undefined,
    );
    const table: Table = {
      title: 'All dictionaries',
      columns: [
        { title: 'dictionary', names: true },
        { title: 'L0', unit: 'number' },
        { title: 'coverage of 192', unit: 'number' },
        { title: 'board reconstruction', unit: 'number' },
      ],
      rows: [...points]
        .sort((a, b) => (b.coverage ?? 0) - (a.coverage ?? 0))
        .map(({ id, l0, coverage, reconstruction }) => [id, l0, coverage, reconstruction]),
    };
    const panel = (
      title: string,
      read: (point: Point) => number | null,
      of: string,
      most: number,
      baseline: number | null,
    ): Panel => ({
      title,
      ratio: 0.85,
      options: (plot, width) =>
        againstL0(plot, width, points, read, theirs(of), title, most, baseline, recipes),
    });
    const beside: Beside[] =
      best && untrained
        ? [
            {
              what: 'coverage of 192, the same recipe on a model never trained',
              ours: printed(best.coverage ?? 0, 'number'),
              theirs: printed(untrained.value, 'number'),
              on: data.control?.name ?? '',
              source: 'models/control',
              url: null,
            },
          ]
        : [];
    return {
      finding: best
        ? `The best coverage of ${points.length} dictionaries is ${printed(best.coverage ?? 0, 'number')} of the 2/3 that there can be (${best.title}, L0 ${printed(best.l0, 'number')}); on a model never trained it is ${untrained ? printed(untrained.value, 'number') : random ? `${printed(random.value, 'number')} as published` : 'not known'}.`
        : '',
      panels:
        points.length > 0
          ? [
              panel(
                'Coverage of 192',
                ({ coverage }) => coverage,
                'coverage',
                0.667,
                untrained?.value ?? random?.value ?? null,
              ),
              panel(
                'Board reconstruction',
                ({ reconstruction }) => reconstruction,
                'board_reconstruction',
                1,
                null,
              ),
            ]
          : [],
      legend: [
        ...recipes.map(legendOf),
        { text: 'published', colour: 'var(--ink)', shape: 'diamond' },
        { text: 'a model never trained', colour: 'var(--soft)', shape: 'dashed' },
      ],
      beside,
      tables: points.length > 0 ? [table] : [],
      missing:
        points.length > 0
          ? []
          : ['This bundle has no coverage of its dictionaries: reproduce the figure to have it.'],
    };
  },
};

function againstL0(
  plot: PlotModule,
  width: number,
  points: readonly Point[],
  read: (point: Point) => number | null,
  theirs: readonly Theirs[],
  label: string,
  most: number,
  baseline: number | null,
  recipes: readonly Category[],
) {
  const drawn = points.filter((point) => read(point) !== null && point.l0 >= 1);
  const said = (point: Point) =>
    `${point.title}\nL0 ${printed(point.l0, 'number')}: ${printed(read(point) ?? 0, 'number')}`;
  const l0s = [...drawn.map(({ l0 }) => l0), ...theirs.map(({ l0 }) => l0)];
  return frame(width, 0.85, {
    x: {
      type: 'log',
      domain: [Math.max(1, Math.min(...l0s) * 0.8), Math.max(...l0s) * 1.25],
      label: 'L0 →',
      ticks: [1, 3, 10, 30, 100, 300, 1000],
      tickFormat: 'd',
    },
    y: { domain: [0, most], label: `↑ ${label.toLowerCase()}`, ticks: 5, grid: true },
    color: { type: 'identity' },
    marks: [
      ...(baseline === null
        ? []
        : [plot.ruleY([baseline], { stroke: 'var(--soft)', strokeDasharray: '4 3' })]),
      ...recipes.map(({ name, colour, symbol }) =>
        plot.dot(
          drawn.filter(({ recipe }) => recipe === name),
          { x: 'l0', y: read, r: 4, symbol, fill: colour, fillOpacity: 0.8, title: said },
        ),
      ),
      plot.dot(theirs, { x: 'l0', y: 'value', ...PUBLISHED, title: 'says' }),
      plot.text(theirs, {
        x: 'l0',
        y: 'value',
        text: 'name',
        dy: -12,
        fontSize: 11,
        fill: 'var(--ink)',
        ...halo,
      }),
      plot.tip(
        drawn,
        plot.pointer({ x: 'l0', y: read, title: said, fill: 'var(--card)', stroke: 'var(--line)' }),
      ),
      plot.ruleY([0]),
    ],
  });
}
