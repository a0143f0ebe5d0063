import type { FigureDefinition, Panel, Table } from '../definition.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { boardLabel, COLOURS, type Plane, squareName } from '../labels.js';
import { frame } from '../marks.js';
import { printed } from '../numbers.js';

const PLANES: readonly Plane[] = ['own', 'opponent', 'empty', 'legal'];

/** F13: how well regressions on 1, 2, 4 … features tell a label. */
export const kSparse: FigureDefinition = {
  name: 'f13',
  question: 'How many features does it take to tell what a square holds?',
  registry: ['k_sparse'],
  measures: ['k_sparse'],
  parts: [],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const all = (dictionary && data.measured.get(dictionary.id)?.figures.k_sparse) ?? [];
    const points = all.flatMap(({ label, probes }) => {
      const read = boardLabel(label);
      if (!read) return [];
      return probes.map(({ features, f1, accuracy }) => ({
        label: `${read.plane} ${squareName(read.square)}`,
        plane: read.plane,
        square: squareName(read.square),
        k: features.length,
        f1,
        accuracy,
      }));
    });
    const squares = [...new Set(points.map(({ square }) => square))];
    const ks = [...new Set(points.map(({ k }) => k))].sort((a, b) => a - b);
    const table = (
      title: string,
      read: (point: (typeof points)[number]) => number,
      unit: 'number' | 'share',
    ): Table => ({
      title,
      columns: [{ title: 'label', names: true }, ...ks.map((k) => ({ title: `k = ${k}`, unit }))],
      rows: [...new Set(points.map(({ label }) => label))].map((label) => [
        label,
        ...ks.map((k) => {
          const point = points.find((one) => one.label === label && one.k === k);
          return point ? read(point) : null;
        }),
      ]),
    });
    const at = (k: number) => points.filter((point) => point.k === k && point.plane !== 'legal');
    const mean = (k: number) => at(k).reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, at(k).length);
    const [least, most] = [ks[0] ?? 1, ks.at(-1) ?? 1];
    return {
      finding:
        points.length > 0 && dictionary
          ? `Over own, opponent and empty of ${squares.length} squares, the mean F1 goes from ${printed(mean(least), 'number')} with ${least === 1 ? 'one feature' : `${least} features`} to ${printed(mean(most), 'number')} with ${most} of ${shortTitle(dictionary)}.`
          : '',
      panels: squares.map(
        (square): Panel => ({
          title: square,
          ratio: 0.8,
          options: (plot, width) =>
            frame(width, 0.8, {
              x: {
                type: 'log',
                base: 2,
                domain: [least, Math.max(2, most)],
                label: 'k, number of features →',
                ticks: 5,
                tickFormat: 'd',
              },
              y: { domain: [0, 1], label: '↑ F1', grid: true, ticks: 5 },
              marks: [
                ...PLANES.flatMap((plane) => {
                  const line = points.filter((point) => point.square === square && point.plane === plane);
                  return [
                    plot.line(line, { x: 'k', y: 'f1', stroke: COLOURS[plane], strokeWidth: 1.8 }),
                    plot.dot(line, {
                      x: 'k',
                      y: 'f1',
                      fill: COLOURS[plane],
                      r: 2.8,
                      title: ({ label, k, f1 }) => `${label}, k = ${k}: F1 ${printed(f1, 'number')}`,
                    }),
                  ];
                }),
                plot.ruleY([0]),
              ],
            }),
        }),
      ),
      legend:
        points.length > 0
          ? PLANES.map((plane) => ({
              text: plane === 'legal' ? 'legal move' : plane,
              colour: COLOURS[plane],
              shape: 'line' as const,
            }))
          : [],
      beside: [],
      tables:
        points.length > 0
          ? [table('F1', ({ f1 }) => f1, 'number'), table('Accuracy', ({ accuracy }) => accuracy, 'share')]
          : [],
      missing:
        points.length > 0
          ? []
          : [
              'This bundle has no regressions on few features of this dictionary: reproduce the figure to have them.',
            ],
    };
  },
};
