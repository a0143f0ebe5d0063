// A page's own worker that uses the package.
import { Lens, Othello } from '/pkg/index.js';

self.onmessage = async () => {
  try {
    const othello = await Othello.start();
    const { transcript } = await othello.replay('f5d6');
    // From the worker's own address.
    const lens = await Lens.load('../models/small/', { device: 'cpu' });
    const { nextMoves } = await lens.analyse(transcript);
    self.postMessage({ transcript, plies: nextMoves.length });
  } catch ({ name, code, message }) {
    self.postMessage({ name, code, message });
  }
};
