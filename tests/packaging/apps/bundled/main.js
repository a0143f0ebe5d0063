import { Lens } from 'othello-lens';
import 'othello-lens/elements';

document.body.innerHTML =
  '<othello-player bundle="../models/small/" device="cpu" transcript="f5d6c3" ply="2"></othello-player>';
const lens = await Lens.load('../models/small/', { device: 'cpu' });
window.answer = await lens.analyse('f5d6c3');
