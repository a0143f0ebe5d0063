// Labels of the set `board` by their names: `own c4`, `opponent c4`, `empty c4`, `legal c4`.

/** What a square may hold, and that a move there is legal. */
export type Plane = 'own' | 'opponent' | 'empty' | 'legal';

/** What a square may hold. */
export const CONTENTS = ['own', 'opponent', 'empty'] as const;

/** How each is drawn. */
export const COLOURS: Record<Plane, string> = {
  own: 'var(--own)',
  opponent: 'var(--opponent)',
  empty: 'var(--empty)',
  legal: 'var(--accent)',
};

/** How far a square is from the edge. */
export type Ring = 'inner' | 'middle' | 'outer';

export const RINGS = ['inner', 'middle', 'outer'] as const;

/** A label of the set `board`. */
export interface BoardLabel {
  plane: Plane;
  /** 0 to 63, `8 · row + column`. */
  square: number;
}

/** The squares that hold a disc from the start on: no move leads there, and they are counted nowhere. */
const CENTRE = [27, 28, 35, 36];

/** Whether a label is of one of the 60 squares that moves lead to. */
export function isPlayed({ square }: BoardLabel): boolean {
  return !CENTRE.includes(square);
}

/** `own c4` taken apart; null of a label that is not of the set `board`. */
export function boardLabel(name: string): BoardLabel | null {
  const [, plane, column, row] = /^(own|opponent|empty|legal) ([a-h])([1-8])$/.exec(name) ?? [];
  if (!plane || !column || !row) return null;
  const square = 8 * (Number(row) - 1) + 'abcdefgh'.indexOf(column);
  return { plane: plane as Plane, square };
}

/** `c4`. */
export function squareName(square: number): string {
  return `${'abcdefgh'.charAt(square % 8)}${Math.floor(square / 8) + 1}`;
}

/** `opponent c4`. */
export function labelName({ plane, square }: BoardLabel): string {
  return `${plane} ${squareName(square)}`;
}

/** The ring of a square; null of the four in the centre. */
export function ringOf(square: number): Ring | null {
  const from = (at: number) => (at < 4 ? 3 - at : at - 4);
  const distance = Math.max(from(Math.floor(square / 8)), from(square % 8));
  return ([null, ...RINGS] as const)[distance] ?? null;
}
