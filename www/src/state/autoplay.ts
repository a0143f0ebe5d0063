/** How long a ply is shown, in milliseconds. */
const PACE = 1100;

/** Steps from ply to ply until it is paused, or there is no further one. */
export class Autoplay {
  #timer: number | null = null;
  readonly #step: () => boolean;
  readonly #changed: () => void;

  /** `step` goes one ply on, and says whether there was one; `changed` is called when playing begins or ends. */
  constructor(step: () => boolean, changed: () => void) {
    this.#step = step;
    this.#changed = changed;
  }

  get playing(): boolean {
    return this.#timer !== null;
  }

  start(): void {
    if (this.playing) return;
    this.#timer = window.setInterval(() => {
      // Nobody sees it.
      if (document.hidden || !this.#step()) this.pause();
    }, PACE);
    this.#changed();
  }

  pause(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
    this.#changed();
  }
}
