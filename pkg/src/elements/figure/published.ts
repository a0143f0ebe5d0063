import type { DictionaryInfo, PublishedValue } from '../../types.js';
import type { Beside, FigureData, FigureDefinition, Unit } from './definition.js';
import { isStandard, reported } from './dictionaries.js';
import { type Estimate, type Figures, fromMetrics } from './measured.js';
import { estimated, printed } from './numbers.js';

/** Where a number of the registry stands in what was measured. */
const READ: Record<string, (figures: Figures) => Estimate | undefined> = {
  contents_over_0_9: ({ detection }) => detection?.contents,
  legality_over_0_9: ({ detection }) => detection?.legality,
  l0: ({ sparsity }) => sparsity?.l0,
  fvu: ({ fvu }) => fvu?.fvu,
  coverage: ({ coverage }) => coverage?.of_192,
  board_reconstruction: ({ board_reconstruction: reconstruction }) => reconstruction?.f1,
};

/** What others have published of the numbers that a figure draws, beside ours. */
export function publishedBeside(definition: FigureDefinition, data: FigureData): Beside[] {
  const { registry, values } = definition;
  const known = data.registry
    .filter(({ name }) => registry.includes(name))
    .flatMap(({ published, values: all }) => published.map((value) => ({ value, all })))
    .filter(({ value }) => (values === undefined || values.includes(value.of)) && value.of in READ)
    .map(({ value, all }): Beside => {
      const unit: Unit = all.find(({ name }) => name === value.of)?.unit === 'count' ? 'count' : 'number';
      const { what, text, conditions, source, url } = value;
      return { what, ours: ours(value, data, unit), theirs: text, on: conditions, source, url };
    });
  return [...known, ...(definition.published ?? [])];
}

/** Our number that a published one is to be held against. */
function ours(value: PublishedValue, data: FigureData, unit: Unit): string {
  const read = READ[value.of];
  if (!read) return '–';
  if (value.beside === 'control') {
    const untrained = data.control?.dictionaries[0]?.measured.figures;
    const found = untrained && read(untrained);
    return found ? `${estimated(found, unit)}, our model never trained` : '–';
  }
  const dictionary = besideOf(value, data.dictionaries);
  const figures =
    dictionary && (data.measured.get(dictionary.id) ?? fromMetrics(dictionary.metrics, null))?.figures;
  const found = figures && read(figures);
  if (!dictionary || !found) return '–';
  const l0 = value.beside === 'kind' ? dictionary.metrics['l0'] : undefined;
  return `${estimated(found, unit)}${l0 === undefined ? '' : ` at L0 ${printed(l0, 'number')}`}, ${dictionary.id}`;
}

function besideOf(
  { beside, kind, l0 }: PublishedValue,
  dictionaries: readonly DictionaryInfo[],
): DictionaryInfo | undefined {
  const one = reported(dictionaries);
  if (beside === 'huben') return one;
  const best = (among: readonly DictionaryInfo[], badness: (dictionary: DictionaryInfo) => number) =>
    among.reduce<DictionaryInfo | undefined>(
      (best, one) => (best && badness(best) <= badness(one) ? best : one),
      undefined,
    );
  if (beside === 'best_huben') {
    const residual = dictionaries.filter((one) => isStandard(one) && one.reads[0].site === 'resid_post');
    return best(residual, ({ metrics }) => -(metrics['contents_over_0_9'] ?? 0));
  }
  if (beside !== 'kind' || l0 === null) return undefined;
  const alike = dictionaries.filter(
    ({ recipe, reads: [tap] }) => recipe === kind && tap.name === 'blocks.5.hook_resid_post',
  );
  return best(alike, ({ metrics }) => Math.abs(Math.log((metrics['l0'] || 1e-9) / l0)));
}
