import type { FigureDefinition, Table } from '../definition.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { frame } from '../marks.js';
import type { Closest, Cosines } from '../measured.js';
import { printed } from '../numbers.js';

const ROWS = [
  ['decoder', 'rows of W_dec', 'var(--violet)'],
  ['encoder', 'columns of W_enc', 'var(--gold)'],
  ['random', 'random directions', 'var(--soft)'],
] as const;

/** F5: the largest cosine similarity of each direction of a probe to features, with random directions beside. */
export const probeCosines: FigureDefinition = {
  name: 'f5',
  question: 'Is any feature as near to a probe’s direction as more than chance would bring it?',
  registry: ['cosines'],
  measures: ['cosines'],
  parts: [],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const all = (dictionary && data.measured.get(dictionary.id)?.figures.cosines) ?? {};
    const probes = Object.entries(all);
    const means = probes.map(([id, cosines]) => ({ id, ...meansOf(cosines) }));
    const [first] = means;
    const summary: Table = {
      title: 'Mean over the probe’s directions of the largest cosine similarity',
      columns: [
        { title: 'probe', names: true },
        ...ROWS.map(([, title]) => ({ title, unit: 'number' as const })),
      ],
      rows: means.map(({ id, decoder, encoder, random }) => [id, decoder, encoder, random]),
    };
    const each = probes.map(
      ([id, cosines]): Table => ({
        title: `Largest cosine similarity by direction, ${id}`,
        columns: [
          { title: 'direction', names: true },
          { title: 'feature' },
          ...ROWS.map(([, title]) => ({ title, unit: 'number' as const })),
        ],
        rows: cosines.decoder.map(({ cosine, index }, at) => [
          `${id} ${direction(id, at)}`,
          `#${index}`,
          cosine,
          cosines.encoder[at]?.cosine ?? null,
          cosines.random[at]?.cosine ?? null,
        ]),
      }),
    );
    return {
      finding: first
        ? `In ${dictionary ? shortTitle(dictionary) : 'this dictionary'} the nearest feature to a direction of the probe has a cosine similarity of ${printed(first.decoder, 'number')} in the mean, the nearest of as many random directions ${printed(first.random, 'number')}: features are ${first.decoder > first.random ? 'nearer than chance' : 'no nearer than chance'}.`
        : '',
      panels: probes.map(([id, cosines]) => ({
        title: `Probe ${id}`,
        ratio: 0.5,
        options: (plot, width) => {
          const points = ROWS.flatMap(([key, title, colour]) =>
            cosines[key].map(({ cosine }, at) => ({
              cosine,
              title,
              colour,
              says: `${direction(id, at)}: ${printed(cosine, 'number')}`,
            })),
          );
          const means = ROWS.map(([key, title]) => ({ title, cosine: meansOf(cosines)[key] }));
          const most = Math.max(0.4, ...points.map(({ cosine }) => cosine));
          return frame(width, 0.5, {
            marginLeft: 112,
            marginRight: 84,
            x: { domain: [0, most * 1.05], label: 'largest cosine similarity →', ticks: 5 },
            y: { domain: ROWS.map(([, title]) => title), label: null, padding: 0.35 },
            color: { type: 'identity' },
            marks: [
              plot.ruleX([0]),
              plot.tickX(points, {
                x: 'cosine',
                y: 'title',
                stroke: 'colour',
                strokeOpacity: 0.45,
                title: 'says',
              }),
              plot.dot(means, {
                x: 'cosine',
                y: 'title',
                r: 5,
                fill: 'var(--card)',
                stroke: 'var(--ink)',
                strokeWidth: 2,
              }),
              plot.text(means, {
                y: 'title',
                frameAnchor: 'right',
                textAnchor: 'start',
                dx: 6,
                text: ({ cosine }: { cosine: number }) => `mean ${printed(cosine, 'number')}`,
                fontSize: 11,
                fill: 'var(--ink)',
              }),
            ],
          });
        },
      })),
      legend:
        probes.length > 0
          ? [
              {
                text: 'one direction of the probe: a square and what it holds',
                colour: 'var(--violet)',
                shape: 'line',
              },
              { text: 'mean', colour: 'var(--ink)', shape: 'ring' },
            ]
          : [],
      beside: [],
      tables: probes.length > 0 ? [summary, ...each] : [],
      missing:
        probes.length === 0
          ? [
              'This bundle has no cosine similarities of this dictionary to probes: reproduce the figure to have them.',
            ]
          : [],
    };
  },
};

function meansOf(cosines: Cosines): Record<'decoder' | 'encoder' | 'random', number> {
  const mean = (all: readonly Closest[]) =>
    all.reduce((sum, { cosine }) => sum + cosine, 0) / Math.max(1, all.length);
  return { decoder: mean(cosines.decoder), encoder: mean(cosines.encoder), random: mean(cosines.random) };
}

/** `own c4` of the probe's direction at `3 · square + class`. */
function direction(probe: string, at: number): string {
  const square = Math.floor(at / 3);
  const names = probe.includes('colour') ? ['black', 'white', 'empty'] : ['own', 'opponent', 'empty'];
  return `${names[at % 3]} ${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`;
}
