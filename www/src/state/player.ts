import {
  type BestLabels,
  type CardBoard,
  type Device,
  type DictionaryInfo,
  type FeatureCard,
  type FeatureStatistics,
  type Lens,
  LensError,
  type NextMove,
  type Square,
} from 'othello-lens';

import { squareOf } from '../text/labels.js';
import type { Address, AddressBar, How } from './address.js';
import { type Activity, AnalysisView } from './analysis-view.js';
import { Autoplay } from './autoplay.js';
import { type Built, fetchBuilt, showsBuilt } from './built.js';
import { BUNDLES, type Bundle, bundleOf, nameInAddress } from './bundles.js';
import { type Choice, choose } from './choice.js';
import { type Failure, failureOf } from './failure.js';
import { GameHistory } from './game-history.js';
import { bestOfSides, example, type Opening, openingOf, type Source } from './opening.js';
import type { Session } from './session.js';

/** A feature in view, and what is known of it. */
export interface Selection {
  feature: number;
  /** Whether it was pinned by hand; else it is the strongest at this ply. */
  pinned: boolean;
  /** What a unit of the feature adds to the 64 squares' logits; null until known. */
  effect: Float32Array | null;
  /** What was measured on it; null until known, or if nothing was. */
  card: FeatureCard | null;
  /** The statement about the board that it tells best; null until known, or if it tells none. */
  finding: Finding | null;
}

/** A statement about the board that a feature tells, and how well. */
export interface Finding {
  label: string;
  auroc: number;
  /** The bounds of its 95 % interval, where it is known. */
  interval: readonly [number, number] | null;
  /** The positions that it was measured over. */
  positions: number;
}

/** A square of the board that a feature reads. */
export interface Lit {
  square: Square;
  label: string;
  /** Whether the feature is in view, or only pointed at. */
  how: 'pinned' | 'hover';
}

/**
 * The player's state: a history of games, what of the session's model is looked at with them, and the page's
 * address, which says all of it. Elements read it; the requests that they make become calls of its methods,
 * and after each change those who subscribed are told. Reading brings nothing: what is missing is asked for
 * when something changes.
 */
export class Player {
  readonly history: GameHistory;
  readonly session: Session;
  choice: Choice = { dictionary: null, feature: null, missing: [] };
  pinned: number | null = null;
  view: AnalysisView;
  /** What was done last, for people who cannot see it. */
  announcement = '';
  /** A position beside the reader's game, which stays, and the feature that it is shown for. */
  #side: { board: CardBoard; of: string } | null = null;
  readonly autoplay = new Autoplay(
    () => this.#playOn(),
    () => this.#changed(),
  );
  /** Whether the page plays what it chose to show, until somebody touches anything. */
  playsByItself = false;

  #pointedAt: number | null = null;

  readonly #bar: AddressBar;
  /** The address that the history has yet to show. */
  #opening: Address | null = null;
  /** What the page chose to show, for a model, a dictionary and the feature of the address. */
  #chosen: { key: string; shown: boolean } | null = null;
  /** Whether the best feature of the bundle that is being loaded is to be pinned, whatever the game. */
  #pinsBest = false;
  readonly #listeners = new Set<() => void>();

  constructor(session: Session, bar: AddressBar) {
    this.session = session;
    this.#bar = bar;
    this.history = new GameHistory({
      changed: () => this.#changed(),
      replaced: () => this.#read(),
      stepped: () => {
        this.autoplay.pause();
        this.#opening = null;
        this.#chosen = null;
        this.#write('push');
        this.#changed();
      },
      said: (text) => {
        // Nobody could follow what is said of every ply.
        if (!this.autoplay.playing) this.announcement = text;
      },
    });
    this.view = new AnalysisView(this.history.game, null, null, null);
    session.subscribe(() => this.#sessionChanged());
    bar.subscribe((address) => this.#take(address));
  }

  /** Calls `listener` after each change, until the function that comes back is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Shows what the page's address says, and loads what it needs. */
  start(): void {
    void this.history.load();
    this.#take(this.#bar.address);
    if (showsBuilt(this.#bar.address)) void fetchBuilt().then((built) => built && this.#showBuilt(built));
  }

  /** Loads the rules and the model, or tries anew what of it failed. */
  load(): void {
    void this.history.load();
    this.session.load();
    this.#changed();
  }

  /** Why the page is not whole; without rules the model has nothing to add. */
  get failure(): Failure | null {
    return this.history.failure ?? this.session.failure;
  }

  get dictionary(): DictionaryInfo | null {
    return this.choice.dictionary;
  }

  /** Features below this share of their maximum are hidden. */
  get threshold(): number {
    return this.#bar.address.threshold;
  }

  /** What is known of the dictionary's features over its corpus; null if nothing is. */
  get statistics(): FeatureStatistics | null {
    return this.dictionary && this.session.statistics(this.dictionary.id);
  }

  /** What the model expects at the ply in view: null where it says nothing, undefined where it is not known yet. */
  get next(): NextMove | null | undefined {
    return this.view.nextMove(this.history.ply);
  }

  /** The active features in view; null where there are none to speak of. */
  get activity(): Activity | null {
    return this.view.activity(this.history.ply);
  }

  /** The pinned feature, or the strongest at this ply. */
  get selection(): Selection | null {
    const { dictionary, session } = this;
    const feature = this.pinned ?? this.activity?.active[0]?.feature;
    if (feature === undefined || !dictionary) return null;
    return {
      feature,
      pinned: this.pinned !== null,
      effect: session.effect(dictionary.id, feature),
      card: session.card(dictionary.id, feature),
      finding: this.#finding(feature),
    };
  }

  /** The squares of the board that the feature in view and the one that is pointed at read. */
  get lit(): Lit[] {
    const { selection, labels } = this;
    const pointed = this.#pointedAt === null ? null : (labels?.name[this.#pointedAt] ?? null);
    const all = [
      { label: selection?.finding?.label ?? null, how: 'pinned' },
      { label: pointed, how: 'hover' },
    ] as const;
    return all.flatMap(({ label, how }) => {
      const square = squareOf(label);
      return label === null || square === null ? [] : [{ square, label, how }];
    });
  }

  /** The label that each feature in view tells best, where that is known. */
  get labels(): BestLabels | null {
    return this.dictionary && this.session.labels(this.dictionary.id);
  }

  /** The address of what is in view, in full: also where the page chose it. */
  get here(): Address {
    const { address } = this.#bar;
    if (!this.#chosen?.shown) return address;
    return { ...address, ...this.#game(), feature: this.pinned };
  }

  /** Opens a position where the feature in view is strong; the feature stays in view. */
  openPosition(seed: number, ply: number): void {
    this.pinned = this.selection?.feature ?? null;
    this.#side = null;
    this.history.openRandom(seed, ply);
  }

  goTo(ply: number): void {
    this.pausePlaying();
    if (this.history.goTo(ply)) this.#write('replace');
  }

  /** Plays the game on from the ply in view, or from its start if that is the last. */
  startPlaying(): void {
    const { history } = this;
    if (history.ply === history.lastPly) history.goTo(0);
    this.autoplay.start();
  }

  pausePlaying(): void {
    if (!this.autoplay.playing) return;
    this.autoplay.pause();
    this.#write('replace');
  }

  /** Somebody is there: what plays by itself stops. */
  touched(): void {
    if (!this.playsByItself) return;
    this.playsByItself = false;
    this.pausePlaying();
  }

  /** The position beside the reader's game, as long as the feature that it was shown for is in view. */
  get side(): CardBoard | null {
    return this.#side?.of === this.#inView ? this.#side.board : null;
  }

  /** Shows a position, in which the feature in view is looked at, beside the reader's game; null takes it away. */
  showSide(board: CardBoard | null): void {
    this.#side = board && { board, of: this.#inView };
    this.#changed();
  }

  /** Names the feature in view. */
  get #inView(): string {
    return `${this.session.bundle.name} ${this.dictionary?.id} ${this.selection?.feature}`;
  }

  /** How active a feature of a dictionary is at the ply in view; null where it is not or nothing is known. */
  activationOf(dictionary: string | null, feature: number | null): number | null {
    if (dictionary === null || dictionary !== this.dictionary?.id) return null;
    return this.activity?.active.find((each) => each.feature === feature)?.value ?? null;
  }

  /** Lights the squares that a feature reads, while it is pointed at. */
  pointAt(feature: number | null): void {
    if (feature === this.#pointedAt) return;
    this.#pointedAt = feature;
    this.#changed();
  }

  pin(feature: number | null): void {
    this.pinned = feature;
    this.announcement = feature === null ? 'Feature unpinned.' : `Feature ${feature} pinned.`;
    this.#write('push');
    this.#changed();
  }

  setThreshold(threshold: number): void {
    this.#write('replace', { threshold });
    this.#changed();
  }

  /** Looks through another dictionary; a pinned feature is none of its own. */
  setDictionary(id: string): void {
    if (id === this.dictionary?.id) return;
    this.pinned = null;
    this.#write('push', { dictionary: id });
    this.#choose();
    this.#read();
  }

  /** Runs on another engine; the game stays. */
  useDevice(device: Device): void {
    if (device !== this.session.device) this.#bar.go({ device }, 'push');
    else if (this.failure) this.load();
  }

  /** Loads another model; the game stays, and of the features the best is pinned. */
  useBundle(bundle: Bundle): void {
    if (bundle === this.session.bundle) return;
    this.#pinsBest = true;
    const { transcript, ply } = this.here;
    this.#bar.go({ model: nameInAddress(bundle), transcript, ply }, 'push');
  }

  /** Lets go of what the address names and the page does not have. */
  forgetMissing(): void {
    const { address } = this.#bar;
    const { bundle, dictionaries, neurons } = this.session;
    const known = [...dictionaries, ...neurons].some(({ id }) => id === address.dictionary);
    this.#bar.write(
      { model: nameInAddress(bundle), dictionary: known ? address.dictionary : null, feature: null },
      'replace',
    );
    this.#choose();
    this.#changed();
  }

  /** Takes what a new address says. */
  #take(address: Address): void {
    // A model that is not there is said to be missing; the page's own is better than none.
    this.session.open(bundleOf(address.model) ?? BUNDLES[0], address.device);
    this.#choose();
    this.pinned = this.choice.feature;
    this.#read();
    const { transcript, ply } = address;
    if (transcript === null) {
      this.#openingTurn();
      return;
    }
    this.#chosen = null;
    const { history } = this;
    if (!this.#opening && history.playable && transcript === history.game.transcript && ply === history.ply)
      return;
    this.#opening = address;
    void history.openAddress(transcript, ply).then(() => {
      if (this.#opening === address) this.#opening = null;
    });
  }

  #sessionChanged(): void {
    const { dictionary } = this;
    this.#choose();
    if (dictionary?.id !== this.dictionary?.id) this.pinned = this.choice.feature;
    else if (this.pinned !== null && dictionary && this.pinned >= dictionary.features) this.pinned = null;
    this.#read();
    this.#openingTurn();
  }

  #choose(): void {
    const { dictionaries, neurons } = this.session;
    this.choice = choose(this.#bar.address, dictionaries, neurons);
  }

  /** What the choice of a game is made for. */
  get #key(): string {
    const { session, dictionary, choice } = this;
    return [session.bundle.name, session.hash, dictionary?.id, choice.feature].join(' ');
  }

  /** Where the address names no game, chooses one that shows the feature in view at work. */
  #openingTurn(): void {
    const { session, dictionary, choice } = this;
    const { lens } = session;
    if (!lens && !session.failure) return;
    if (this.#bar.address.transcript !== null) {
      if (this.#pinsBest && lens && dictionary) void this.#pinBest(lens, dictionary);
      return;
    }
    const key = this.#key;
    if (key === this.#chosen?.key) return;
    this.#chosen = { key, shown: false };
    const coming = lens && dictionary ? openingOf(this.#source(lens), dictionary, choice.feature) : null;
    void this.#showChosen(this.#chosen, coming);
  }

  /** Shows what the site was built with, unless there is something of the reader's or of the model to show. */
  #showBuilt(built: Built): void {
    const { session, history } = this;
    if (session.lens || this.#chosen || !showsBuilt(this.#bar.address)) return;
    session.takeBuilt(built);
    this.#chosen = { key: this.#key, shown: true };
    this.pinned = built.feature;
    history.openKnown(built.analysis, built.ply);
    this.#playSoon(this.#chosen);
  }

  #source(lens: Lens): Source {
    return {
      bestFeatures: (dictionary) => lens.bestFeatures(dictionary),
      card: (dictionary, feature) => lens.card(dictionary, feature),
      analyse: (transcript, options) => lens.analyse(transcript, options),
      randomGame: (seed) => this.history.randomGame(seed),
    };
  }

  async #showChosen(chosen: { shown: boolean }, coming: Promise<Opening> | null): Promise<void> {
    const opening = (await this.#orSay(coming)) ?? example(this.choice.feature);
    if (this.#chosen !== chosen) return;
    // Of a link to what is not there nothing is pinned.
    if (this.choice.missing.length === 0) this.pinned = opening.feature;
    await this.history.openExample(opening.transcript, opening.ply);
    if (this.#chosen !== chosen) return;
    chosen.shown = true;
    this.#changed();
    this.#playSoon(chosen);
  }

  /** Plays what the page chose, after the time to read what the headline says. */
  #playSoon(chosen: unknown): void {
    setTimeout(() => {
      if (this.playsByItself && this.#chosen === chosen) this.startPlaying();
    }, 4000);
  }

  async #pinBest(lens: Lens, { id, cards }: DictionaryInfo): Promise<void> {
    this.#pinsBest = false;
    const best = cards && bestOfSides((await this.#orSay(lens.bestFeatures(id))) ?? []);
    if (!best || this.session.lens !== lens || this.dictionary?.id !== id || this.pinned !== null) return;
    this.pinned = best.feature;
    this.#write('replace');
    this.#changed();
  }

  /** What comes; where it does not, the page says why. */
  async #orSay<T>(coming: Promise<T> | null): Promise<T | null> {
    try {
      return await coming;
    } catch (error) {
      const failure = failureOf('The best features could not be loaded', error);
      // Whoever disposed of the model asks for it no more.
      if (!(error instanceof LensError && error.code === 'disposed')) this.session.featureFailure ??= failure;
      return null;
    }
  }

  /** Takes what is new of the game or the model, and asks for what is missing. */
  #read(): void {
    const { history, session } = this;
    const id = this.dictionary?.id ?? null;
    this.view = this.view.with(history.game, session.analysis, id, this.statistics);
    session.want(history.game.transcript, id);
    this.#changed();
  }

  /** Asks for what is missing of the feature in view, and tells those who draw it. */
  #changed(): void {
    const { dictionary, selection } = this;
    if (dictionary && selection) this.session.wantFeature(dictionary, selection.feature);
    for (const listener of this.#listeners) listener();
  }

  #finding(feature: number): Finding | null {
    const { dictionary, session } = this;
    if (!dictionary) return null;
    const card = session.card(dictionary.id, feature);
    const [scores] = card?.sets ?? [];
    const [label] = scores?.labels ?? [];
    if (!card || !scores?.tells || !label) return null;
    const best = session
      .bestFeatures(dictionary.id)
      ?.find((each) => each.set === scores.set && each.label.name === label.name && each.feature === feature);
    return {
      label: label.name,
      auroc: label.auroc,
      interval: best?.interval ?? null,
      positions: card.corpus.positions,
    };
  }

  /** Goes one ply on; where the game ends is a place to come back to. */
  #playOn(): boolean {
    const went = this.history.goTo(this.history.ply + 1);
    if (!went) this.#write('replace');
    return went;
  }

  #game(): Pick<Address, 'transcript' | 'ply'> {
    const { game, ply } = this.history;
    return { transcript: game.transcript, ply };
  }

  #write(how: How, change: Partial<Address> = {}): void {
    const { address } = this.#bar;
    // What the page will choose is not here yet: so it is still to be chosen.
    const coming = address.transcript === null && this.#chosen !== null && !this.#chosen.shown;
    const { transcript, ply } = this.#opening ?? (coming ? address : this.#game());
    if (!coming) this.#chosen = null;
    this.#bar.write({ transcript, ply, feature: this.pinned, ...change }, how);
  }
}
