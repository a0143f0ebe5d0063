import type { FigureDefinition, SimilarFeature, Table } from '../definition.js';
import { frame, halo } from '../marks.js';
import { printed } from '../numbers.js';

/** F8: how near each feature has its like in another seed, against how well it tells its best label. */
export const similarity: FigureDefinition = {
  name: 'f8',
  question: 'Are the features that another seed finds as well those that tell something of the board?',
  registry: ['similarity'],
  measures: [],
  needsNoGames: true,
  parts: ['similar'],
  subjects: () => [],

  draw(data) {
    const { similar } = data;
    if (!similar || similar.features.length === 0)
      return {
        finding: '',
        panels: [],
        legend: [],
        beside: [],
        tables: [],
        missing: [
          'This needs two dictionaries of one recipe from different seeds, and what their features tell.',
        ],
      };
    const { features, dictionary, other } = similar;
    const mean = features.reduce((sum, { cosine }) => sum + cosine, 0) / features.length;
    const rank = spearman(features);
    const named = features.filter(({ label }) => label !== null);
    const table: Table = {
      title: 'Features by the cosine similarity to the nearest of the other seed',
      columns: [
        { title: 'feature', names: true },
        { title: 'nearest' },
        { title: 'best label' },
        { title: 'cosine similarity', unit: 'number' },
        { title: 'AUROC', unit: 'auroc' },
      ],
      rows: [...features]
        .sort((a, b) => b.cosine - a.cosine)
        .map(({ feature, nearest, label, cosine, auroc }) => [
          `#${feature}`,
          `#${nearest}`,
          label ?? 'none',
          cosine,
          auroc,
        ]),
    };
    return {
      finding: `The mean over ${features.length.toLocaleString('en')} active features of the largest cosine similarity to another seed’s (MMCS) is ${printed(mean, 'number')}; it and the AUROC of the best label go together with a rank correlation of ${printed(rank, 'number')}.`,
      panels: [
        {
          title: 'A dot a feature',
          wide: true,
          ratio: (width) => (width < 480 ? 0.9 : 0.5),
          options: (plot, width) =>
            frame(width, width < 480 ? 0.9 : 0.5, {
              x: {
                domain: [0, 1],
                label: 'largest cosine similarity to a feature of the other seed →',
                ticks: 5,
              },
              y: { domain: [0.5, 1], label: '↑ AUROC of its best label', ticks: 5, grid: true },
              color: { type: 'identity' },
              marks: [
                plot.ruleY([0.9], { stroke: 'var(--ink)', strokeDasharray: '4 3' }),
                plot.ruleX([mean], { stroke: 'var(--soft)', strokeDasharray: '2 3' }),
                plot.dot(features, {
                  x: 'cosine',
                  y: 'auroc',
                  r: 2.5,
                  fill: ({ label }: SimilarFeature) => (label === null ? 'var(--empty)' : colourOf(label)),
                  fillOpacity: 0.55,
                  title: said,
                }),
                plot.tip(
                  features,
                  plot.pointer({
                    x: 'cosine',
                    y: 'auroc',
                    title: said,
                    fill: 'var(--card)',
                    stroke: 'var(--line)',
                  }),
                ),
                plot.text([mean], {
                  x: mean,
                  y: 0.515,
                  text: () => `mean ${printed(mean, 'number')}`,
                  dx: 4,
                  textAnchor: 'start',
                  fontSize: 11,
                  fill: 'var(--soft)',
                  ...halo,
                }),
                plot.text([0.9], {
                  x: 0.01,
                  y: 0.9,
                  text: () => 'told: AUROC above 0.9',
                  dy: -8,
                  textAnchor: 'start',
                  fontSize: 11,
                  fill: 'var(--ink)',
                  ...halo,
                }),
              ],
            }),
        },
      ],
      legend: [
        { text: 'best label own', colour: 'var(--own)', shape: 'dot' },
        { text: 'opponent', colour: 'var(--opponent)', shape: 'dot' },
        { text: 'empty, or none told better than by chance', colour: 'var(--empty)', shape: 'dot' },
        { text: 'legal move', colour: 'var(--accent)', shape: 'dot' },
      ],
      beside: [],
      tables: [
        {
          title: 'In all',
          columns: [{ title: 'number', names: true }, { title: 'of' }, { title: 'value', unit: 'number' }],
          rows: [
            ['MMCS', `${dictionary} beside ${other}`, mean],
            ['rank correlation of similarity and AUROC', `${features.length} features`, rank],
            ['share of features with a label', `${named.length} features`, named.length / features.length],
          ],
        },
        table,
      ],
      missing: [],
    };
  },
};

function colourOf(label: string): string {
  const colours = [
    ['own', 'var(--own)'],
    ['opponent', 'var(--opponent)'],
    ['legal', 'var(--accent)'],
  ] as const;
  return colours.find(([plane]) => label.startsWith(plane))?.[1] ?? 'var(--empty)';
}

function said({ feature, nearest, cosine, label, auroc }: SimilarFeature): string {
  return `#${feature} and #${nearest} of the other seed: ${printed(cosine, 'number')}\n${label ?? 'no label'}, AUROC ${printed(auroc, 'auroc')}`;
}

/** Spearman's rank correlation of similarity and AUROC; ties take the mean of their ranks. */
export function spearman(features: readonly Pick<SimilarFeature, 'cosine' | 'auroc'>[]): number {
  const x = ranks(features.map(({ cosine }) => cosine));
  const y = ranks(features.map(({ auroc }) => auroc));
  const mean = (features.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (const [at, rank] of x.entries()) {
    const [dx, dy] = [rank - mean, (y[at] ?? 0) - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx * yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const found = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && order[to + 1]?.value === order[from]?.value) to++;
    for (let i = from; i <= to; i++) found[order[i]?.at ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return found;
}
