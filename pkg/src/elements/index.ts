/** Elements for any page. Importing this registers them. */
export { type Colours, OthelloBoard } from './board/board.js';
export {
  EmbedEvent,
  FailureEvent,
  FigureChoiceEvent,
  LiveEvent,
  OpenBoardEvent,
  OpenFeatureEvent,
  type OthelloEventMap,
  PlyEvent,
  SquareEvent,
  ThresholdEvent,
} from './events.js';
export { type FeaturePanel, OthelloFeature } from './feature/feature.js';
export { OthelloFigure } from './figure/figure.js';
export { FIGURES, type FigureSummary } from './figure/names.js';
export { type ElementState, LensElement } from './lens-element.js';
export { OthelloPlayer } from './player/player.js';
export { describeFeature } from './still/describe.js';
export { ThemedElement } from './themed-element.js';
