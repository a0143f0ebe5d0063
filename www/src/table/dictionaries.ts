import type { Atlas, AtlasSource, DictionaryInfo } from 'othello-lens';

import { COUNTS } from '../ask/atlas.js';
import { statementOf } from '../ask/question.js';
import { percent } from '../text/numbers.js';
import type { Column, Value } from './columns.js';

/** A row of the table of all dictionaries. */
export interface DictionaryRow {
  /** Id of the dictionary or probe. */
  id: string;
  /** What kind of thing it is: of the bundle, or a dictionary of the model that was never trained. */
  kind: AtlasSource['kind'] | 'untrained';
  site: string;
  layer: number;
  recipe: string;
  tied: boolean | null;
  features: number | null;
  /** The k of top-k, or the penalty α. */
  strength: number | null;
  seed: number | null;
  metrics: Readonly<Record<string, number>>;
}

/** The dictionaries of a bundle, the neurons of its layers, its probes as far as the atlas names them, and `untrained`. */
export function dictionaryRows(
  dictionaries: readonly DictionaryInfo[],
  neurons: readonly DictionaryInfo[],
  atlas: Atlas | null,
  untrained: readonly DictionaryRow[],
): DictionaryRow[] {
  const told = countsOf(atlas);
  const row = (kind: 'dictionary' | 'neurons') => (info: DictionaryInfo) => {
    const [tap] = info.reads;
    return {
      id: info.id,
      kind,
      site: tap.site,
      layer: tap.layer,
      recipe: kind === 'neurons' ? 'neurons' : info.recipe.replaceAll('_', ' '),
      tied: kind === 'neurons' ? null : info.tied,
      features: info.features,
      strength: info.strength,
      seed: info.seed,
      metrics: { ...told.get(info.id), ...info.metrics },
    };
  };
  const probes = (atlas?.sources ?? []).filter(({ kind }) => kind === 'probe');
  return [
    ...dictionaries.map(row('dictionary')),
    ...neurons.map(row('neurons')),
    ...probes.map(({ id }) => ({
      id,
      kind: 'probe' as const,
      ...placeOf(id),
      recipe: 'linear probe',
      tied: null,
      features: null,
      strength: null,
      seed: null,
      metrics: told.get(id) ?? {},
    })),
    ...untrained,
  ];
}

/** The site and layer of `blocks.5.hook_resid_post`. */
function placeOf(tap: string): { site: string; layer: number } {
  const [, layer = '', site = tap] = /^blocks\.(\d+)\.(?:.*hook_)?(\w+)/.exec(tap) ?? [];
  return { site, layer: layer === '' ? Number.NaN : Number(layer) };
}

/** What the figures call the labels of a statement that are told. */
const COUNTED: Readonly<Record<string, string>> = {
  own: 'own_over_0_9',
  opponent: 'opponent_over_0_9',
  empty: 'empty_over_0_9',
  legal: 'legality_over_0_9',
};

/** By source, the number of labels of each statement that it tells at more than {@link COUNTS}. */
function countsOf(atlas: Atlas | null): Map<string, Record<string, number>> {
  const counts = new Map<string, Record<string, number>>();
  for (const [at, { id }] of atlas?.sources.entries() ?? []) {
    const told: Record<string, number> = {};
    for (const [number, label] of atlas?.labels.entries() ?? []) {
      const name = COUNTED[statementOf(label)];
      const auroc = atlas?.auroc[at * (atlas?.labels.length ?? 0) + number] ?? Number.NaN;
      // The four in the centre are never empty and never played on, and are not counted.
      if (!name || Number.isNaN(auroc) || [27, 28, 35, 36].includes(label.square ?? -1)) continue;
      told[name] = (told[name] ?? 0) + Number(auroc > COUNTS);
    }
    counts.set(id, told);
  }
  return counts;
}

/** The columns of the table of all dictionaries. */
export const DICTIONARY_COLUMNS: readonly Column<DictionaryRow>[] = [
  text('dictionary', 'Dictionary', 'Its id in the bundle', ({ id }) => id, 30),
  text('site', 'Site', 'The activation that it reads', ({ site }) => site, 7.5),
  number('layer', 'Layer', 'The block that it reads, counted from 0', ({ layer }) => layer, whole),
  text('recipe', 'Recipe', 'How it was trained', ({ recipe }) => recipe, 9),
  text(
    'tied',
    'Decoder',
    'Whether the decoder is the encoder’s transpose',
    ({ tied }) => (tied === null ? null : tied ? 'tied' : 'untied'),
    6.5,
  ),
  number('features', 'Features', 'How many features it has', ({ features }) => features, whole),
  number(
    'strength',
    'k or α',
    'How many features top-k keeps, or how strongly activity is punished',
    ({ strength }) => strength,
    short,
  ),
  number('seed', 'Seed', 'The seed of its training', ({ seed }) => seed, whole),
  metric('l0', 'L0', 'Features that are active at a position, on average', (value) =>
    value.toFixed(value < 10 ? 1 : 0),
  ),
  metric('fvu', 'FVU', 'Share of the variance that its reconstruction leaves unexplained', percent),
  metric(
    'loss_recovered',
    'Loss recovered',
    'How much of the model’s skill is left with the reconstruction in place of the activation',
    percent,
    8.5,
  ),
  metric(
    'own_over_0_9',
    'Own',
    'Squares whose own disc some feature tells at an AUROC above 0.9, of 60',
    whole,
  ),
  metric(
    'opponent_over_0_9',
    'Opponent',
    'Squares whose opponent’s disc some feature tells at an AUROC above 0.9, of 60',
    whole,
  ),
  metric(
    'empty_over_0_9',
    'Empty',
    'Squares whose emptiness some feature tells at an AUROC above 0.9, of 60',
    whole,
  ),
  metric(
    'legality_over_0_9',
    'Legal',
    'Squares whose legality some feature tells at an AUROC above 0.9, of 60',
    whole,
  ),
  metric(
    'coverage',
    'Coverage',
    'The best F1 over all features, averaged over the properties of the board',
    three,
  ),
  metric(
    'board_reconstruction',
    'Reconstruction',
    'How much of the board can be read from features of high precision',
    three,
    9,
  ),
  metric('dead', 'Dead', 'Share of features that are never active', percent),
];

function text(
  name: string,
  title: string,
  about: string,
  value: (row: DictionaryRow) => Value,
  width: number,
): Column<DictionaryRow> {
  return { name, title, about, numeric: false, width, value };
}

function number(
  name: string,
  title: string,
  about: string,
  value: (row: DictionaryRow) => number | null,
  show: (value: number) => string,
  width = 6.5,
): Column<DictionaryRow> {
  const shown = (value: number | string) => (typeof value === 'number' ? show(value) : value);
  return { name, title, about, numeric: true, width, value, show: shown };
}

function metric(
  name: string,
  title: string,
  about: string,
  show: (value: number) => string,
  width?: number,
): Column<DictionaryRow> {
  return number(name, title, about, ({ metrics }) => metrics[name] ?? null, show, width);
}

function whole(value: number): string {
  return String(value);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function three(value: number): string {
  return value.toFixed(3);
}
