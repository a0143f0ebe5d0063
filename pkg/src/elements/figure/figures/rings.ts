import type { Beside, FigureDefinition, Table } from '../definition.js';
import { byLayer, layerOf } from '../dictionaries.js';
import { boardLabel, CONTENTS, isPlayed, labelName, RINGS, squareName } from '../labels.js';
import { boardMaps, frame, ofSquare } from '../marks.js';
import type { Figures } from '../measured.js';
import { printed } from '../numbers.js';

/** Contents that a ring has: its squares times three. */
const OF = { inner: 36, middle: 60, outer: 84 } as const;
const RING_COLOURS = { inner: 'var(--violet)', middle: 'var(--gold)', outer: 'var(--teal)' } as const;

const PUBLISHED: Beside[] = [
  {
    what: 'contents with AUROC > 0.9, the best layers',
    ours: '',
    theirs:
      'layers 1 to 3, up to 30 after layer 2 (2 to 4 and 3, counted from 1), in the inner and outer rings with one in the middle ring',
    on: '8 layers × 512, F 1024, tied and untied',
    source: 'Huben',
    url: 'https://www.lesswrong.com/posts/BduCMgmjJnCtc7jKc/research-report-sparse-autoencoders-find-only-9-180-board',
  },
];

/** F9: which squares are told after each layer, by the ring that they are in, tied and untied. */
export const rings: FigureDefinition = {
  name: 'f9',
  question: 'After which layer, and how far from the edge, are contents told?',
  registry: ['detection'],
  values: ['inner_over_0_9', 'middle_over_0_9', 'outer_over_0_9'],
  measures: [],
  parts: ['labels'],
  subjects: ({ dictionaries }) => byLayer(dictionaries).map(({ id }) => id),
  published: PUBLISHED,

  draw(data) {
    const all = byLayer(data.dictionaries).flatMap((dictionary) => {
      const detection = data.measured.get(dictionary.id)?.figures.detection;
      return detection ? [{ dictionary, layer: layerOf(dictionary), tied: dictionary.tied, detection }] : [];
    });
    const layers = [...new Set(all.map(({ layer }) => layer))];
    const best = all.reduce<(typeof all)[number] | undefined>(
      (best, one) => (best && best.detection.contents.value >= one.detection.contents.value ? best : one),
      undefined,
    );
    const table: Table = {
      title: 'By layer',
      columns: [
        { title: 'layer', names: true },
        { title: 'decoder', names: true },
        { title: 'of 180', unit: 'count' },
        ...RINGS.map((ring) => ({ title: `${ring} ring, of ${OF[ring]}`, unit: 'count' as const })),
      ],
      rows: all.map(({ layer, tied, detection }) => [
        `layer ${layer}`,
        tied ? 'tied' : 'untied',
        detection.contents,
        ...RINGS.map((ring) => detection[ring]),
      ]),
    };
    const mapped = all.filter(({ detection }) => (detection.labels?.length ?? 0) > 0);
    const bars = all.flatMap(({ layer, tied, detection }) =>
      RINGS.map((ring) => ({ layer, tied: tied ? 'tied' : 'untied', ring, value: detection[ring].value })),
    );
    const most = Math.max(1, ...all.map(({ detection }) => detection.contents.value));
    const counts = (tied: string) => ({
      title: `Contents told, ${tied} decoder`,
      ratio: 0.62,
      options: ((plot, width) =>
        frame(width, 0.62, {
          x: { type: 'band', domain: layers, label: 'after layer →', padding: 0.25 },
          y: { domain: [0, most * 1.1], label: '↑ contents of 180', grid: true, ticks: 4, tickFormat: 'd' },
          color: { type: 'identity' },
          marks: [
            plot.barY(
              bars.filter((bar) => bar.tied === tied),
              {
                x: 'layer',
                y: 'value',
                fill: ({ ring }: { ring: keyof typeof RING_COLOURS }) => RING_COLOURS[ring],
                title: ({ layer, ring, value }) =>
                  `layer ${layer}, ${ring} ring: ${value} of ${OF[ring as keyof typeof OF]}`,
              },
            ),
            plot.ruleY([0]),
          ],
        })) satisfies import('../definition.js').Panel['options'],
    });
    const board = ({ layer, detection }: (typeof all)[number]) => {
      const told = toldBySquare(detection);
      return {
        title: `layer ${layer}`,
        colour: 'var(--ink)',
        values: told.map((count) => (count === null ? null : count / 3)),
        says: (square: number) => ofSquare(square, `${told[square] ?? 0} of 3 contents after layer ${layer}`),
      };
    };
    const maps = (title: string, tied: boolean) => {
      const boards = mapped.filter((one) => one.tied === tied).map(board);
      return boards.length === 0
        ? []
        : [
            {
              title,
              wide: true,
              ratio: (width: number) => {
                const columns = width < 520 ? 4 : 8;
                return (Math.ceil(boards.length / columns) * (width / columns + 18) + 8) / width;
              },
              options: ((plot, width) =>
                boardMaps(
                  plot,
                  width,
                  boards,
                  width < 520 ? 4 : 8,
                )) satisfies import('../definition.js').Panel['options'],
            },
          ];
    };
    return {
      finding: best
        ? `Of these dictionaries the ${best.tied ? 'tied' : 'untied'} one after layer ${best.layer} tells most contents, ${printed(best.detection.contents.value, 'count')} of 180: ${RINGS.map((ring) => `${printed(best.detection[ring].value, 'count')} in the ${ring} ring`).join(', ')}.`
        : '',
      panels:
        all.length > 0
          ? [
              ...[...new Set(bars.map(({ tied }) => tied))].map(counts),
              ...maps(
                'Contents told on each square, tied: the stronger, the more of own, opponent and empty',
                true,
              ),
              ...maps('The same, untied', false),
            ]
          : [],
      legend: RINGS.map((ring) => ({ text: `${ring} ring`, colour: RING_COLOURS[ring], shape: 'area' })),
      beside: [],
      tables:
        all.length > 0
          ? [
              table,
              ...(mapped.length > 0
                ? [
                    {
                      title: 'Contents told on each square, of own, opponent and empty',
                      columns: [
                        { title: 'square', names: true },
                        ...mapped.map(({ layer, tied }) => ({
                          title: `${tied ? 'tied' : 'untied'} ${layer}`,
                          unit: 'count' as const,
                        })),
                      ],
                      rows: squareRows(mapped.map(({ detection }) => toldBySquare(detection))),
                    },
                  ]
                : []),
            ]
          : [],
      missing: [
        ...(all.length === 0
          ? ['This bundle has no dictionaries of the report’s form at several layers.']
          : []),
        ...(all.length > 0 && mapped.length === 0
          ? [
              'This bundle has no AUROC of single labels for these dictionaries: reproduce the figure to have the maps.',
            ]
          : []),
      ],
    };
  },
};

/** How many of own, opponent and empty are told on each square; null of the centre. */
function toldBySquare(detection: NonNullable<Figures['detection']>): (number | null)[] {
  const told = new Set(
    (detection.labels ?? []).flatMap(({ label, auroc }) => {
      const read = boardLabel(label);
      return read && auroc.value > 0.9 ? [labelName(read)] : [];
    }),
  );
  return Array.from({ length: 64 }, (_, square) =>
    isPlayed({ plane: 'own', square })
      ? CONTENTS.filter((plane) => told.has(labelName({ plane, square }))).length
      : null,
  );
}

function squareRows(boards: readonly (number | null)[][]): (string | number | null)[][] {
  return Array.from({ length: 64 }, (_, square) => [
    squareName(square),
    ...boards.map((board) => board[square] ?? null),
  ]).filter(([, first]) => first !== null);
}
