import type { FigureDefinition, Table } from '../definition.js';
import { seeds, trainingSeed } from '../dictionaries.js';
import { boardLabel, COLOURS, isPlayed, labelName, type Plane, squareName } from '../labels.js';
import { boardMaps, ofSquare } from '../marks.js';
import { printed } from '../numbers.js';

const PLANES: readonly Plane[] = ['own', 'opponent', 'empty', 'legal'];

/** F7: for each square, in how many of ten seeds its content is told. */
export const seedMap: FigureDefinition = {
  name: 'f7',
  question: 'Are the labels that features tell the same ones whatever the training began with?',
  registry: ['detection'],
  values: ['contents_over_0_9', 'legality_over_0_9'],
  measures: [],
  parts: ['labels'],
  subjects: ({ dictionaries }) => seeds(dictionaries).map(({ id }) => id),

  draw(data) {
    const all = seeds(data.dictionaries).flatMap((dictionary) => {
      const detection = data.measured.get(dictionary.id)?.figures.detection;
      return detection ? [{ dictionary, detection }] : [];
    });
    const labelled = all.filter(({ detection }) => (detection.labels?.length ?? 0) > 0);
    const told = new Map<string, number>();
    for (const { detection } of labelled) {
      for (const { label, auroc } of detection.labels ?? []) {
        const read = boardLabel(label);
        if (read && isPlayed(read) && auroc.value > 0.9) {
          const name = labelName(read);
          told.set(name, (told.get(name) ?? 0) + 1);
        }
      }
    }
    const count = (plane: Plane, square: number) =>
      isPlayed({ plane, square }) ? (told.get(labelName({ plane, square })) ?? 0) : null;
    const counts = all.map(({ detection }) => detection.contents.value);
    const mean = counts.reduce((sum, value) => sum + value, 0) / Math.max(1, counts.length);
    const always = [...told].filter(
      ([name, seeds]) => seeds === labelled.length && !name.startsWith('legal'),
    );
    const ever = [...told.keys()].filter((name) => !name.startsWith('legal'));
    const bySeed: Table = {
      title: 'By seed',
      columns: [
        { title: 'seed', names: true },
        { title: 'of 180', unit: 'count' },
        { title: 'own', unit: 'count' },
        { title: 'opponent', unit: 'count' },
        { title: 'empty', unit: 'count' },
        { title: 'legal, of 60', unit: 'count' },
      ],
      rows: all.map(({ dictionary, detection }) => [
        `seed ${trainingSeed(dictionary)}`,
        detection.contents,
        detection.own,
        detection.opponent,
        detection.empty,
        detection.legality,
      ]),
    };
    const bySquare: Table = {
      title: 'Seeds that tell each square’s label',
      columns: [
        { title: 'square', names: true },
        ...PLANES.map((plane) => ({ title: plane, unit: 'count' as const })),
      ],
      rows: Array.from({ length: 64 }, (_, square) => [
        squareName(square),
        ...PLANES.map((plane) => count(plane, square)),
      ]).filter(([, own]) => own !== null),
    };
    return {
      finding:
        all.length > 0
          ? `${all.length} seeds tell ${printed(Math.min(...counts), 'count')} to ${printed(Math.max(...counts), 'count')} of 180 contents, ${mean.toFixed(1)} in the mean${labelled.length > 0 ? `; ${always.length} contents are told by every seed, ${ever.length} by some` : ''}.`
          : '',
      panels:
        labelled.length > 0
          ? PLANES.map((plane) => ({
              title: plane === 'legal' ? 'legal move' : plane,
              ratio: 1,
              options: (plot, width) =>
                boardMaps(
                  plot,
                  width,
                  [
                    {
                      title: '',
                      colour: COLOURS[plane],
                      values: Array.from({ length: 64 }, (_, square) => {
                        const seeds = count(plane, square);
                        return seeds === null ? null : seeds / labelled.length;
                      }),
                      says: (square) =>
                        ofSquare(square, `told by ${count(plane, square) ?? 0} of ${labelled.length} seeds`),
                    },
                  ],
                  1,
                ),
            }))
          : [],
      legend:
        labelled.length > 0
          ? [
              {
                text: `the stronger, the more of ${labelled.length} seeds tell it`,
                colour: 'var(--soft)',
                shape: 'area',
              },
            ]
          : [],
      beside: [],
      tables: all.length > 0 ? [bySeed, ...(labelled.length > 0 ? [bySquare] : [])] : [],
      missing: [
        ...(all.length === 0 ? ['This bundle has no dictionaries of one recipe from several seeds.'] : []),
        ...(all.length > 0 && labelled.length === 0
          ? [
              'This bundle has no AUROC of single labels for these dictionaries: reproduce the figure to have the map.',
            ]
          : []),
      ],
    };
  },
};
