import type { Position, Square } from 'othello-lens';

/** What the four kinds of labels of the set `board` say of a square. */
export type Kind = 'own' | 'opponent' | 'empty' | 'legal';

/** A label of the set `board`, taken apart. */
export interface BoardLabel {
  kind: Kind;
  square: Square;
}

/** `own c4` as what it says; null of a label of another form. */
export function boardLabel(name: string | null): BoardLabel | null {
  const [, kind, column = '', row] = /^(own|opponent|empty|legal) ([a-h])([1-8])$/.exec(name ?? '') ?? [];
  if (!kind) return null;
  return { kind: kind as Kind, square: 'abcdefgh'.indexOf(column) + 8 * (Number(row) - 1) };
}

/** The square that a label's name ends in: the one that it speaks of; null if it speaks of none. */
export function squareOf(name: string | null): Square | null {
  const [, column = '', row] = /\b([a-h])([1-8])$/.exec(name ?? '') ?? [];
  return row ? 'abcdefgh'.indexOf(column) + 8 * (Number(row) - 1) : null;
}

/** `c4 is yours`: what a label says, to the player to move. */
export function says(name: string): string {
  const label = boardLabel(name);
  const square = name.split(' ').at(-1) ?? '';
  switch (label?.kind) {
    case 'own':
      return `${square} is yours`;
    case 'opponent':
      return `${square} is your opponent’s`;
    case 'empty':
      return `${square} is empty`;
    case 'legal':
      return `you may play on ${square}`;
    default:
      return `“${name}” holds`;
  }
}

/** Whether the label holds in a position; null where it cannot: nobody is to move. */
export function holds({ kind, square }: BoardLabel, { board, toMove, legal }: Position): boolean | null {
  if (kind === 'empty') return board[square] === 0;
  if (!toMove) return null;
  if (kind === 'legal') return legal.includes(square);
  const own = toMove === 'black' ? 1 : 2;
  return board[square] === (kind === 'own' ? own : 3 - own);
}

/** The class that colours a label by whose disc it speaks of; empty if of nobody's. */
export function sideClass(name: string | null): 'own' | 'opponent' | '' {
  const kind = boardLabel(name)?.kind;
  return kind === 'own' || kind === 'opponent' ? kind : '';
}
