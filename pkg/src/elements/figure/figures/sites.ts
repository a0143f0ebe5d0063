import type { Beside, FigureDefinition, Table } from '../definition.js';
import { layerOf, recipeOf, shortTitle } from '../dictionaries.js';
import { boardLabel, isPlayed } from '../labels.js';
import { categories, frame, halo, legendOf } from '../marks.js';
import { printed } from '../numbers.js';

interface Point {
  id: string;
  title: string;
  kind: string;
  layer: number;
  contents: number;
}

/** F16: contents told by dictionaries of every site and layer, beside raw neurons and a model never trained. */
export const sites: FigureDefinition = {
  name: 'f16',
  question: 'Does any dictionary tell more of the board than the neurons of the same model do by themselves?',
  registry: ['detection'],
  values: ['contents_over_0_9'],
  measures: [],
  parts: ['atlas', 'control'],
  subjects: ({ dictionaries, neurons }) => [
    ...neurons.map(({ id }) => id),
    ...dictionaries.filter(({ metrics }) => metrics['contents_over_0_9'] !== undefined).map(({ id }) => id),
  ],
  published: [
    {
      what: 'coverage of 192, raw neurons of index 4 beside the best dictionary',
      ours: '',
      theirs: '.549 beside .519',
      on: '8 layers × 512',
      source: 'Karvonen et al. 2024, saved data',
      url: 'https://arxiv.org/abs/2408.00113',
    },
  ],

  draw(data) {
    const dictionaries = data.dictionaries.flatMap((dictionary): Point[] => {
      const contents = data.measured.get(dictionary.id)?.figures.detection?.contents.value;
      return contents === undefined
        ? []
        : [
            {
              id: dictionary.id,
              title: shortTitle(dictionary),
              kind: recipeOf(dictionary),
              layer: layerOf(dictionary),
              contents,
            },
          ];
    });
    const neurons = data.neurons.flatMap((one): Point[] => {
      const measured = data.measured.get(one.id)?.figures.detection?.contents.value;
      const atlas = data.atlas?.find(({ id, kind }) => kind === 'neurons' && id === one.id);
      const contents = measured ?? (atlas && toldContents(atlas.labels));
      return contents === undefined
        ? []
        : [
            {
              id: one.id,
              title: `raw neurons, layer ${layerOf(one)}`,
              kind: 'raw neurons',
              layer: layerOf(one),
              contents,
            },
          ];
    });
    const untrained = data.control?.dictionaries[0]?.measured.figures.detection?.contents;
    const kinds = categories(dictionaries.map(({ kind }) => kind));
    /** Recipes stand side by side within a layer. */
    const place = ({ layer, kind }: Point) =>
      layer + 0.6 * ((kinds.findIndex(({ name }) => name === kind) + 0.5) / kinds.length - 0.5);
    const best = top(dictionaries);
    const bestNeurons = top(neurons);
    const layers = Math.max(7, ...[...dictionaries, ...neurons].map(({ layer }) => layer));
    const most = Math.max(10, ...[...dictionaries, ...neurons].map(({ contents }) => contents));
    const table: Table = {
      title: 'Contents told with AUROC above 0.9, of 180',
      columns: [{ title: 'source', names: true }, { title: 'layer' }, { title: 'of 180', unit: 'count' }],
      rows: [...neurons, ...dictionaries]
        .sort((a, b) => b.contents - a.contents)
        .map(({ id, layer, contents }) => [id, String(layer), contents]),
    };
    const beside: Beside[] = [];
    if (best && untrained)
      beside.push({
        what: 'contents, the same recipe on a model never trained',
        ours: printed(best.contents, 'count'),
        theirs: printed(untrained.value, 'count'),
        on: data.control?.name ?? '',
        source: 'models/control',
        url: null,
      });
    if (best && bestNeurons)
      beside.push({
        what: 'contents, raw neurons of the best block',
        ours: printed(best.contents, 'count'),
        theirs: printed(bestNeurons.contents, 'count'),
        on: `layer ${bestNeurons.layer} of this model`,
        source: 'this bundle',
        url: null,
      });
    return {
      finding: best
        ? `The best of ${dictionaries.length} dictionaries (${best.title}) tells ${printed(best.contents, 'count')} of 180 contents${bestNeurons ? `; raw neurons tell ${printed(bestNeurons.contents, 'count')} after layer ${bestNeurons.layer}` : ''}${untrained ? `; on a model never trained the same recipe tells ${printed(untrained.value, 'count')}` : ''}.`
        : '',
      panels:
        dictionaries.length > 0
          ? [
              {
                title: 'Contents told by layer, a dot a dictionary',
                wide: true,
                ratio: (width) => (width < 480 ? 1 : 0.52),
                options: (plot, width) =>
                  frame(width, width < 480 ? 1 : 0.52, {
                    x: {
                      domain: [-0.45, layers + 0.45],
                      label: 'layer →',
                      ticks: layers + 1,
                      tickFormat: 'd',
                    },
                    y: {
                      domain: [0, most * 1.1],
                      label: '↑ contents of 180',
                      grid: true,
                      ticks: 5,
                      tickFormat: 'd',
                    },
                    color: { type: 'identity' },
                    marks: [
                      ...(untrained
                        ? [plot.ruleY([untrained.value], { stroke: 'var(--soft)', strokeDasharray: '4 3' })]
                        : []),
                      plot.line(neurons, {
                        x: 'layer',
                        y: 'contents',
                        stroke: 'var(--ink)',
                        strokeWidth: 1.8,
                      }),
                      plot.dot(neurons, {
                        x: 'layer',
                        y: 'contents',
                        fill: 'var(--card)',
                        stroke: 'var(--ink)',
                        strokeWidth: 1.8,
                        r: 4.5,
                        title: says,
                      }),
                      ...kinds.map(({ name, colour, symbol }) =>
                        plot.dot(
                          dictionaries.filter(({ kind }) => kind === name),
                          {
                            x: place,
                            y: 'contents',
                            r: 4,
                            symbol,
                            fill: colour,
                            fillOpacity: 0.8,
                            title: says,
                          },
                        ),
                      ),
                      plot.text(best ? [best] : [], {
                        x: place,
                        y: 'contents',
                        text: ({ contents }: Point) => `${contents}`,
                        dy: -10,
                        fontSize: 11,
                        fill: 'var(--ink)',
                        ...halo,
                      }),
                      plot.text(bestNeurons ? [bestNeurons] : [], {
                        x: 'layer',
                        y: 'contents',
                        text: ({ contents }: Point) => `${contents}`,
                        dy: -12,
                        fontSize: 11,
                        fill: 'var(--ink)',
                        ...halo,
                      }),
                      plot.ruleY([0]),
                    ],
                  }),
              },
            ]
          : [],
      legend: [
        ...(neurons.length > 0
          ? [{ text: 'raw neurons', colour: 'var(--ink)', shape: 'ring' as const }]
          : []),
        ...kinds.map(legendOf),
        ...(untrained
          ? [{ text: 'a model never trained', colour: 'var(--soft)', shape: 'dashed' as const }]
          : []),
      ],
      beside,
      tables: dictionaries.length > 0 ? [table] : [],
      missing: [
        ...(dictionaries.length === 0
          ? ['This bundle has no dictionaries that were measured: reproduce the figure to have it.']
          : []),
        ...(neurons.length === 0
          ? ['This bundle says nothing of raw neurons: reproduce the figure to measure them.']
          : []),
      ],
    };
  },
};

function toldContents(labels: readonly { label: string; auroc: { value: number } }[]): number {
  return labels.filter(({ label, auroc }) => {
    const read = boardLabel(label);
    return read !== null && read.plane !== 'legal' && isPlayed(read) && auroc.value > 0.9;
  }).length;
}

function top(points: readonly Point[]): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, one) => (best && best.contents >= one.contents ? best : one),
    undefined,
  );
}

function says({ title, contents }: Point): string {
  return `${title}: ${contents} of 180`;
}
