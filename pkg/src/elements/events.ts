import type { Lens } from '../lens.js';
import type { Square } from '../types.js';

/** What the elements tell of themselves. All of it passes through shadow roots. */
abstract class ElementEvent extends Event {
  constructor(type: keyof OthelloEventMap) {
    super(type, { bubbles: true, composed: true });
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

/** The events of the elements by name. */
export interface OthelloEventMap {
  'othello-live': LiveEvent;
  'othello-failure': FailureEvent;
  'othello-square': SquareEvent;
  'othello-ply': PlyEvent;
}

declare global {
  interface HTMLElementEventMap extends OthelloEventMap {}
}
