import type { Position, Replay } from 'othello-lens';

/** What is drawn until the rules are here: four discs, and where Black may play beside them. */
function startPosition(): Position {
  const board = new Uint8Array(64);
  board[27] = board[36] = 2;
  board[28] = board[35] = 1;
  return {
    ply: 0,
    move: null,
    flipped: [],
    skipped: false,
    board,
    toMove: 'black',
    legal: [19, 26, 37, 44],
    score: { black: 2, white: 2 },
  };
}

export const START: Position = startPosition();
export const NO_MOVES: Replay = { transcript: '', positions: [START], contradiction: null };
