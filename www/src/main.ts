import './tokens.css';
// Before the page's own element: a widget takes its place.
import './embed/begin.js';
import './elements/app/app.js';
import type { Subject } from './embed/code.js';
import { isEmbed } from './embed/query.js';
import { keepForOffline } from './offline/register.js';
import { readAddress } from './state/address.js';

if (import.meta.env.PROD && !isEmbed(location)) void keepForOffline();

// The composer is loaded when it is first asked for.
async function compose(subject: Subject): Promise<void> {
  const { EmbedComposer } = await import('./elements/embed-composer/embed-composer.js');
  await EmbedComposer.open(subject);
}

document.body.addEventListener('ol-embed', ({ subject }) => void compose(subject));
document.body.addEventListener('othello-embed', (event) => {
  event.preventDefault();
  const { dictionary, feature } = event;
  const { model } = readAddress(location);
  void compose({ widget: 'othello-feature', model, attributes: { dictionary, feature: String(feature) } });
});
