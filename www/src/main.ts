import './tokens.css';
// Before the page's own element: a widget takes its place.
import './embed/begin.js';
import './elements/app/app.js';
import { isEmbed } from './embed/query.js';
import { keepForOffline } from './offline/register.js';

if (import.meta.env.PROD && !isEmbed(location)) void keepForOffline();

// The composer is loaded when it is first asked for.
document.body.addEventListener('ol-embed', ({ subject }) => {
  void import('./elements/embed-composer/embed-composer.js').then(({ EmbedComposer }) =>
    EmbedComposer.open(subject),
  );
});
