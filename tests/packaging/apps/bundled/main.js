import { Lens } from 'othello-lens';

const lens = await Lens.load('../models/small/', { device: 'cpu' });
window.answer = await lens.analyse('f5d6c3');
