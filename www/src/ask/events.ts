import type { Square } from 'othello-lens';

import type { Question } from './question.js';

/** A question was asked that has an answer. */
export class AskEvent extends Event {
  constructor(readonly question: Exclude<Question, { kind: 'unknown' }>) {
    super('ol-ask', { bubbles: true, composed: true });
  }
}

/** A square of a map was chosen. */
export class SquareEvent extends Event {
  constructor(readonly square: Square) {
    super('ol-square', { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'ol-ask': AskEvent;
    'ol-square': SquareEvent;
  }
}
