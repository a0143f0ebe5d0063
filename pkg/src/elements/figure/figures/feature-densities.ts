import type { FigureData, FigureDefinition } from '../definition.js';
import { activePanel, classes, densityTable, zeroPanel } from '../densities.js';
import { chosen, shortTitle } from '../dictionaries.js';
import type { LabelHistogram } from '../measured.js';
import { printed } from '../numbers.js';

/** F2: one feature's activations by what its square holds, with bars of their own at exactly 0. */
export const featureDensities: FigureDefinition = {
  name: 'f2',
  question:
    'How large is the feature where the square is own, the opponent’s or empty, and how often is it exactly 0?',
  registry: ['histograms'],
  measures: ['histograms'],
  parts: ['labels'],
  ofLabel: true,
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const histogram = histogramOf(data);
    if (!histogram || !dictionary)
      return {
        finding: '',
        panels: [],
        legend: [],
        beside: [],
        tables: [],
        missing: [
          data.choice.label === null
            ? 'This bundle has no densities of this dictionary: reproduce the figure to have them.'
            : `There are no densities of “${data.choice.label}” here: own, opponent and empty of each square have some once the figure is reproduced.`,
        ],
      };
    const all = classes(histogram);
    const title = `#${histogram.feature} tells ${histogram.label}`;
    return {
      finding: `Feature #${histogram.feature} of ${shortTitle(dictionary)}, the best for ${histogram.label}, is exactly 0 at ${all.map(({ name, zero }) => `${printed(zero, 'share')} of ${name}`).join(', ')} positions.`,
      panels: [
        zeroPanel(histogram, `${title}: exactly 0`),
        activePanel(histogram, `${title}: where it is active`),
      ],
      legend: all.map(({ name, colour }) => ({ text: name, colour, shape: 'area' })),
      beside: [],
      tables: [densityTable(histogram)],
      missing: [],
    };
  },
};

/** That of the label asked for, else of the best label own or opponent. */
function histogramOf(data: FigureData): LabelHistogram | undefined {
  const dictionary = chosen(data);
  const figures = dictionary && data.measured.get(dictionary.id)?.figures;
  const histograms = figures?.histograms ?? [];
  const asked = data.choice.label;
  if (asked !== null) return histograms.find(({ label }) => label === asked);
  return bestOf(data, ['own', 'opponent']) ?? bestOf(data, ['empty']);
}

/** The densities of the content that is told best, of the classes given. */
export function bestOf(data: FigureData, planes: readonly string[]): LabelHistogram | undefined {
  const dictionary = chosen(data);
  const figures = dictionary && data.measured.get(dictionary.id)?.figures;
  const aurocs = new Map(figures?.detection?.labels?.map(({ label, auroc }) => [label, auroc.value]));
  const of = ({ label }: LabelHistogram) => aurocs.get(label) ?? 0;
  return (figures?.histograms ?? [])
    .filter(({ label }) => planes.some((plane) => label.startsWith(`${plane} `)))
    .filter(({ label }) => !/ (d4|e4|d5|e5)$/.test(label))
    .reduce<LabelHistogram | undefined>((best, one) => (best && of(best) >= of(one) ? best : one), undefined);
}
