import type { BoardPicture, FigureDefinition, Panel, PlotModule, Table } from '../definition.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { boardLabel, COLOURS, squareName } from '../labels.js';
import { printed } from '../numbers.js';

/** F4: boards where a feature is strongest beside random ones, with the square that it tells marked. */
export const featureBoards: FigureDefinition = {
  name: 'f4',
  question: 'What do the boards where the feature is strongest have in common that random ones have not?',
  registry: ['boards'],
  measures: ['boards'],
  parts: ['labels', 'boards'],
  ofLabel: true,
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const { boards } = data;
    if (!boards || !dictionary || boards.top.length === 0)
      return {
        finding: '',
        panels: [],
        legend: [],
        beside: [],
        tables: [],
        missing: ['This bundle has no boards of this dictionary: reproduce the figure to have them.'],
      };
    const label = boardLabel(boards.label);
    const holds = (all: readonly BoardPicture[]) =>
      all.filter(({ squares }) => label && squares[label.square] === label.plane).length;
    const says =
      label && label.plane !== 'legal'
        ? `${squareName(label.square)} is ${label.plane === 'opponent' ? 'the opponent’s' : label.plane} on ${holds(boards.top)} of its ${boards.top.length} strongest boards${boards.random.length > 0 ? ` and on ${holds(boards.random)} of ${boards.random.length} random ones` : ''}`
        : `its strongest board has an activation of ${printed(boards.top[0]?.activation ?? 0, 'number')}`;
    const table = (title: string, all: readonly BoardPicture[]): Table => ({
      title,
      columns: [
        { title: 'board' },
        { title: 'game (seed)', names: true },
        { title: 'ply', names: true },
        { title: 'to move' },
        { title: 'activation', unit: 'number' },
      ],
      rows: all.map(({ seed, ply, toMove, activation }, at) => [
        `${title} ${at + 1}`,
        `seed ${seed}`,
        `ply ${ply}`,
        toMove ?? 'nobody',
        activation,
      ]),
    });
    const panel = (title: string, all: readonly BoardPicture[]): Panel[] =>
      all.length === 0
        ? []
        : [
            {
              title,
              wide: true,
              ratio: (width) => heightOf(all.length, width) / width,
              options: (plot, width) => drawBoards(plot, width, all, label?.square ?? null),
            },
          ];
    return {
      finding: `Feature #${boards.feature} of ${shortTitle(dictionary)} is the best for ${boards.label}${boards.auroc === null ? '' : ` (AUROC ${printed(boards.auroc, 'auroc')})`}: ${says}.`,
      panels: [
        ...panel(
          `Strongest boards of #${boards.feature}; ${label ? squareName(label.square) : 'its square'} is marked`,
          boards.top,
        ),
        ...panel('Random boards', boards.random),
      ],
      legend: [
        { text: 'own: the player to move', colour: COLOURS.own, shape: 'dot' },
        { text: 'opponent', colour: COLOURS.opponent, shape: 'dot' },
      ],
      beside: [],
      tables: [table('strongest', boards.top), table('random', boards.random)].filter(
        ({ rows }) => rows.length > 0,
      ),
      missing:
        boards.random.length === 0
          ? ['This bundle has no random boards of this feature: reproduce the figure to have them.']
          : [],
    };
  },
};

const columnsAt = (width: number) => (width < 480 ? 4 : 8);

function heightOf(count: number, width: number): number {
  const columns = columnsAt(width);
  return Math.ceil(count / columns) * (width / columns + 18) + 4;
}

function drawBoards(plot: PlotModule, width: number, boards: readonly BoardPicture[], marked: number | null) {
  const columns = columnsAt(width);
  const rows = Math.ceil(boards.length / columns);
  const place = (at: number) => ({ column: at % columns, row: Math.floor(at / columns) });
  const squares = boards.flatMap(({ squares }, at) =>
    squares.map((holds, square) => ({
      ...place(at),
      x: square % 8,
      y: Math.floor(square / 8),
      square,
      holds,
    })),
  );
  const titles = boards.map(({ ply, activation }, at) => ({
    ...place(at),
    text: `ply ${ply} · ${printed(activation, 'number')}`,
  }));
  const radius = Math.max(1.5, (width / columns / 8) * 0.36);
  const at = { x: 'x', y: 'y', fx: 'column', fy: 'row' } as const;
  return {
    width,
    height: Math.round(heightOf(boards.length, width)),
    marginLeft: 2,
    marginRight: 2,
    marginTop: 18,
    marginBottom: 2,
    x: { type: 'band' as const, domain: [0, 1, 2, 3, 4, 5, 6, 7], axis: null, padding: 0.04 },
    y: { type: 'band' as const, domain: [0, 1, 2, 3, 4, 5, 6, 7], axis: null, padding: 0.04 },
    fx: { domain: Array.from({ length: columns }, (_, i) => i), axis: null, padding: 0.08 },
    fy: { domain: Array.from({ length: rows }, (_, i) => i), axis: null, padding: rows > 1 ? 0.16 : 0 },
    marks: [
      plot.cell(squares, { ...at, fill: 'var(--board)' }),
      plot.dot(
        squares.filter(({ holds }) => holds !== 'empty'),
        {
          ...at,
          r: radius,
          fill: ({ holds }: { holds: 'own' | 'opponent' }) => COLOURS[holds],
          title: ({ square, holds }: { square: number; holds: string }) => `${squareName(square)}: ${holds}`,
        },
      ),
      plot.cell(
        squares.filter(({ square }) => square === marked),
        { ...at, fill: 'none', stroke: 'var(--ink)', strokeWidth: 2, inset: -1 },
      ),
      plot.text(titles, {
        fx: 'column',
        fy: 'row',
        text: 'text',
        frameAnchor: 'top-left',
        lineAnchor: 'bottom',
        dy: -4,
        fontSize: 11,
        fill: 'var(--soft)',
      }),
    ],
    color: { type: 'identity' as const },
    r: { type: 'identity' as const },
  };
}
