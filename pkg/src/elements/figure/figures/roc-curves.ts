import type { FigureData, FigureDefinition, Table } from '../definition.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { boardLabel, COLOURS, isPlayed, type Plane } from '../labels.js';
import { frame } from '../marks.js';
import type { RocCurve } from '../measured.js';
import { printed } from '../numbers.js';

const PLANES: readonly Plane[] = ['own', 'opponent', 'empty', 'legal'];

/** F10: true against false positives of the best feature of each class of labels, at every threshold. */
export const rocCurves: FigureDefinition = {
  name: 'f10',
  question: 'Which share of a label’s positions does its best feature find, for which share of the others?',
  registry: ['roc', 'detection'],
  values: [],
  measures: ['roc'],
  parts: ['labels'],
  ofLabel: true,
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const curves = curvesOf(data);
    const table: Table = {
      title: 'Area under the curve',
      columns: [{ title: 'label', names: true }, { title: 'feature' }, { title: 'area', unit: 'auroc' }],
      rows: curves.map(({ label, feature, points }) => [label, `#${feature}`, area(points)]),
    };
    const points: Table = {
      title: 'Points of the curves',
      columns: [
        { title: 'label', names: true },
        { title: 'point', names: true },
        { title: 'false positives', unit: 'share' },
        { title: 'true positives', unit: 'share' },
      ],
      rows: curves.flatMap(({ label, points }) => points.map(([x, y], at) => [label, `${at + 1}`, x, y])),
    };
    return {
      finding:
        curves.length > 0 && dictionary
          ? `In ${shortTitle(dictionary)} the best features have areas of ${curves.map(({ label, points }) => `${printed(area(points), 'auroc')} for ${label}`).join(', ')}; chance is 0.5.`
          : '',
      panels:
        curves.length > 0
          ? [
              {
                title: 'True against false positives',
                ratio: 1,
                options: (plot, width) =>
                  frame(width, 1, {
                    x: { domain: [0, 1], label: 'false positives →', tickFormat: '%', ticks: 5, grid: true },
                    y: { domain: [0, 1], label: '↑ true positives', tickFormat: '%', ticks: 5, grid: true },
                    marks: [
                      plot.line(
                        [
                          [0, 0],
                          [1, 1],
                        ],
                        { stroke: 'var(--soft)', strokeDasharray: '2 3' },
                      ),
                      ...curves.map(({ label, points }) =>
                        plot.line(points, {
                          x: '0',
                          y: '1',
                          stroke: colourOf(label),
                          strokeWidth: 2,
                          title: () => label,
                        }),
                      ),
                    ],
                  }),
              },
            ]
          : [],
      legend: [
        ...curves.map(({ label, feature, points }) => ({
          text: `${label}: #${feature}, area ${printed(area(points), 'auroc')}`,
          colour: colourOf(label),
          shape: 'line' as const,
        })),
        ...(curves.length > 0 ? [{ text: 'chance', colour: 'var(--soft)', shape: 'dashed' as const }] : []),
      ],
      beside: [],
      tables: curves.length > 0 ? [table, points] : [],
      missing:
        curves.length > 0
          ? []
          : [
              data.choice.label === null
                ? 'This bundle has no ROC curves of this dictionary: reproduce the figure to have them.'
                : `There is no ROC curve of “${data.choice.label}” here: reproduce the figure to have those of all labels.`,
            ],
    };
  },
};

/** Of the label asked for, else of the best label of each class. */
function curvesOf({ choice, ...data }: FigureData): RocCurve[] {
  const dictionary = chosen({ ...data, choice });
  const curves = (dictionary && data.measured.get(dictionary.id)?.figures.roc) ?? [];
  if (choice.label !== null) return curves.filter(({ label }) => label === choice.label);
  return PLANES.flatMap((plane) => {
    const of = curves.filter(({ label }) => {
      const read = boardLabel(label);
      return read !== null && read.plane === plane && isPlayed(read);
    });
    const best = of.reduce<RocCurve | undefined>(
      (best, one) => (best && area(best.points) >= area(one.points) ? best : one),
      undefined,
    );
    return best ? [best] : [];
  });
}

function colourOf(label: string): string {
  return COLOURS[boardLabel(label)?.plane ?? 'legal'];
}

/** The area under a curve, by trapezoids: of an AUROC's own points it is the AUROC. */
export function area(points: readonly [number, number][]): number {
  return points.slice(1).reduce((sum, [x, y], at) => {
    const [before, below] = points[at] ?? [0, 0];
    return sum + ((x - before) * (y + below)) / 2;
  }, 0);
}
