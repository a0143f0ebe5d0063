import type { Position } from 'othello-lens';
import { describe, expect, it } from 'vitest';

import { START } from '../src/state/start.js';
import { boardLabel, holds, says, sideClass, squareOf } from '../src/text/labels.js';

describe('a label', () => {
  it('is taken apart by its name', () => {
    expect(boardLabel('own c4')).toEqual({ kind: 'own', square: 26 });
    expect(boardLabel('legal h8')).toEqual({ kind: 'legal', square: 63 });
    expect(boardLabel('flipped c4')).toBeNull();
    expect(boardLabel(null)).toBeNull();
  });

  it('speaks of the square that its name ends in', () => {
    expect(squareOf('flipped by the last move d3')).toBe(19);
    expect(squareOf('side to move')).toBeNull();
  });

  it('is said to the player to move', () => {
    expect(says('own c4')).toBe('c4 is yours');
    expect(says('opponent a7')).toBe('a7 is your opponent’s');
    expect(says('empty a7')).toBe('a7 is empty');
    expect(says('legal a7')).toBe('you may play on a7');
    expect(says('stable a1')).toBe('“stable a1” holds');
  });

  it('holds by who is to move', () => {
    const holdsAt = (name: string, position: Position = START) => {
      const label = boardLabel(name);
      return label && holds(label, position);
    };
    // d4 is White's at the start, and Black is to move.
    expect(holdsAt('own d4')).toBe(false);
    expect(holdsAt('opponent d4')).toBe(true);
    expect(holdsAt('own d4', { ...START, toMove: 'white' })).toBe(true);
    expect(holdsAt('empty d4')).toBe(false);
    expect(holdsAt('empty d3')).toBe(true);
    expect(holdsAt('legal d3')).toBe(true);
    expect(holdsAt('legal a1')).toBe(false);
    expect(holdsAt('own d4', { ...START, toMove: null })).toBeNull();
  });

  it('has the colour of the side whose disc it speaks of', () => {
    expect(sideClass('opponent a7')).toBe('opponent');
    expect(sideClass('empty a7')).toBe('');
  });
});
