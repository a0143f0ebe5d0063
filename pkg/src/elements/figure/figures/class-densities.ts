import type { FigureDefinition } from '../definition.js';
import { activePanel, classes, densityTable } from '../densities.js';
import { chosen, shortTitle } from '../dictionaries.js';
import { COLOURS, CONTENTS } from '../labels.js';
import { printed } from '../numbers.js';
import { bestOf } from './feature-densities.js';

/** F3: the densities of the best feature of each class of content. */
export const classDensities: FigureDefinition = {
  name: 'f3',
  question:
    'Do the best features of own, opponent and empty tell these apart by how large they are, or by being active at all?',
  registry: ['histograms'],
  measures: ['histograms'],
  parts: ['labels'],
  subjects: (available) => [chosen(available)?.id ?? []].flat(),

  draw(data) {
    const dictionary = chosen(data);
    const found = CONTENTS.flatMap((plane) => bestOf(data, [plane]) ?? []);
    const zeros = found.map((histogram) => {
      const zero = (name: string) => classes(histogram).find((one) => one.name === name)?.zero ?? 0;
      const [plane] = histogram.label.split(' ');
      const others = CONTENTS.filter((name) => name !== plane);
      return `#${histogram.feature} (${histogram.label}) is active at ${printed(1 - zero(plane ?? ''), 'share')} of its positions and at ${others.map((name) => `${printed(1 - zero(name), 'share')} of ${name}`).join(', ')}`;
    });
    return {
      finding: dictionary && zeros.length > 0 ? `In ${shortTitle(dictionary)}, ${zeros.join('; ')}.` : '',
      panels: found.map((histogram) =>
        activePanel(histogram, `#${histogram.feature}, best for ${histogram.label}`),
      ),
      legend:
        found.length > 0
          ? CONTENTS.map((name) => ({ text: name, colour: COLOURS[name], shape: 'area' }))
          : [],
      beside: [],
      tables: found.map(densityTable),
      missing:
        found.length === 0
          ? ['This bundle has no densities of this dictionary: reproduce the figure to have them.']
          : [],
    };
  },
};
