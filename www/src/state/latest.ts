/**
 * Answers by key, brought one at a time. Of what is wanted while one is on its way only the last matters:
 * while somebody scrubs, nobody waits for what they have passed.
 */
export class LatestCache<T> {
  /** Null where there is no answer: asking again would fail again. */
  readonly #known = new Map<string, T | null>();
  #next: { key: string; bring: () => Promise<T | null | undefined> } | null = null;
  #busy = false;
  readonly #changed: () => void;

  /** `changed` is called after each answer. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The answer; null while it is not known, or if there is none. */
  get(key: string): T | null {
    return this.#known.get(key) ?? null;
  }

  /** Sees to it that there is an answer. `bring` gives null if there is none, undefined if one may yet come. */
  want(key: string, bring: () => Promise<T | null | undefined>): void {
    if (this.#known.has(key)) return;
    this.#next = { key, bring };
    if (!this.#busy) void this.#run();
  }

  /** Forgets the answers that failed, so that they are asked for again. */
  forgetMissing(): void {
    for (const [key, answer] of this.#known) if (answer === null) this.#known.delete(key);
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let next = this.#next; next; next = this.#next) {
      this.#next = null;
      if (this.#known.has(next.key)) continue;
      const answer = await next.bring();
      if (answer !== undefined) this.#known.set(next.key, answer);
      this.#changed();
    }
    this.#busy = false;
  }
}
