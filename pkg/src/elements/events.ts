import type { Lens } from '../lens.js';
import type { CardBoard, Square } from '../types.js';
import type { Choice } from './figure/definition.js';

/** What the elements tell of themselves. All of it passes through shadow roots. */
abstract class ElementEvent extends Event {
  constructor(type: keyof OthelloEventMap, init: EventInit = {}) {
    super(type, { bubbles: true, composed: true, ...init });
  }
}

/** The engine runs, and the element is live. */
export class LiveEvent extends ElementEvent {
  constructor(readonly lens: Lens) {
    super('othello-live');
  }
}

/** Something failed; the element says so in words where it stands. */
export class FailureEvent extends ElementEvent {
  constructor(readonly error: Error) {
    super('othello-failure');
  }
}

/** A square of a board was chosen. */
export class SquareEvent extends ElementEvent {
  constructor(readonly square: Square) {
    super('othello-square');
  }
}

/** Another ply of the game is shown. */
export class PlyEvent extends ElementEvent {
  constructor(readonly ply: number) {
    super('othello-ply');
  }
}

/** A position of a random game is to be opened. */
export class OpenBoardEvent extends ElementEvent {
  constructor(
    readonly board: CardBoard,
    /** The feature that the position was shown for. */
    readonly dictionary: string,
    readonly feature: number,
  ) {
    super('othello-open-board');
  }
}

/**
 * Another feature is to be shown. The element goes there by itself, unless a listener that leads elsewhere calls
 * `preventDefault`.
 */
export class OpenFeatureEvent extends ElementEvent {
  constructor(
    readonly dictionary: string,
    readonly feature: number,
  ) {
    super('othello-open-feature', { cancelable: true });
  }
}

/** Features are to count as active above another share of their maximum. */
export class ThresholdEvent extends ElementEvent {
  constructor(readonly threshold: number) {
    super('othello-threshold');
  }
}

/** The code that embeds this feature is wanted. */
export class EmbedEvent extends ElementEvent {
  constructor(
    readonly dictionary: string,
    readonly feature: number,
  ) {
    super('othello-embed', { cancelable: true });
  }
}

/** Another dictionary or label was chosen in a figure. */
export class FigureChoiceEvent extends ElementEvent {
  constructor(readonly choice: Choice) {
    super('othello-figure-choice');
  }
}

/** The events of the elements by name. */
export interface OthelloEventMap {
  'othello-live': LiveEvent;
  'othello-failure': FailureEvent;
  'othello-square': SquareEvent;
  'othello-ply': PlyEvent;
  'othello-open-board': OpenBoardEvent;
  'othello-open-feature': OpenFeatureEvent;
  'othello-threshold': ThresholdEvent;
  'othello-embed': EmbedEvent;
  'othello-figure-choice': FigureChoiceEvent;
}

declare global {
  interface HTMLElementEventMap extends OthelloEventMap {}
}
