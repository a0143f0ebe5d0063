import type { Side, Square } from 'othello-lens';

/** `f5` of 37. */
export function squareName(square: Square): string {
  return `${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`;
}

/** `Black` of `black`. */
export function sideName(side: Side): string {
  return side === 'black' ? 'Black' : 'White';
}
