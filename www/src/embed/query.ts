import { type Address, readAddress } from '../state/address.js';
import { type Bundle, bundleOf } from '../state/bundles.js';
import type { Theme } from './messages.js';

/** A widget that can be put into other pages. */
export type Widget = 'othello-feature' | 'othello-figure' | 'othello-player';

/** The parts of a widget that can be left out, as Neuronpedia's embeds call them in their address. */
export const SWITCHES = [
  { key: 'embedexplanation', panel: 'label', title: 'What it knows' },
  { key: 'embedplots', panel: 'plots', title: 'Maps and plots' },
  { key: 'embedactivations', panel: 'boards', title: 'Boards where it is active' },
  { key: 'embedtest', panel: 'test', title: 'A game of one’s own' },
  { key: 'embedsteer', panel: 'effect', title: 'Its effect on the moves' },
  { key: 'embedlink', panel: null, title: 'A link to the whole page' },
] as const;

/** The name of a switch. */
export type SwitchKey = (typeof SWITCHES)[number]['key'];

/** What is to be shown in a frame. */
export interface Embed {
  widget: Widget;
  bundle: Bundle;
  /** The element's attributes besides `bundle` and `theme`. */
  attributes: Readonly<Record<string, string>>;
  /** Whether a link leads to the whole page. */
  link: boolean;
  theme: Theme | null;
}

/** A part of an address. */
type Place = Pick<URL, 'pathname' | 'search'>;

/** Whether the page is asked for as a widget: `?embed=true`. */
export function isEmbed({ search }: Pick<URL, 'search'>): boolean {
  return new URLSearchParams(search).get('embed') === 'true';
}

/**
 * What an address asks for. The view says which widget, the keys what it shows.
 *
 * @throws an `Error` that names all that makes no sense: an embed shows what it was made for or says why not.
 */
export function readEmbed(place: Place): Embed {
  const address = readAddress(place);
  const query = new URLSearchParams(place.search);
  const faults = [...address.faults];
  const bundle = bundleOf(address.model);
  if (!bundle) faults.push(`the model “${address.model}”`);
  const theme = query.get('theme');
  if (theme !== null && theme !== 'light' && theme !== 'dark') faults.push(`the theme “${theme}”`);
  for (const { key } of SWITCHES) {
    const value = query.get(key);
    if (value !== null && value !== 'true' && value !== 'false') faults.push(`${key}=“${value}”`);
  }
  if (!bundle || faults.length > 0) throw new Error(`There is no such thing as ${faults.join(', ')}.`);
  const on = (key: SwitchKey) => query.get(key) !== 'false';
  const panels = SWITCHES.flatMap(({ key, panel }) => (panel !== null && on(key) ? [panel] : []));
  const all = panels.length === SWITCHES.filter(({ panel }) => panel !== null).length;
  return {
    ...widgetOf(address, {
      panels: all ? null : panels.join(' ') || 'none',
      'test-text': query.get('defaulttesttext'),
    }),
    bundle,
    link: on('embedlink'),
    theme: theme as Theme | null,
  };
}

/** The widget of a view, and its attributes. */
function widgetOf(
  address: Address,
  more: Record<string, string | null>,
): Pick<Embed, 'widget' | 'attributes'> {
  const { dictionary, feature, transcript, ply, figure, label } = address;
  switch (address.view) {
    case 'features':
      if (dictionary === null || feature === null)
        throw new Error('A feature is embedded by its dictionary and its number: dictionary=…&feature=….');
      return { widget: 'othello-feature', attributes: given({ dictionary, feature, ...more }) };
    case 'figures':
      if (figure === null) throw new Error('A figure is embedded by its name: figure=….');
      return { widget: 'othello-figure', attributes: given({ name: figure, dictionary, label }) };
    case 'play':
      return {
        widget: 'othello-player',
        attributes: given({ transcript: transcript ?? '', ply, dictionary, feature }),
      };
    case 'guide':
      throw new Error('The guide is no widget: features, figures and games are.');
  }
}

/** The values that there are, as attributes have them. */
function given(values: Record<string, string | number | null>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  );
}
