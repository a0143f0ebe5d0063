import type { Atlas, FeatureTable, LabelSetInfo, Lens } from 'othello-lens';

import { atlasFromCards } from '../ask/from-cards.js';
import type { DictionaryRow } from '../table/dictionaries.js';
import { untrainedRows } from '../table/untrained.js';
import { type Failure, failureOf, isAbort } from './failure.js';

const NONE: readonly DictionaryRow[] = [];

/** Answers by key: undefined while one is on its way. */
type Known<T> = Map<string, T | undefined>;

/**
 * What a bundle holds of its features, as the view of features asks for it. Methods named `want…` see to it that
 * something is known; reading brings nothing. `changed` is called whenever there is something new.
 */
export class Knowledge {
  /** Why something is not known. */
  failure: Failure | null = null;
  /** How far the cards of all dictionaries are read, of a bundle without an atlas. */
  reading: { read: number; of: number } | null = null;

  #lens: Lens | null = null;
  #over = new AbortController();
  readonly #sets: Known<LabelSetInfo[]> = new Map();
  readonly #atlases: Known<Atlas | null> = new Map();
  readonly #tables: Known<FeatureTable | null> = new Map();
  readonly #untrained: Known<readonly DictionaryRow[]> = new Map();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Takes another lens; what is known of the one before is forgotten. */
  use(lens: Lens | null): void {
    if (lens === this.#lens) return;
    this.#over.abort();
    this.#over = new AbortController();
    this.#lens = lens;
    for (const known of [this.#sets, this.#atlases, this.#tables, this.#untrained]) known.clear();
    this.failure = null;
    this.reading = null;
  }

  /** The sets of labels; null until they are here. */
  get sets(): readonly LabelSetInfo[] | null {
    return this.#sets.get('') ?? null;
  }

  /** Sees to it that the sets of labels are known. */
  wantSets(): void {
    this.#want(this.#sets, '', 'The labels could not be loaded', (lens) => lens.labelSets());
  }

  /** What each dictionary knows best of a set's labels; null if nothing was measured, undefined if that is not known yet. */
  atlas(set: string): Atlas | null | undefined {
    return this.#atlases.get(set);
  }

  /** Sees to it that the atlas of a set is known. */
  wantAtlas(set: string): void {
    this.#want(this.#atlases, set, 'What the features know could not be loaded', async (lens, signal) => {
      const known = await lens.atlas(set, { signal });
      const onRead = (read: number, of: number) => {
        if (signal.aborted) return;
        this.reading = { read, of };
        this.#changed();
      };
      return atlasFromCards(lens, set, known, signal, onRead).finally(() => {
        this.reading = null;
      });
    });
  }

  /** All features of a dictionary; null if nothing was measured, undefined if that is not known yet. */
  table(dictionary: string): FeatureTable | null | undefined {
    return this.#tables.get(dictionary);
  }

  /** Sees to it that the table of a dictionary's features is known. */
  wantTable(dictionary: string): void {
    this.#want(this.#tables, dictionary, 'The features could not be loaded', (lens) =>
      lens.features(dictionary),
    );
  }

  /** The dictionaries of the untrained control; none until they are here. */
  get untrained(): readonly DictionaryRow[] {
    return this.#untrained.get('') ?? NONE;
  }

  /** Sees to it that the dictionaries of the control are known, beside those of `bundle`. */
  wantUntrained(bundle: string): void {
    this.#want(this.#untrained, '', 'The untrained control could not be read', (_, signal) =>
      untrainedRows(bundle, signal),
    );
  }

  /** Forgets what failed, so that it is asked for again. */
  retry(): void {
    this.failure = null;
    this.#changed();
  }

  #want<T>(
    known: Known<T>,
    key: string,
    title: string,
    bring: (lens: Lens, signal: AbortSignal) => Promise<T>,
  ): void {
    const lens = this.#lens;
    if (!lens || known.has(key) || this.failure) return;
    known.set(key, undefined);
    const { signal } = this.#over;
    bring(lens, signal).then(
      (answer) => {
        if (signal.aborted) return;
        known.set(key, answer);
        this.#changed();
      },
      (error) => {
        if (signal.aborted || isAbort(error)) return;
        known.delete(key);
        this.failure = failureOf(title, error);
        this.#changed();
      },
    );
  }
}
