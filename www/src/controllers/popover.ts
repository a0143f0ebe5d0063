/** Between a popover and the edges of the window. */
const MARGIN = 12;

/** How a popover stands to its button. */
export interface Placement {
  /** Its width, if the window has as much. */
  width: number;
  /** The room that it wants below the button; with less it stands above, if there is more there. */
  height: number;
  /** The edge that it shares with the button. */
  align?: 'left' | 'right';
  /** How far it is moved to the left of that edge. */
  outdent?: number;
  /** Between it and the button. */
  gap?: number;
}

/**
 * A listener to `beforetoggle` that puts a popover beside the button that opens it, within the window. The
 * height that is left there is the popover's `--room`.
 */
export function beside({ width, height, align = 'left', outdent = 0, gap = 6 }: Placement) {
  return (event: ToggleEvent): void => {
    if (event.newState !== 'open') return;
    const popover = event.currentTarget as HTMLElement;
    const button = (popover.getRootNode() as ParentNode).querySelector(`[popovertarget="${popover.id}"]`);
    if (!button) return;
    const { left, right, top, bottom } = button.getBoundingClientRect();
    const { style } = popover;
    const wide = Math.min(width, innerWidth - 2 * MARGIN);
    style.width = `${wide}px`;
    if (align === 'left') {
      style.left = `${Math.max(MARGIN, Math.min(left - outdent, innerWidth - wide - MARGIN))}px`;
    } else {
      style.right = `${Math.max(MARGIN, document.documentElement.clientWidth - right - outdent)}px`;
    }
    const room = innerHeight - bottom;
    const below = room > height || room > top;
    style.top = below ? `${bottom + gap}px` : 'auto';
    style.bottom = below ? 'auto' : `${innerHeight - top + gap}px`;
    style.setProperty('--room', `${Math.max(room, top) - 2 * MARGIN}px`);
  };
}
