import type { LitElement } from 'lit';
import { describe, expect, it } from 'vitest';

import { ListboxController } from '../src/controllers/listbox.js';

/** As much of an element as the controller needs. */
function listbox(chosen: number[] = []): ListboxController<number> {
  const host = { addController: () => {}, requestUpdate: () => {} } as unknown as LitElement;
  return new ListboxController<number>(host, (key) => chosen.push(key));
}

/** A key, and whether the listbox made it its own. */
function press(
  list: ListboxController<number>,
  key: string,
  modifiers: Partial<KeyboardEvent> = {},
): boolean {
  let own = false;
  const preventDefault = () => {
    own = true;
  };
  list.onKey({ key, preventDefault, stopPropagation: () => {}, ...modifiers } as unknown as KeyboardEvent);
  return own;
}

const TWENTY = Array.from({ length: 20 }, (_, at) => 10 * at);

describe('the keyboard of a listbox', () => {
  it('begins on what the host prefers, or else on the first option', () => {
    expect(listbox().list(TWENTY, 999, 30)).toBe(30);
    expect(listbox().list(TWENTY, null)).toBe(0);
    expect(listbox().list([])).toBeNull();
  });

  it('goes up and down, by pages and to the ends, and no further', () => {
    const list = listbox();
    list.list(TWENTY);
    const steps = ['ArrowDown', 'PageDown', 'ArrowUp', 'End', 'ArrowDown', 'PageUp', 'Home', 'ArrowUp'];
    const seen = steps.map((key) => {
      expect(press(list, key)).toBe(true);
      return list.list(TWENTY);
    });
    expect(seen).toEqual([10, 90, 80, 190, 190, 110, 0, 0]);
  });

  it('chooses by Enter and Space', () => {
    const chosen: number[] = [];
    const list = listbox(chosen);
    list.list(TWENTY, 40);
    press(list, 'Enter');
    press(list, ' ');
    expect(chosen).toEqual([40, 40]);
  });

  it('leaves other keys, and keys with modifiers, alone', () => {
    const list = listbox();
    list.list(TWENTY);
    expect(press(list, 'a')).toBe(false);
    expect(press(list, 'ArrowDown', { ctrlKey: true })).toBe(false);
    expect(list.list(TWENTY)).toBe(0);
  });

  it('comes back to the preferred option where the one that it was on is gone', () => {
    const list = listbox();
    list.list(TWENTY);
    list.move(50);
    expect(list.list(TWENTY, 20)).toBe(50);
    expect(list.list([10, 20, 30], 20)).toBe(20);
  });
});
