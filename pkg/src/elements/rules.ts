import type { Othello } from '../othello.js';
import type { Replay } from '../types.js';

let rules: Promise<Othello> | null = null;

/** Replays `transcript` by the rules alone, which are loaded with the first game of the page and kept. */
export async function replay(transcript: string): Promise<Replay> {
  return (await started()).replay(transcript);
}

/** The game of random moves that a seed makes. */
export async function randomGame(seed: number): Promise<Replay> {
  return (await started()).randomGame(seed);
}

function started(): Promise<Othello> {
  rules ??= import('../index.js')
    .then(({ Othello }) => Othello.start())
    .catch((error: unknown) => {
      // The next game tries again.
      rules = null;
      throw error;
    });
  return rules;
}
