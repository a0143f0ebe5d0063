import type { Position, Side, Square } from '../types.js';

const NAME = /^[a-h][1-8]$/;

/** The name of a square, `d3`. */
export function squareName(square: Square): string {
  return `${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`;
}

/** The squares that `text` names, such as `c4 d3`; it throws where a word is no square. */
export function parseSquares(text: string): Square[] {
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      if (!NAME.test(word)) throw new Error(`“${word}” is no square: squares are a1 to h8.`);
      return 8 * (Number(word[1]) - 1) + 'abcdefgh'.indexOf(word.charAt(0));
    });
}

/** A board as 64 discs: 0 is empty, 1 black, 2 white. */
export type Discs = Uint8Array;

/**
 * Reads a board from 64 characters, a1, b1 … h8: `.` or `-` is an empty square, `x` or `b` a black disc, `o` or
 * `w` a white one. Spaces and line breaks do not count.
 */
export function parseDiscs(text: string): Discs {
  const characters = [...text.replace(/\s+/g, '').toLowerCase()];
  if (characters.length !== 64)
    throw new Error(`A board has 64 squares; discs="…" has ${characters.length} characters.`);
  return Uint8Array.from(characters, (character, square) => {
    if (character === '.' || character === '-') return 0;
    if (character === 'x' || character === 'b') return 1;
    if (character === 'o' || character === 'w') return 2;
    throw new Error(`“${character}” is no disc (at ${squareName(square)}): it has to be x, o or a dot.`);
  });
}

/** A board as 64 characters: the inverse of {@link parseDiscs}. */
export function writeDiscs(discs: ArrayLike<number>): string {
  return Array.from(discs, (disc) => '.xo'[disc] ?? '.').join('');
}

/** A position in words, for those who do not see the drawing. */
export function describe(
  {
    discs,
    toMove,
    move,
    ply,
  }: { discs: Discs; toMove: Side | null; move: Square | null; ply: number | null },
  marked: readonly Square[],
): string {
  const count = (colour: number) => discs.filter((disc) => disc === colour).length;
  const parts = [
    `Othello board${ply === null ? '' : ` after ${ply} ${ply === 1 ? 'move' : 'moves'}`}`,
    `${count(1)} black and ${count(2)} white discs`,
  ];
  if (toMove) parts.push(`${toMove} to move`);
  if (move !== null) parts.push(`last move ${squareName(move)}`);
  if (marked.length > 0) parts.push(`marked: ${marked.map(squareName).join(', ')}`);
  return parts.join('; ');
}

/** What a board needs of a position. */
export type Drawn = Pick<Position, 'board' | 'toMove' | 'move' | 'ply'>;
