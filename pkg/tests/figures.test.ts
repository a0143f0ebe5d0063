// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';

import type { Cell, Drawing, FigureData } from '../src/elements/figure/definition.js';
import { drawPanel, loadPlot } from '../src/elements/figure/draw.js';
import { area } from '../src/elements/figure/figures/roc-curves.js';
import { spearman } from '../src/elements/figure/figures/similarity.js';
import { stacked } from '../src/elements/figure/marks.js';
import { fromMetrics } from '../src/elements/figure/measured.js';
import { FIGURES } from '../src/elements/figure/names.js';
import { isEstimate } from '../src/elements/figure/numbers.js';
import { publishedBeside } from '../src/elements/figure/published.js';
import { DEFINITIONS } from '../src/elements/figure/registry.js';
import { data, dictionary, FIGURES_OF_SMALL, ofOne } from './figure-data.js';

// The first picture waits for Plot to be loaded.
vi.setConfig({ testTimeout: 60_000 });

function figure(name: string) {
  const found = DEFINITIONS.find((definition) => definition.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

const METRICS = {
  contents_over_0_9: 8,
  own_over_0_9: 1,
  opponent_over_0_9: 0,
  empty_over_0_9: 7,
  inner_over_0_9: 6,
  middle_over_0_9: 1,
  outer_over_0_9: 1,
  legality_over_0_9: 18,
  l0: 184.7,
  dead: 0.42,
  fvu: 0.108,
  coverage: 0.332,
  board_reconstruction: 0.008,
  loss_recovered: 0.975,
  illegal_top1: 0.016,
  illegal_top1_original: 0.007,
  games: 1000,
};

/** A bundle of which only the manifest's numbers are known: three penalties, two layers, three seeds. */
function ofMany(): FigureData {
  const metrics = (contents: number) => ({ ...METRICS, contents_over_0_9: contents });
  const all = [
    dictionary({ metrics: metrics(8) }),
    dictionary({ strength: 0.03, metrics: metrics(10) }),
    dictionary({ strength: 0.86, metrics: { ...metrics(0), l0: 3.9, fvu: 0.84, loss_recovered: -0.09 } }),
    dictionary({ seed: 1, metrics: metrics(9) }),
    dictionary({ seed: 2, metrics: metrics(5) }),
    dictionary({ layer: 1, metrics: metrics(11) }),
    dictionary({ layer: 1, tied: false, metrics: metrics(2) }),
    dictionary({ layer: 1, recipe: 'batch_top_k', strength: 32, tied: false, metrics: metrics(51) }),
  ];
  const measured = all.flatMap(({ id, metrics }) => {
    const found = fromMetrics(metrics, 0);
    return found ? [[id, found] as const] : [];
  });
  return data(all, new Map(measured));
}

const SIMILAR = {
  dictionary: 'a',
  other: 'b',
  features: [
    { feature: 0, nearest: 3, cosine: 0.9, auroc: 0.95, label: 'empty e6' },
    { feature: 1, nearest: 1, cosine: 0.2, auroc: 0.55, label: null },
    { feature: 2, nearest: 9, cosine: 0.6, auroc: 0.7, label: 'own c4' },
    { feature: 3, nearest: 2, cosine: 0.5, auroc: 0.8, label: 'opponent c4' },
    { feature: 4, nearest: 4, cosine: 0.7, auroc: 0.92, label: 'legal c4' },
  ],
};

const BOARD = {
  seed: 3,
  ply: 20,
  activation: 12.5,
  toMove: 'white' as const,
  squares: Array.from({ length: 64 }, (_, square) =>
    square === 54 ? ('opponent' as const) : square < 20 ? ('own' as const) : ('empty' as const),
  ),
};
const BOARDS = {
  dictionary: 'a',
  feature: 102,
  label: 'opponent g7',
  auroc: 0.84,
  top: [BOARD, BOARD],
  random: [BOARD],
};

/** What each figure is drawn from here. */
const DRAWN: Record<string, FigureData> = {
  ...Object.fromEntries(FIGURES.map(({ name }) => [name, ofOne()])),
  f4: ofOne({ boards: BOARDS }),
  f6: ofMany(),
  f7: ofMany(),
  f8: ofOne({ similar: SIMILAR }),
  f9: ofMany(),
  f12: ofMany(),
  f15: ofMany(),
  f16: ofMany(),
};

function drawn(name: string): Drawing {
  const given = DRAWN[name];
  if (!given) throw new Error(`nothing to draw ${name} from`);
  return figure(name).draw(given);
}

/** The number in a row, which is found by what stands first in it. */
function value(drawing: Drawing, table: number, row: string, column: string): number {
  const found = drawing.tables[table];
  const at = found?.columns.findIndex(({ title }) => title === column) ?? -1;
  const cell: Cell = found?.rows.find(([first]) => first === row)?.[at] ?? null;
  if (isEstimate(cell)) return cell.value;
  if (typeof cell !== 'number') throw new Error(`no number in ${row}, ${column}`);
  return cell;
}

describe('all figures', () => {
  it('are listed with titles in the order in which they are defined', () => {
    expect(FIGURES.map(({ name }) => name)).toEqual(DEFINITIONS.map(({ name }) => name));
    expect(new Set(FIGURES.map(({ title }) => title)).size).toBe(16);
  });

  it.each(FIGURES)(
    '$name is drawn as pictures without styles of their own, with its numbers in tables',
    async ({ name }) => {
      const drawing = drawn(name);
      const plot = await loadPlot();
      if (name === 'f7') {
        // The counts of a manifest say nothing of single squares.
        expect(drawing.missing).toHaveLength(1);
      } else {
        expect(drawing.panels.length).toBeGreaterThan(0);
        expect(drawing.legend.length).toBeGreaterThan(0);
      }
      expect(drawing.finding).toMatch(/\d/);
      expect(drawing.finding).not.toMatch(/NaN|undefined|null/);
      expect(drawing.tables.flatMap(({ rows }) => rows).length).toBeGreaterThan(0);
      for (const { columns, rows } of drawing.tables)
        for (const row of rows) expect(row).toHaveLength(columns.length);
      if (drawing.panels.length > 0) {
        const pictures = drawing.panels.map((panel) => drawPanel(plot, panel, 600, ''));
        for (const { colour, text } of drawing.legend) {
          const drawn = ['fill', 'stroke'].flatMap((by) => {
            const shapes = ['path', 'rect', 'circle', 'line'].flatMap((shape) => [
              `${shape}[${by}="${colour}"]`,
              `[${by}="${colour}"] ${shape}`,
            ]);
            return pictures.flatMap((svg) => [...svg.querySelectorAll(shapes.join(','))]);
          });
          // A class of which nothing was told has a colour all the same.
          if (name !== 'f1' && text !== 'a model never trained')
            expect(drawn.length, `${text} is drawn`).toBeGreaterThan(0);
        }
      }
      for (const width of [300, 900]) {
        for (const panel of drawing.panels) {
          const svg = drawPanel(plot, panel, width, drawing.finding);
          expect(svg.localName).toBe('svg');
          expect(svg.getAttribute('width')).toBe(String(width));
          expect(svg.querySelectorAll('style, [style]')).toHaveLength(0);
          expect(svg.getAttribute('role')).toBe('img');
          expect(svg.querySelectorAll('[aria-label]')).toHaveLength(0);
          expect(svg.getAttribute('aria-label')).toContain(panel.title);
          expect(svg.querySelectorAll('rect, path, circle, line').length).toBeGreaterThan(3);
          expect(svg.outerHTML).not.toMatch(/NaN|undefined/);
        }
      }
    },
  );

  it.each(FIGURES)('$name says what is missing where nothing was measured', ({ name }) => {
    const { panels, missing, tables } = figure(name).draw(data([dictionary()], new Map()));
    expect(panels).toEqual([]);
    expect(tables).toEqual([]);
    expect(missing.length).toBeGreaterThan(0);
    for (const sentence of missing) expect(sentence).toMatch(/^(This|There) .*\.$/);
  });

  it.each(FIGURES)('$name draws nothing of a bundle without dictionaries', ({ name }) => {
    expect(figure(name).draw(data([], new Map())).panels).toEqual([]);
  });
});

describe('histograms', () => {
  it('put what lies on the line at 0.9 below it', () => {
    const bins = stacked([{ name: 'own', colour: '', values: [0.9, 0.9001, 1, 0.5] }], 0.5, 1, 0.02);
    const over = bins.filter(({ x1 }) => x1 > 0.899).reduce((sum, { y1, y2 }) => sum + y2 - y1, 0);
    expect(over).toBe(2);
    expect(bins.reduce((sum, { y1, y2 }) => sum + y2 - y1, 0)).toBe(4);
  });

  it('stack classes on one another', () => {
    const one = { colour: '', values: [0.61, 0.61] };
    const [own, empty] = stacked(
      [
        { ...one, name: 'own' },
        { ...one, name: 'empty' },
      ],
      0.5,
      1,
      0.02,
    );
    expect([own?.y1, own?.y2, empty?.y1, empty?.y2]).toEqual([0, 2, 2, 4]);
  });

  it('hold all 180 contents, of which as many lie above 0.9 as were counted', async () => {
    const labels = FIGURES_OF_SMALL.detection?.labels ?? [];
    const contents = labels.filter(({ label }) => !/legal| (d4|e4|d5|e5)$/.test(label));
    expect(contents).toHaveLength(180);
    const { finding } = drawn('f1');
    const over = contents.filter(({ auroc }) => auroc.value > 0.9).length;
    expect(FIGURES_OF_SMALL.detection?.contents.value).toBe(over);
    expect(finding).toMatch(new RegExp(`^${over} of 180 contents`));
    expect(value(drawn('f1'), 0, 'contents', 'told')).toBe(over);
  });
});

describe('densities', () => {
  it('are shares of each class that sum to one, the bar at 0 among them', () => {
    const { tables } = drawn('f2');
    const [table] = tables;
    const columns = table?.columns.length ?? 0;
    expect(columns).toBe(4);
    for (let column = 1; column < columns; column++) {
      const sum = table?.rows.reduce((sum, row) => sum + Number(row[column]), 0);
      expect(sum).toBeCloseTo(1, 9);
    }
  });

  it('are of the label that is asked for, or say that there are none of it', () => {
    const of = (label: string) => figure('f2').draw(ofOne({ choice: { dictionary: null, label } }));
    expect(of('own a1').finding).toContain('own a1');
    expect(of('own z9').missing[0]).toContain('“own z9”');
    expect(of('own z9').panels).toEqual([]);
  });

  it('have a panel for each class of content', () => {
    expect(drawn('f3').panels.map(({ title }) => title)).toEqual([
      expect.stringContaining('own'),
      expect.stringContaining('opponent'),
      expect.stringContaining('empty'),
    ]);
  });
});

describe('curves', () => {
  it('have the AUROC that was measured as their area', () => {
    const aurocs = new Map(
      FIGURES_OF_SMALL.detection?.labels?.map(({ label, auroc }) => [label, auroc.value]),
    );
    for (const { label, points } of FIGURES_OF_SMALL.roc ?? [])
      expect(Math.abs(area(points) - (aurocs.get(label) ?? 0)), label).toBeLessThan(0.003);
  });

  it('show one of each class of labels', () => {
    expect(drawn('f10').legend.map(({ text }) => text.split(' ')[0])).toEqual([
      'own',
      'opponent',
      'empty',
      'legal',
      'chance',
    ]);
  });

  it('of thresholds lose features as the threshold rises', () => {
    const [table] = drawn('f14').tables;
    const l0 = table?.rows.map((row) => Number(row[3])) ?? [];
    expect(l0).toHaveLength(20);
    expect([...l0].sort((a, b) => b - a)).toEqual(l0);
  });

  it('of few features name the label and every k', () => {
    const [table] = drawn('f13').tables;
    expect(table?.columns.map(({ title }) => title)).toEqual([
      'label',
      ...[1, 2, 4, 8, 16, 32, 64, 128, 256].map((k) => `k = ${k}`),
    ]);
    expect(table?.rows).toHaveLength(16);
  });

  it('of a splice go over all plies', () => {
    const drawing = drawn('f11');
    expect(drawing.tables.find(({ title }) => title === 'By ply')?.rows).toHaveLength(59);
    expect(value(drawing, 0, 'loss recovered', 'value')).toBeCloseTo(0.976, 3);
  });
});

describe('figures of many dictionaries', () => {
  it('take those of one recipe over α, in its order', () => {
    const [table] = drawn('f6').tables;
    expect(table?.rows.map(([alpha]) => alpha)).toEqual(['α 0.03', 'α 0.25', 'α 0.86']);
    expect(drawn('f6').finding).toMatch(/from 0 to 10 of 180, the most at α 0\.03/);
  });

  it('take those of one recipe from all seeds', () => {
    expect(drawn('f7').tables[0]?.rows.map(([seed]) => seed)).toEqual(['seed 0', 'seed 1', 'seed 2']);
    expect(drawn('f7').finding).toMatch(/^3 seeds tell 5 to 9 of 180 contents/);
  });

  it('count in how many seeds a label of a square is told', () => {
    const told = (label: string) => ({ label, feature: 1, auroc: { value: 0.95, low: null, high: null } });
    const given = ofMany();
    const [first, , , second] = given.dictionaries;
    const measured = new Map(given.measured);
    for (const [id, labels] of [
      [first?.id ?? '', [told('own c4'), told('empty e6')]],
      [second?.id ?? '', [told('empty e6'), told('empty d4')]],
    ] as const) {
      const known = measured.get(id);
      if (!known?.figures.detection) throw new Error('nothing measured');
      const detection = { ...known.figures.detection, labels: [...labels] };
      measured.set(id, { ...known, figures: { ...known.figures, detection } });
    }
    const drawing = figure('f7').draw({ ...given, measured });
    expect(value(drawing, 1, 'c4', 'own')).toBe(1);
    expect(value(drawing, 1, 'e6', 'empty')).toBe(2);
    // No move leads to the four squares in the middle: they are not counted.
    expect(drawing.tables[1]?.rows.map(([square]) => square)).not.toContain('d4');
    expect(drawing.finding).toMatch(/1 contents are told by every seed, 2 by some/);
  });

  it('compare tied and untied after each layer', () => {
    expect(drawn('f9').tables[0]?.rows.map((row) => row.slice(0, 2))).toEqual([
      ['layer 1', 'tied'],
      ['layer 1', 'untied'],
      ['layer 5', 'tied'],
    ]);
    expect(value(drawn('f9'), 0, 'layer 1', 'of 180')).toBe(11);
  });

  it('name the best of all sites, and the model that was never trained', () => {
    const untrained = fromMetrics({ ...METRICS, contents_over_0_9: 0 }, 0);
    if (!untrained) throw new Error('nothing measured');
    const control = { name: 'untrained', dictionaries: [{ id: 'a', measured: untrained }] };
    const drawing = figure('f16').draw({ ...ofMany(), control });
    expect(drawing.finding).toMatch(
      /tells 51 of 180 contents; on a model never trained the same recipe tells 0/,
    );
    expect(drawing.beside).toContainEqual(expect.objectContaining({ ours: '51', theirs: '0' }));
  });

  it('take raw neurons from the atlas', () => {
    const neurons = { ...dictionary({ recipe: 'identity' }), id: 'blocks.4.mlp.hook_post' };
    const auroc = (value: number) => ({ value, low: null, high: null });
    const labels = [
      { label: 'own c4', feature: 1, auroc: auroc(0.95) },
      { label: 'legal c4', feature: 2, auroc: auroc(0.99) },
      { label: 'empty d4', feature: 3, auroc: auroc(0.99) },
      { label: 'empty a1', feature: 4, auroc: auroc(0.9) },
    ];
    const drawing = figure('f16').draw({
      ...ofMany(),
      neurons: [neurons],
      atlas: [{ kind: 'neurons', id: neurons.id, labels }],
    });
    // Contents alone, on the 60 squares that moves lead to, above 0.9 and not at it.
    expect(value(drawing, 0, neurons.id, 'of 180')).toBe(1);
  });
});

describe('published values', () => {
  it('stand beside ours of the dictionary that they are to be held against', () => {
    const [huben] = publishedBeside(figure('f1'), ofMany());
    expect(huben).toMatchObject({ theirs: '9 of 180', source: 'Huben' });
    expect(huben?.ours).toMatch(/^8, blocks\.5\.hook_resid_post-standard-0\.25-tied/);
    const [karvonen] = publishedBeside(figure('f15'), ofMany());
    expect(karvonen?.ours).toMatch(/^0\.332 at L0 184\.7, /);
  });
});

describe('rank correlation', () => {
  it('is 1 where the order is the same, −1 where it is turned round, and takes ties in the middle', () => {
    const of = (pairs: [number, number][]) => spearman(pairs.map(([cosine, auroc]) => ({ cosine, auroc })));
    expect(
      of([
        [1, 10],
        [2, 100],
        [3, 1000],
      ]),
    ).toBeCloseTo(1);
    expect(
      of([
        [1, 3],
        [2, 2],
        [3, 1],
      ]),
    ).toBeCloseTo(-1);
    expect(
      of([
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    ).toBe(0);
    // scipy.stats.spearmanr([1, 2, 2, 3], [1, 3, 2, 4]) = 0.9486832980505139
    expect(
      of([
        [1, 1],
        [2, 3],
        [2, 2],
        [3, 4],
      ]),
    ).toBeCloseTo(0.9486832980505139, 12);
  });
});
