import type { BestLabels, Device, FeatureCard, FeatureStatistics, Position, SaeInfo } from 'othello-lens';

import { type Address, AddressBar, readAddress, writeAddress } from './address.js';
import { type Bundle, bundleOf } from './bundles.js';
import type { Failure } from './failure.js';
import { GameLine } from './game-line.js';
import { type Activity, Reading } from './reading.js';
import { Session } from './session.js';

/** A feature in view. */
export interface Selection {
  feature: number;
  /** Pinned by hand; else it is the strongest at this ply. */
  pinned: boolean;
  /** What it adds to the 64 squares' logits; null until known. */
  effect: Float32Array | null;
  /** What was measured on it; null until known, or if nothing was. */
  card: FeatureCard | null;
  /** The positions of the card's boards; null until known. */
  boards: readonly (Position | null)[];
}

/**
 * The page's state: a game line, a session with a model, and what of the two is in view; all of it in
 * the page's address. Elements read it and call its methods; after each change the listener is called.
 */
export class Player {
  readonly line: GameLine;
  readonly session: Session;
  /** What the page was opened with; another bundle is another page. */
  readonly bundle: Bundle = bundleOf(location.search);
  sae: SaeInfo | null = null;
  pinned: number | null = null;
  /** Features below this share of their maximum are hidden. */
  gate = 0;
  device: Device = 'auto';
  reading: Reading;
  /** What was done last, for people who cannot see it. */
  announcement = '';

  #wantedSae: string | null = null;
  /** What the address says, while the game line has yet to show it. */
  #opening: Address | null = null;
  #loading = new AbortController();
  readonly #bar = new AddressBar();
  readonly #listener: () => void;

  constructor(listener: () => void) {
    this.#listener = listener;
    this.line = new GameLine({
      changed: () => this.#listener(),
      replaced: () => this.#read(),
      stepped: () => {
        this.#opening = null;
        this.#writeAddress('push');
        this.#listener();
      },
      said: (text) => {
        this.announcement = text;
      },
    });
    this.session = new Session(() => this.#read());
    this.reading = new Reading(this.line.game, null, null, null);
  }

  /** Takes up the page's address and loads what it needs. */
  start(): void {
    window.addEventListener('popstate', () => {
      this.#bar.forget();
      this.#takeAddress(readAddress(location.search));
    });
    const address = readAddress(location.search);
    this.device = address.device;
    this.#takeAddress(address);
    this.load();
  }

  /** Loads the rules and the model, or tries anew what of it failed. */
  load(): void {
    this.#loading.abort();
    this.#loading = new AbortController();
    const { signal } = this.#loading;
    void this.line.load(signal);
    void this.session.load(this.bundle.path, this.device, signal).then(() => this.#chooseSae());
    this.#listener();
  }

  /** Runs on another engine; the game stays. */
  useDevice(device: Device): void {
    if (device === this.device && !this.failure) return;
    this.device = device;
    this.#writeAddress('push');
    this.#reload();
  }

  /** Why the page is not whole; without rules the model has nothing to add. */
  get failure(): Failure | null {
    return this.line.failure ?? this.session.failure;
  }

  get statistics(): FeatureStatistics | null {
    return this.sae && this.session.statistics(this.sae.id);
  }

  /** The active features in view; null where there are none to speak of. */
  get activity(): Activity | null {
    return this.reading.activity(this.line.ply);
  }

  /** The pinned feature, or the strongest at this ply. */
  get selection(): Selection | null {
    const feature = this.pinned ?? this.activity?.active[0]?.feature;
    if (feature === undefined || !this.sae) return null;
    const card = this.session.card(this.sae, feature);
    return {
      feature,
      pinned: this.pinned !== null,
      effect: this.session.effect(this.sae.id, feature),
      card,
      boards: card?.boards.map(({ seed, ply }) => this.line.randomPosition(seed, ply)) ?? [],
    };
  }

  /** The label that each feature in view tells best, where that is known. */
  get labels(): BestLabels | null {
    return this.sae && this.session.labels(this.sae.id);
  }

  /** Opens a position where the feature in view is strong; the feature stays in view. */
  openBoard(seed: number, ply: number): void {
    this.pinned = this.selection?.feature ?? null;
    this.line.openRandom(seed, ply);
  }

  goTo(ply: number): void {
    if (this.line.goTo(ply)) this.#writeAddress('replace');
  }

  pin(feature: number | null): void {
    this.pinned = feature;
    this.announcement = feature === null ? 'Feature unpinned.' : `Feature ${feature} pinned.`;
    this.#writeAddress('push');
    this.#listener();
  }

  setGate(gate: number): void {
    this.gate = gate;
    this.#writeAddress('replace');
    this.#listener();
  }

  /** Looks through another SAE; a pinned feature is none of its own. */
  setSae(id: string): void {
    if (id === this.sae?.id) return;
    this.#wantedSae = id;
    this.pinned = null;
    this.#chooseSae();
    this.#writeAddress('push');
  }

  #reload(): void {
    this.session.unload();
    this.load();
  }

  #chooseSae(): void {
    const { saes } = this.session;
    this.sae = saes.find(({ id }) => id === this.#wantedSae) ?? saes[0] ?? null;
    if (this.sae && this.pinned !== null && this.pinned >= this.sae.features) this.pinned = null;
    this.#read();
  }

  /** Takes up what is new of the game or the model, and asks for what is missing. */
  #read(): void {
    const { line, session } = this;
    this.reading = new Reading(line.game, session.analysis, this.sae?.id ?? null, this.statistics);
    session.want(line.game.transcript, this.sae?.id ?? null);
    this.#listener();
  }

  #takeAddress(address: Address): void {
    this.#wantedSae = address.sae;
    this.pinned = address.feature;
    this.gate = address.gate;
    const anotherDevice = address.device !== this.device;
    this.device = address.device;
    if (anotherDevice) this.#reload();
    else if (this.session.engine) this.#chooseSae();
    this.#opening = address;
    void this.line.openAddress(address.transcript, address.ply).then(() => {
      if (this.#opening === address) this.#opening = null;
    });
  }

  #writeAddress(how: 'push' | 'replace'): void {
    const { game, ply } = this.line;
    const { transcript, ply: at } = this.#opening ?? { transcript: game.transcript, ply };
    const query = writeAddress(
      {
        transcript,
        ply: transcript ? at : null,
        sae: this.#wantedSae,
        feature: this.pinned,
        gate: this.gate,
        device: this.device,
      },
      location.search,
    );
    this.#bar[how](`${location.pathname}${query}${location.hash}`);
  }
}
