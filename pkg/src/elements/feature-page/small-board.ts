import { html, nothing, svg } from 'lit';

import type { Position, Square } from '../../types.js';
import type { Content } from '../lens-element.js';

const LINES = [1, 2, 3, 4, 5, 6, 7].map((i) => `M${10 * i} 0v80M0 ${10 * i}h80`).join('');

/**
 * A position in small, in the colours of the player to move and the opponent; the opponent's discs have a dot, so that
 * colour is not all that tells them apart. All discs of a side are one path: a page shows many boards.
 */
export function smallBoard({ board, toMove, move }: Position, marked: Square | null): Content {
  const own = toMove === 'white' ? 2 : 1;
  const squares = (wanted: (disc: number) => boolean) =>
    [...board.keys()].filter((square) => wanted(board[square] ?? 0));
  const opponent = squares((disc) => disc !== 0 && disc !== own);
  return html`<svg class="board" viewBox="0 0 80 80" aria-hidden="true">
    <rect class="felt" width="80" height="80" rx="3" />
    <path class="lines" d=${LINES} />
    <path class="own" d=${discs(
      squares((disc) => disc === own),
      4,
    )} />
    <path class="opponent" d=${discs(opponent, 4)} />
    <path class="dots" d=${discs(opponent, 1.1)} />
    ${move === null ? nothing : svg`<path class="last" d=${discs([move], 2.4)} />`}
    ${
      marked === null
        ? nothing
        : svg`<rect class="mark" x=${10 * (marked % 8) + 0.6} y=${10 * Math.floor(marked / 8) + 0.6} width="8.8" height="8.8" rx="1.4" />`
    }
  </svg>`;
}

/** Circles of a radius on squares, as one path. */
function discs(squares: readonly Square[], radius: number): string {
  return squares
    .map((square) => {
      const [x, y] = [10 * (square % 8) + 5, 10 * Math.floor(square / 8) + 5];
      return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
    })
    .join('');
}
