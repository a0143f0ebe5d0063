import { LensError, Othello, type Position, type Replay, type Square } from 'othello-lens';

import { sentence } from '../text/sentence.js';
import { sideName, squareName } from '../text/squares.js';
import { isOver } from './analysis-view.js';
import { type Failure, failureOf } from './failure.js';
import { NO_MOVES, START } from './start.js';

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

/** What a history of games tells of. */
export interface GameHistoryEvents {
  /** Something is to be drawn anew. */
  changed(): void;
  /** Another game is there. */
  replaced(): void;
  /** It is a step that the back button should undo. */
  stepped(): void;
  /** Something happened that people should hear who cannot see the board. */
  said(text: string): void;
}

/** One game, the ply in view, and the way back through what was done to it. */
export class GameHistory {
  game: Replay = NO_MOVES;
  ply = 0;
  /** Whether moves can be played: the rules are here. */
  playable = false;
  bad: BadTranscript | null = null;
  /** The square that was chosen in this position though no move there is legal. */
  refused: Square | null = null;
  /** Why there are no rules. */
  failure: Failure | null = null;
  /** The seed of the next random game. */
  seed = 1;

  #othello: Othello | null = null;
  #loading = false;
  #rules = later();
  readonly #past: { transcript: string; ply: number }[] = [];
  /** Changes of the game follow each other. */
  #turn: Promise<void> = Promise.resolve();
  readonly #events: GameHistoryEvents;

  constructor(events: GameHistoryEvents) {
    this.#events = events;
  }

  get position(): Position {
    return this.game.positions[this.ply] ?? START;
  }

  get lastPly(): number {
    return this.game.positions.length - 1;
  }

  get canUndo(): boolean {
    return this.#past.some(({ transcript }) => transcript !== this.game.transcript);
  }

  /** Loads the rules, unless they are here and have not failed. */
  async load(): Promise<void> {
    const { failure } = this;
    if (this.#loading) return;
    this.failure = null;
    if (this.#othello) {
      if (!failure) return;
      this.#othello.dispose();
      this.#othello = null;
      this.#rules = later();
    }
    this.#loading = true;
    try {
      const othello = await Othello.start();
      if (this.game === NO_MOVES) this.game = await othello.replay('');
      this.#othello = othello;
      this.playable = true;
      this.#events.replaced();
      this.#rules.come();
    } catch (error) {
      this.failure = failureOf('The rules of the game could not be loaded', error);
      this.#events.changed();
    } finally {
      this.#loading = false;
    }
  }

  /** Shows another ply; false if it is the one in view. */
  goTo(ply: number): boolean {
    const to = Math.max(0, Math.min(this.lastPly, ply));
    if (to === this.ply) return false;
    this.ply = to;
    this.refused = null;
    this.#events.said(describe(this.position));
    this.#events.changed();
    return true;
  }

  /** Plays on `square` from the ply in view; later moves give way unless it is the next of them. */
  play(square: Square): void {
    // Until then no move is legal, and no game is there to play it in.
    if (!this.playable) return;
    void this.#then(async () => {
      const { position } = this;
      if (!position.legal.includes(square)) {
        const side = position.toMove ? ` for ${sideName(position.toMove)}` : '';
        this.refused = square;
        this.#events.said(`${squareName(square)} is not a legal move${side}.`);
        this.#events.changed();
      } else if (this.game.positions[this.ply + 1]?.move === square) {
        this.goTo(this.ply + 1);
        this.#events.stepped();
      } else {
        const before = this.game.transcript.slice(0, 2 * this.ply);
        await this.#step(`${before}${squareName(square)}`, this.ply + 1);
      }
    });
  }

  /** Makes a typed game the one in view; if it is faulty the game stays. */
  open(text: string, ply: number | null = null): void {
    void this.#then(() => this.#step(text, ply));
  }

  /** Shows what the page's address says; resolves once it was read. */
  openAddress(text: string, ply: number | null): Promise<void> {
    return this.#then(() => this.#show(text, ply, true));
  }

  /** Shows a game that the page chose, a transcript or the random game of a seed; it is no step of anybody. */
  openExample(game: number | string, ply: number): Promise<void> {
    return this.#then(async (othello) => {
      const transcript = typeof game === 'string' ? game : (await othello.randomGame(game)).transcript;
      await this.#show(transcript, ply);
    });
  }

  /** Opens the random game of `seed`: at `ply`, or to be looked through, and then offers the next. */
  openRandom(seed: number, ply: number | null = null): void {
    void this.#then(async (othello) => {
      const { transcript } = await othello.randomGame(seed);
      if (ply === null) this.seed = seed + 1;
      await this.#step(transcript, ply);
    });
  }

  /** Goes back to the game before the last change. */
  undo(): void {
    void this.#then(async () => {
      let before = this.#past.pop();
      // The browser's back button may have been there already.
      while (before?.transcript === this.game.transcript) before = this.#past.pop();
      if (before && (await this.#show(before.transcript, before.ply))) this.#events.stepped();
    });
  }

  dismissBad(): void {
    this.bad = null;
    this.#events.changed();
  }

  /** Runs `change` after those before it, once the rules are here. */
  #then(change: (othello: Othello) => Promise<unknown>): Promise<void> {
    this.#turn = this.#turn
      .then(() => this.#rules.here)
      .then(() => this.#othello && change(this.#othello))
      .then(
        () => {},
        (error: unknown) => {
          this.failure = failureOf('The game could not be changed', error);
          this.#events.changed();
        },
      );
    return this.#turn;
  }

  /** Makes `text` the game, as a step that can be undone. */
  async #step(text: string, ply: number | null): Promise<void> {
    const before = { transcript: this.game.transcript, ply: this.ply };
    if (!(await this.#show(text, ply))) return;
    if (this.game.transcript !== before.transcript) this.#past.push(before);
    this.#events.stepped();
  }

  /** Makes `text` the game in view; false, and the game stays, if it cannot be read. */
  async #show(text: string, ply: number | null, fromAddress = false): Promise<boolean> {
    if (!this.#othello) return false;
    try {
      this.game = await this.#othello.replay(text);
    } catch (error) {
      if (!(error instanceof LensError) || error.details.kept === undefined) throw error;
      const message = sentence(error.message);
      this.bad = { text, message, kept: error.details.kept, fromAddress };
      this.#events.said(message);
      this.#events.changed();
      return false;
    }
    this.bad = null;
    this.refused = null;
    this.ply = Math.min(ply ?? openingPly(this.game), this.lastPly);
    this.#events.said(describe(this.position));
    this.#events.replaced();
    return true;
  }
}

/** Something to wait for. */
function later(): { here: Promise<void>; come: () => void } {
  let come = () => {};
  const here = new Promise<void>((resolve) => {
    come = resolve;
  });
  return { here, come };
}

/** The last ply, or, of a game that is over, one where there is something to see. */
function openingPly(game: Replay): number {
  const last = game.positions.length - 1;
  const end = game.positions[last];
  return end && isOver(end) ? Math.min(20, last - 1) : last;
}

/** A position in a sentence or two. */
function describe({ ply, move, toMove, skipped, score }: Position): string {
  const last = move === null ? 'Start of the game.' : `Ply ${ply}, ${squareName(move)}.`;
  if (!toMove) return `${last} The game is over: Black ${score.black}, White ${score.white}.`;
  const again = skipped ? `${sideName(toMove === 'black' ? 'white' : 'black')} has no move. ` : '';
  return `${last} ${again}${sideName(toMove)} to move.`;
}
