// For pages that show widgets in frames: each frame becomes as high as its widget. Frames are marked by
// `data-othello-lens`; whatever else the page has is left alone.
//
// <iframe data-othello-lens src="…/features.html?embed=true&…"></iframe>
// <script async src="…/embed.js"></script>
import { readSize } from './messages.js';

addEventListener('message', (message) => {
  for (const frame of document.querySelectorAll<HTMLIFrameElement>('iframe[data-othello-lens]')) {
    const height = readSize(message, frame);
    if (height !== null) frame.style.height = `${height}px`;
  }
});
