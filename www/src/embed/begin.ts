import { isEmbed } from './query.js';

// Runs before the page's own element is defined: where a widget is asked for, the page never begins.
if (isEmbed(location)) {
  document.documentElement.classList.add('embed');
  document.querySelector('ol-app')?.replaceWith(document.createElement('ol-embed'));
  void import('../elements/embed/embed.js');
}
