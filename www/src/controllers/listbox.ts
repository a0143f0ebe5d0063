import type { LitElement, ReactiveController } from 'lit';

/** How far Page Up and Page Down go. */
const PAGE = 8;

/**
 * The keyboard of a listbox: the focus stays on the list, a cursor goes over its options, and
 * `aria-activedescendant` names the one that it is on.
 *
 * The host calls {@link list} when it renders and gives its options the ids of {@link optionId}.
 */
export class ListboxController<Key extends number | string> implements ReactiveController {
  readonly #host: LitElement;
  readonly #choose: (key: Key) => void;
  readonly #show: ((index: number, block: ScrollLogicalPosition) => void) | undefined;
  #keys: readonly Key[] = [];
  /** Where the cursor was moved to; the option that it is on, unless that is no longer listed. */
  #moved: Key | null = null;
  /** The option that the cursor is on. */
  #cursor: Key | null = null;
  #reveals = false;

  /**
   * `choose` is told of the option that Enter or Space was pressed on. Where only the options in view are
   * rendered, `show` scrolls the one of an index into view.
   */
  constructor(
    host: LitElement,
    choose: (key: Key) => void,
    show?: (index: number, block: ScrollLogicalPosition) => void,
  ) {
    this.#host = host;
    this.#choose = choose;
    this.#show = show;
    host.addController(this);
  }

  /**
   * Takes the options in their order and returns the one that the cursor is on: where it was moved to, or
   * else the first of `preferred` that is listed, or else the first.
   */
  list(keys: readonly Key[], ...preferred: readonly (Key | null)[]): Key | null {
    this.#keys = keys;
    const listed = (key: Key | null): key is Key => key !== null && keys.includes(key);
    this.#cursor = [this.#moved, ...preferred].find(listed) ?? keys[0] ?? null;
    return this.#cursor;
  }

  /** Moves the cursor, as a click does; null leaves its place to what the host prefers. */
  move(key: Key | null): void {
    this.#moved = key;
    this.#reveals = key !== null;
    this.#host.requestUpdate();
  }

  /** The id of an option's element. */
  optionId(key: Key): string {
    return `option-${key}`;
  }

  /** Scrolls the option that the cursor is on into view. */
  reveal(block: ScrollLogicalPosition = 'nearest'): void {
    if (this.#cursor === null) return;
    if (this.#show) {
      this.#show(this.#keys.indexOf(this.#cursor), block);
      return;
    }
    const { renderRoot } = this.#host;
    renderRoot.querySelector(`#${CSS.escape(this.optionId(this.#cursor))}`)?.scrollIntoView({ block });
  }

  /** Listens to `keydown` of the list. */
  readonly onKey = (event: KeyboardEvent): void => {
    if (this.#cursor === null || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#keys.indexOf(this.#cursor);
    const last = this.#keys.length - 1;
    const targets: Record<string, number> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      PageUp: at - PAGE,
      PageDown: at + PAGE,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target !== undefined) this.move(this.#keys[Math.max(0, Math.min(last, target))] ?? null);
    else if (event.key === 'Enter' || event.key === ' ') this.#choose(this.#cursor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  hostUpdated(): void {
    if (this.#reveals) this.reveal();
    this.#reveals = false;
  }
}
