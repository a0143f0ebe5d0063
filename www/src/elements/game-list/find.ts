import type { FileGame } from 'othello-lens';

/** Who has won. */
export type Outcome = 'all' | 'black' | 'white' | 'draw' | 'unfinished';

/** How a game of a file came out: by the result that it tells, else by its last position. */
export function outcome({ result, discs, isOver }: FileGame): Exclude<Outcome, 'all'> {
  if (!result && !isOver) return 'unfinished';
  const { black, white } = result ?? discs;
  if (black === white) return 'draw';
  return black > white ? 'black' : 'white';
}

/**
 * The games that fit: `words` are moves from the start on, such as `f5 d6`, or all to be found in players, event,
 * date, result or number.
 */
export function find(games: readonly FileGame[], words: string, wanted: Outcome): FileGame[] {
  const text = words.trim().toLowerCase();
  const moves = /^([a-h][1-8][\s,;]*)+$/.test(text) ? text.replace(/[\s,;]/g, '') : null;
  const parts = text.split(/\s+/).filter((part) => part !== '');
  return games.filter((game) => {
    if (wanted !== 'all' && outcome(game) !== wanted) return false;
    if (moves !== null) return game.transcript.startsWith(moves);
    return parts.every((part) => told(game).includes(part));
  });
}

/** What a file says of a game, in lower case. */
function told({ number, black, white, event, date, result }: FileGame): string {
  const score = result ? `${result.black}-${result.white}` : '';
  return `${number} ${black} ${white} ${event} ${date} ${score}`.toLowerCase();
}
