/**
 * What a widget in a frame and the page around it tell each other, by `postMessage`:
 *
 * - the widget, whenever its height changes: `{ type: 'othello-lens:size', height }`, in CSS pixels;
 * - the page, if it likes: `{ type: 'othello-lens:theme', theme }`, with `light`, `dark` or null.
 *
 * Either side believes only the window and the origin that it deals with.
 */
export const SIZE = 'othello-lens:size';
export const THEME = 'othello-lens:theme';

/** No widget is higher, in CSS pixels. */
const HIGHEST = 20_000;

export type Theme = 'light' | 'dark';

/** What is looked at of a `MessageEvent`. */
type Received = Pick<MessageEvent, 'data' | 'origin' | 'source'>;

/** What the widget tells of its height. */
export function sizeMessage(height: number): { type: typeof SIZE; height: number } {
  return { type: SIZE, height: Math.ceil(height) };
}

/** The height that `message` tells, if the widget in `frame` sent it; null if anything about it is not right. */
export function readSize(
  { data, origin, source }: Received,
  frame: { contentWindow: unknown; src: string },
): number | null {
  if (source === null || source !== frame.contentWindow || origin !== originOf(frame.src)) return null;
  if (typeof data !== 'object' || data === null || data.type !== SIZE) return null;
  const { height } = data;
  return typeof height === 'number' && height > 0 && height <= HIGHEST ? height : null;
}

/** The theme that `message` asks for, if the page around the widget sent it; undefined if anything is not right. */
export function readTheme(
  { data, origin, source }: Received,
  host: { window: unknown; origin: string | null },
): Theme | null | undefined {
  if (source === null || source !== host.window || origin !== host.origin) return undefined;
  if (typeof data !== 'object' || data === null || data.type !== THEME) return undefined;
  const { theme } = data;
  return theme === 'light' || theme === 'dark' || theme === null ? theme : undefined;
}

/** The origin of an address; null if it is none. */
export function originOf(address: string): string | null {
  try {
    return new URL(address).origin;
  } catch {
    return null;
  }
}
