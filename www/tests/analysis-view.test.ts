import type { Analysis, NextMove, Position, Replay } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { AnalysisView, covers } from '../src/state/analysis-view.js';

/** Positions need no boards here: a view looks at plies. */
function game(transcript: string, over = false): Replay {
  const last = transcript.length / 2;
  const positions = Array.from(
    { length: last + 1 },
    (_, ply): Position => ({
      ply,
      move: ply === 0 ? null : 0,
      flipped: [],
      skipped: false,
      board: new Uint8Array(64),
      toMove: over && ply === last ? null : 'black',
      legal: [],
      score: { black: 2, white: 2 },
    }),
  );
  return { transcript, positions, contradiction: null };
}

/** At ply n the illegal mass is n hundredths, and feature 0 is n, feature 1 is 0, feature 2 is 1. */
function analysis(transcript: string, dictionary: string | null = 'a'): Analysis {
  const replay = game(transcript);
  const plies = replay.positions.length - 1;
  const nextMoves = replay.positions.map(({ ply }): NextMove | null =>
    ply === 0
      ? null
      : {
          probabilities: new Float32Array(64),
          illegalMass: ply / 100,
          top: 0,
          topIsLegal: true,
          klFromUniform: 0,
        },
  );
  const data = Float32Array.from({ length: 3 * plies }, (_, i) => [Math.floor(i / 3) + 1, 0, 1][i % 3] ?? 0);
  return {
    ...replay,
    nextMoves,
    logits: null,
    activations: [],
    features: dictionary === null ? null : { dictionary, shape: [plies, 3], data },
    computed: plies,
    milliseconds: 1,
    engine: { kind: 'cpu', name: 'test', reason: null },
  };
}

const STATISTICS = { games: 10, max: Float32Array.of(8, 1, 1), density: Float32Array.of(0.5, 0, 0.25) };

describe('an analysis view', () => {
  it('holds for another game as far as the two agree', () => {
    const view = new AnalysisView(game('f5d6c4'), analysis('f5d6c3d3'), 'a', null);
    expect(view.nextMove(2)?.illegalMass).toBeCloseTo(0.02);
    expect(view.activity(2)?.total).toBe(3);
    expect(view.nextMove(3)).toBeUndefined();
    expect(view.activity(3)).toBeNull();
  });

  it('knows that nothing is said before the first move and after the last', () => {
    const view = new AnalysisView(game('f5d6', true), analysis('f5d6'), 'a', null);
    expect(view.nextMove(0)).toBeNull();
    expect(view.nextMove(2)).toBeNull();
  });

  it('lists active features alone, by their share of the maximum', () => {
    const view = new AnalysisView(game('f5d6'), analysis('f5d6'), 'a', STATISTICS);
    expect(view.activity(2)).toEqual({
      total: 3,
      active: [
        { feature: 2, value: 1, share: 1, density: 0.25 },
        { feature: 0, value: 2, share: 0.25, density: 0.5 },
      ],
    });
  });

  it('sorts by value where no maxima are known', () => {
    const view = new AnalysisView(game('f5d6'), analysis('f5d6'), 'a', null);
    expect(view.activity(2)?.active.map(({ feature, share }) => [feature, share])).toEqual([
      [0, null],
      [2, null],
    ]);
  });

  it('says nothing of features that another SAE found', () => {
    const view = new AnalysisView(game('f5d6'), analysis('f5d6', 'b'), 'a', STATISTICS);
    expect(view.activity(2)).toBeNull();
    expect(view.activations(0)).toEqual([null, null, null]);
    expect(view.nextMove(2)?.illegalMass).toBeCloseTo(0.02);
  });

  it('gives a feature over the plies of the game', () => {
    const view = new AnalysisView(game('f5d6c4'), analysis('f5d6c3'), 'a', null);
    expect(view.activations(0)).toEqual([null, 1, 2, null]);
  });
});

describe('an analysis', () => {
  it('covers the games that it goes on from, with its SAE or none', () => {
    const long = analysis('f5d6c3d3');
    expect(covers(long, 'f5d6', 'a')).toBe(true);
    expect(covers(long, 'f5d6', null)).toBe(true);
    expect(covers(long, 'f5d6', 'b')).toBe(false);
  });

  it('covers no game that leaves it or goes further', () => {
    expect(covers(analysis('f5d6'), 'f5d6c3', null)).toBe(false);
    expect(covers(analysis('f5d6c3'), 'f5d6c4', null)).toBe(false);
    expect(covers(null, '', null)).toBe(false);
  });
});
