import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { FigureData } from '../src/elements/figure/definition.js';
import type { Figures, Measurement } from '../src/elements/figure/measured.js';
import type { DictionaryInfo, FigureInfo } from '../src/types.js';

/**
 * What `othello-lens measure --games 100` wrote of the report's dictionary of `models/small`, with the curves,
 * histograms and boards of a few labels.
 */
export const FIGURES_OF_SMALL = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../tests/data/measured-small.json'), 'utf8'),
) as Figures;

export const ON = { games: 100, seed: 0 };

/** A dictionary of the report's form. */
export function dictionary({
  layer = 5,
  tied = true,
  strength = 0.25,
  seed = 0,
  recipe = 'standard',
  metrics = {},
}: Partial<{
  layer: number;
  tied: boolean;
  strength: number;
  seed: number;
  recipe: string;
  metrics: Record<string, number>;
}> = {}): DictionaryInfo {
  const tap = { name: `blocks.${layer}.hook_resid_post`, site: 'resid_post', layer } as const;
  return {
    id: `${tap.name}-${recipe}-${strength}${tied ? '-tied' : ''}-f1024-s${seed}`,
    title: '',
    reads: [tap],
    writes: [tap],
    place: `residual stream after layer ${layer}`,
    architecture: 'standard',
    formula: '',
    letters: '',
    recipe,
    tied,
    features: 1024,
    strength,
    seed,
    metrics,
    bytes: 0,
    cards: null,
  } as DictionaryInfo;
}

/** What figures draw from, with nothing measured but what is given. */
export function data(
  dictionaries: readonly DictionaryInfo[],
  measured: ReadonlyMap<string, Measurement>,
  more: Partial<FigureData> = {},
): FigureData {
  return {
    model: { name: 'OthelloGPT 8×128', layers: 8, heads: 8, dModel: 128, context: 59, parameters: 1_600_000 },
    dictionaries,
    neurons: [],
    measured,
    registry: REGISTRY,
    atlas: null,
    boards: null,
    similar: null,
    control: null,
    choice: { dictionary: null, label: null },
    ...more,
  };
}

/** The report's dictionary with all that was measured of it. */
export function ofOne(more: Partial<FigureData> = {}): FigureData {
  const one = dictionary();
  return data([one], new Map([[one.id, { on: ON, figures: FIGURES_OF_SMALL }]]), more);
}

/** The figures that published values are listed under. */
const REGISTRY: FigureInfo[] = [
  {
    name: 'detection',
    title: 'Labels that features tell',
    meaning: 'how many labels some feature tells with an AUROC above 0.9',
    subject: 'dictionary',
    measurable: true,
    values: [
      {
        name: 'contents_over_0_9',
        title: 'of 180',
        meaning: 'square contents that some feature tells',
        formula: '|{label : AUROC > 0.9}|',
        unit: 'count',
        digits: 0,
      },
    ],
    published: [
      {
        of: 'contents_over_0_9',
        what: 'contents with AUROC > 0.9, tied, after layer 6',
        value: 9,
        text: '9 of 180',
        conditions: '8 layers × 512, F 1024, 2000 games',
        source: 'Huben',
        url: 'https://www.lesswrong.com/',
        l0: null,
        beside: 'huben',
        kind: null,
      },
    ],
  },
  {
    name: 'coverage',
    title: 'Coverage',
    meaning: '',
    subject: 'dictionary',
    measurable: true,
    values: [],
    published: [
      {
        of: 'coverage',
        what: 'coverage of 192, standard',
        value: 0.403,
        text: '0.403 at L0 426',
        conditions: '8 layers × 512',
        source: 'Karvonen et al. 2024, saved data',
        url: 'https://arxiv.org/abs/2408.00113',
        l0: 426,
        beside: 'kind',
        kind: 'standard',
      },
    ],
  },
];
