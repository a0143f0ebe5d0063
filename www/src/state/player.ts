import {
  type Analysis,
  type Device,
  type Engine,
  type FeatureStatistics,
  Lens,
  LensError,
  type ModelInfo,
  Othello,
  type Position,
  type Progress,
  type Replay,
  type SaeInfo,
  type Square,
} from 'othello-lens';

import { sideName, squareName } from '../text/squares.js';
import { type Address, AddressBar, readAddress, writeAddress } from './address.js';
import { type Failure, failureOf, isAbort } from './failure.js';
import type { BuiltInGame } from './games.js';
import { type Activity, isOver, Reading } from './reading.js';
import { NO_MOVES, START } from './start.js';

/** Where the bundle lies, from the page. */
const BUNDLE = 'models/small/';

/** A transcript that could not be read to its end. */
export interface BadTranscript {
  /** What was typed. */
  text: string;
  /** Why it stops, with the move's number and text. */
  message: string;
  /** The moves before, which stand. */
  kept: string;
  /** It stood in the page's address: nobody is looking at the box where it would have been typed. */
  fromAddress: boolean;
}

/** A feature in view. */
export interface Selection {
  feature: number;
  /** Pinned by hand; else it is the strongest at this ply. */
  pinned: boolean;
  /** What it adds to the 64 squares' logits; null until known. */
  effect: Float32Array | null;
}

/**
 * The page's state: one game, one lens over it, one ply in view. Elements read it and call its methods;
 * after each change the listeners are called.
 */
export class Player {
  game: Replay = NO_MOVES;
  ply = 0;
  /** Whether moves can be played: the rules are here. */
  playable = false;
  badTranscript: BadTranscript | null = null;

  progress: Progress | null = null;
  model: ModelInfo | null = null;
  saes: readonly SaeInfo[] = [];
  engine: Engine | null = null;
  /** Milliseconds of the last analysis. */
  milliseconds: number | null = null;
  /** Why there is no model, or no rules. */
  failure: Failure | null = null;
  /** Why there are no features. */
  featureFailure: Failure | null = null;

  sae: SaeInfo | null = null;
  statistics: FeatureStatistics | null = null;
  pinned: number | null = null;
  gate = 0;
  device: Device = 'auto';
  seed = 1;
  /** For people who cannot see the board. */
  announcement = '';
  reading = new Reading(NO_MOVES, null, null);

  #othello: Othello | null = null;
  #lens: Lens | null = null;
  #loading = new AbortController();
  #analysis: Analysis | null = null;
  #analysing: AbortController | null = null;
  #again = false;
  #wantedSae: string | null = null;
  readonly #bar = new AddressBar();
  #bringing = false;
  readonly #readySaes = new Set<string>();
  readonly #statistics = new Map<string, FeatureStatistics | null>();
  readonly #effects = new Map<string, Float32Array>();
  #past: { transcript: string; ply: number }[] = [];
  /** Changes of the game follow each other. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes up the page's address and loads what it needs. */
  start(): void {
    window.addEventListener('popstate', () => this.#takeAddress(readAddress(location.search)));
    this.#takeAddress(readAddress(location.search));
    this.load();
  }

  /** Loads the rules and the model, or what of them is missing. */
  load(): void {
    this.#loading.abort();
    this.#loading = new AbortController();
    this.failure = null;
    const { signal } = this.#loading;
    void Promise.all([this.#loadRules(signal), this.#loadLens(signal)]);
  }

  /** Runs on another engine; the game stays. */
  useDevice(device: Device): void {
    if (device === this.device && !this.failure) return;
    this.device = device;
    this.#forgetLens();
    this.#writeAddress('push');
    this.load();
  }

  get position(): Position {
    return this.game.positions[this.ply] ?? START;
  }

  get lastPly(): number {
    return this.game.positions.length - 1;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  /** The active features in view; null where there are none to speak of. */
  get activity(): Activity | null {
    return this.reading.activity(this.ply);
  }

  /** The pinned feature, or the strongest at this ply. */
  get selection(): Selection | null {
    const feature = this.pinned ?? this.activity?.active[0]?.feature;
    if (feature === undefined || !this.sae) return null;
    const effect = this.#effects.get(`${this.sae.id} ${feature}`) ?? null;
    return { feature, pinned: this.pinned !== null, effect };
  }

  /** Shows another ply. */
  goTo(ply: number): void {
    const to = Math.max(0, Math.min(this.lastPly, ply));
    if (to === this.ply) return;
    this.ply = to;
    this.#say(describe(this.position));
    this.#writeAddress('replace');
    this.#changed();
  }

  /** Plays on `square` from the ply in view; later moves give way unless it is the next of them. */
  play(square: Square): void {
    if (!this.playable) return;
    this.#then(async () => {
      const { position } = this;
      if (!position.legal.includes(square)) {
        this.#say(
          `${squareName(square)} is not a legal move${position.toMove ? ` for ${sideName(position.toMove)}` : ''}.`,
        );
        this.#changed();
        return;
      }
      if (this.game.positions[this.ply + 1]?.move === square) {
        this.goTo(this.ply + 1);
        return;
      }
      await this.#open(`${this.game.transcript.slice(0, 2 * this.ply)}${squareName(square)}`, this.ply + 1);
    });
  }

  /** Reads a typed transcript; if it is faulty the game stays. */
  read(text: string): void {
    this.#then(() => this.#open(text, null));
  }

  newGame(): void {
    this.#then(() => this.#open('', 0));
  }

  openGame(game: BuiltInGame): void {
    this.#then(() => this.#open(game.transcript, game.ply));
  }

  /** Opens the random game of `seed`, and offers the next. */
  randomGame(seed: number): void {
    this.#then(async () => {
      if (!this.#othello) return;
      const game = await this.#othello.randomGame(seed);
      this.seed = seed + 1;
      await this.#open(game.transcript, null);
    });
  }

  /** Goes back to the game before the last change. */
  undo(): void {
    this.#then(async () => {
      const before = this.#past.pop();
      if (!before) return;
      await this.#open(before.transcript, before.ply);
      this.#past.pop();
      this.#changed();
    });
  }

  dismissBadTranscript(): void {
    this.badTranscript = null;
    this.#changed();
  }

  pin(feature: number | null): void {
    this.pinned = feature;
    this.#say(feature === null ? 'Feature unpinned.' : `Feature ${feature} pinned.`);
    this.#writeAddress('push');
    this.#changed();
  }

  setGate(gate: number): void {
    this.gate = gate;
    this.#writeAddress('replace');
    this.#changed();
  }

  /** Looks through another SAE; a pinned feature is none of its own. */
  setSae(id: string): void {
    if (id === this.sae?.id) return;
    this.#wantedSae = id;
    this.pinned = null;
    this.#chooseSae();
    this.#writeAddress('push');
    this.#changed();
    this.#analyse();
  }

  /** Tries again to bring the features. */
  retryFeatures(): void {
    this.featureFailure = null;
    this.#changed();
    this.#analyse();
  }

  async #loadRules(signal: AbortSignal): Promise<void> {
    if (this.#othello) return;
    try {
      const othello = await Othello.start({ signal });
      if (signal.aborted) {
        othello.dispose();
        return;
      }
      this.#othello = othello;
      this.playable = true;
      this.#then(async () => {
        this.game = await othello.replay('');
        const { transcript, ply } = readAddress(location.search);
        await this.#show(transcript, ply, true);
      });
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.failure = failureOf('The rules of the game could not be loaded', error);
      this.#changed();
    }
  }

  async #loadLens(signal: AbortSignal): Promise<void> {
    if (this.#lens) return;
    try {
      const lens = await Lens.load(BUNDLE, {
        device: this.device,
        signal,
        onProgress: (progress) => {
          this.progress = progress;
          this.#changed();
        },
      });
      if (signal.aborted) {
        lens.dispose();
        return;
      }
      this.#lens = lens;
      this.model = lens.model;
      this.saes = lens.saes;
      this.engine = lens.engine;
      this.#chooseSae();
      this.#changed();
      this.#analyse();
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      // Without the rules there is nothing to add.
      this.failure ??= failureOf('The model could not be loaded', error);
      this.#changed();
    } finally {
      if (!signal.aborted) this.progress = null;
    }
  }

  #forgetLens(): void {
    this.#analysing?.abort();
    this.#lens?.dispose();
    this.#lens = null;
    this.engine = null;
    this.milliseconds = null;
    this.#analysis = null;
    this.#readySaes.clear();
    this.#refresh();
  }

  #chooseSae(): void {
    this.sae = this.saes.find(({ id }) => id === this.#wantedSae) ?? this.saes[0] ?? null;
    if (this.sae && this.pinned !== null && this.pinned >= this.sae.features) this.pinned = null;
    this.statistics = (this.sae && this.#statistics.get(this.sae.id)) ?? null;
    this.#refresh();
  }

  #takeAddress(address: Address): void {
    this.#wantedSae = address.sae;
    this.pinned = address.feature;
    this.gate = address.gate;
    if (address.device !== this.device) {
      this.device = address.device;
      if (this.#lens) {
        this.#forgetLens();
        this.load();
      }
    }
    if (this.saes.length > 0) this.#chooseSae();
    if (this.#othello) this.#then(() => this.#show(address.transcript, address.ply, true));
    this.#changed();
  }

  #writeAddress(how: 'push' | 'replace'): void {
    const address = writeAddress(
      {
        transcript: this.game.transcript,
        ply: this.game.transcript ? this.ply : null,
        sae: this.#wantedSae,
        feature: this.pinned,
        gate: this.gate,
        device: this.device,
      },
      location.search,
    );
    this.#bar[how](`${location.pathname}${address}${location.hash}`);
  }

  /** Runs `step` after the changes before it. */
  #then(step: () => Promise<unknown>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      this.failure = failureOf('The game could not be changed', error);
      this.#changed();
    });
  }

  /** Makes `text` the game, as a step that can be undone. */
  async #open(text: string, ply: number | null): Promise<void> {
    const before = { transcript: this.game.transcript, ply: this.ply };
    if (!(await this.#show(text, ply))) return;
    if (this.game.transcript !== before.transcript) this.#past.push(before);
    this.#writeAddress('push');
    this.#changed();
  }

  /** Makes `text` the game in view; false, and the game stays, if it cannot be read. */
  async #show(text: string, ply: number | null, fromAddress = false): Promise<boolean> {
    if (!this.#othello) return false;
    try {
      this.game = await this.#othello.replay(text);
    } catch (error) {
      if (!(error instanceof LensError) || error.details.kept === undefined) throw error;
      this.badTranscript = { text, message: error.message, kept: error.details.kept, fromAddress };
      this.#refresh();
      this.#say(error.message);
      this.#changed();
      return false;
    }
    this.badTranscript = null;
    this.ply = Math.min(ply ?? openingPly(this.game), this.lastPly);
    this.#say(describe(this.position));
    this.#refresh();
    this.#analyse();
    return true;
  }

  /** Sees to it that the game in view gets analysed. */
  #analyse(): void {
    if (!this.#lens) return;
    if (this.#analysing) {
      this.#again = true;
      // While weights are under way, breaking off would only cost; else nobody waits for the old game.
      if (!this.sae || this.#readySaes.has(this.sae.id)) this.#analysing.abort();
      return;
    }
    void this.#runAnalyses(this.#lens);
  }

  async #runAnalyses(lens: Lens): Promise<void> {
    const analysing = () => this.#lens === lens;
    do {
      this.#again = false;
      const controller = new AbortController();
      this.#analysing = controller;
      try {
        await this.#analyseOnce(lens, controller.signal);
      } catch (error) {
        if (analysing() && !isAbort(error) && !controller.signal.aborted) {
          if (error instanceof LensError && this.#analysis && this.sae && !this.#readySaes.has(this.sae.id)) {
            this.featureFailure = failureOf('The features could not be loaded', error);
          } else {
            this.failure = failureOf('The model could not be run', error);
          }
          this.#changed();
        }
      }
    } while (analysing() && this.#again);
    if (analysing()) this.#analysing = null;
    else {
      this.#analysing = null;
      this.#analyse();
    }
  }

  async #analyseOnce(lens: Lens, signal: AbortSignal): Promise<void> {
    const { transcript } = this.game;
    const sae = this.sae?.id ?? null;
    // What the model expects does not wait for an SAE's weights.
    if (sae === null || !this.#readySaes.has(sae)) {
      if (!this.reading.isComplete(null)) this.#take(await lens.analyse(transcript, { signal }));
      if (sae === null || this.featureFailure) return;
    }
    if (!this.reading.isComplete(sae)) {
      const onProgress = (progress: Progress) => {
        this.progress = progress;
        this.#changed();
      };
      try {
        const [analysis, statistics] = await Promise.all([
          lens.analyse(transcript, { sae, signal, onProgress }),
          this.#statistics.get(sae) ?? lens.statistics(sae),
        ]);
        this.#readySaes.add(sae);
        this.#statistics.set(sae, statistics);
        if (this.sae?.id === sae) this.statistics = statistics;
        this.#take(analysis);
      } finally {
        this.progress = null;
      }
    }
  }

  #take(analysis: Analysis): void {
    this.#analysis = analysis;
    this.engine = analysis.engine;
    if (analysis.computed > 0) this.milliseconds = analysis.milliseconds;
    this.#refresh();
  }

  /** Fetches the effect of the feature in view. */
  async #bringEffect(): Promise<void> {
    const { selection, sae } = this;
    const lens = this.#lens;
    if (this.#bringing || !lens || !selection || !sae || selection.effect || !this.#readySaes.has(sae.id))
      return;
    this.#bringing = true;
    const key = `${sae.id} ${selection.feature}`;
    try {
      this.#effects.set(key, await lens.directEffect(sae.id, selection.feature));
    } catch (error) {
      if (isAbort(error) || this.#lens !== lens) return;
      this.featureFailure = failureOf('The feature’s effect could not be computed', error);
      this.#effects.set(key, new Float32Array(64).fill(Number.NaN));
    } finally {
      this.#bringing = false;
    }
    this.#changed();
  }

  #refresh(): void {
    this.reading = new Reading(this.game, this.#analysis, this.statistics);
    this.#changed();
  }

  #say(announcement: string): void {
    this.announcement = announcement;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
    void this.#bringEffect();
  }
}

/** The last ply, or, of a game that is over, one where there is something to see. */
function openingPly(game: Replay): number {
  const last = game.positions.length - 1;
  const end = game.positions[last];
  return end && isOver(end) ? Math.min(20, last - 1) : last;
}

/** A position in a sentence or two. */
export function describe(position: Position): string {
  const { move, toMove, skipped, score } = position;
  const last = move === null ? 'Start of the game.' : `Ply ${position.ply}, ${squareName(move)}.`;
  if (!toMove) return `${last} The game is over: Black ${score.black}, White ${score.white}.`;
  const again = skipped ? `${sideName(toMove === 'black' ? 'white' : 'black')} has no move. ` : '';
  return `${last} ${again}${sideName(toMove)} to move.`;
}
