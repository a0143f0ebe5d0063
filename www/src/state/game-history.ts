import {
  type GameFile,
  LensError,
  Othello,
  type Position,
  type Progress,
  type Replay,
  type Square,
  type TranscriptOffer,
} from 'othello-lens';

import { count } from '../text/numbers.js';
import { sentence } from '../text/sentence.js';
import { sideName, squareName } from '../text/squares.js';
import { type Failure, failureOf } from './failure.js';
import { NO_MOVES, START } from './start.js';

/** A transcript that could not be read to its end. */
export interface BadTranscript {
  /** What was typed, or how it begins. */
  text: string;
  /** Why it stops, with the move's number and text. */
  message: string;
  /** The moves before, which stand. */
  kept: string;
  /** Readings under which it is a game. */
  offers: readonly TranscriptOffer[];
  /** It stood in the page's address: nobody is looking at the box where it would have been typed. */
  fromAddress: boolean;
}

/** A line of play that was left for another, and the ply at which it was. */
export interface Line {
  transcript: string;
  ply: number;
}

/** A file of games, as far as it is read. */
export type OpenedFile =
  | { state: 'reading'; name: string; loaded: number; total: number }
  | { state: 'read'; name: string; file: File; games: GameFile }
  | { state: 'refused'; name: string; message: string };

/** Characters of sixty moves with blanks between them. */
const ONE_GAME = 180;
/** No single game that people write down is longer, in characters; what is, is read as a file of games. */
const LONGEST_TEXT = 20_000;

/** How many lines are kept to go back to. */
const MOST_LINES = 12;

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
  /** The games of a file that was opened. */
  file: OpenedFile | null = null;
  /** The square that was chosen in this position though no move there is legal. */
  refused: Square | null = null;
  /** Why there are no rules. */
  failure: Failure | null = null;
  /** The seed of the next random game. */
  seed = 1;
  /** The lines that were left, the last one first; no line of which another has all moves is among them. */
  lines: readonly Line[] = [];

  #othello: Othello | null = null;
  #loading = false;
  #rules = later();
  readonly #past: { transcript: string; ply: number }[] = [];
  /** Changes of the game follow each other. */
  #turn: Promise<void> = Promise.resolve();
  /** Ends the reading of a file for which another was chosen. */
  #reading = new AbortController();
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

  /** Whether it is known what is legal: the rules are here, or positions that came without them. */
  get isKnown(): boolean {
    return this.game !== NO_MOVES;
  }

  /** Shows a game whose positions are known, before the rules are here. */
  openKnown({ transcript, positions }: Omit<Replay, 'contradiction'>, ply: number): void {
    this.game = { transcript, positions, contradiction: null };
    this.ply = ply;
    this.#events.said(describe(this.position));
    this.#events.replaced();
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
    const { position: seen } = this;
    void this.#then(async () => {
      const { position } = this;
      // A click that came before the rules is of the board that was there.
      if (seen === START && position.ply > 0) return;
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

  /**
   * Reads a file of games: a single game is opened, several are listed. The game in view stays until one of them is
   * chosen.
   */
  async openFile(file: File, readAs: string | null = null): Promise<void> {
    const reading = new AbortController();
    this.#reading.abort();
    this.#reading = reading;
    const { signal } = reading;
    const { name } = file;
    this.#tellFile({ state: 'reading', name, loaded: 0, total: file.size });
    await this.#rules.here;
    if (!this.#othello || signal.aborted) return;
    const onProgress = ({ loaded, total }: Progress) =>
      this.#tellFile({ state: 'reading', name, loaded, total });
    try {
      const games = await this.#othello.readGames(file, {
        signal,
        onProgress,
        ...(readAs === null ? {} : { readAs }),
      });
      const [only] = games.games;
      if (only && games.games.length === 1 && games.brokenCount === 0) {
        this.#tellFile(null);
        this.open(only.transcript);
        return;
      }
      this.#events.said(`${name}: ${count(games.games.length)} games.`);
      this.#tellFile({ state: 'read', name, file, games });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LensError)) throw error;
      this.#events.said(`${name} could not be read: ${error.message}.`);
      this.#tellFile({ state: 'refused', name, message: sentence(error.message) });
    }
  }

  /** Puts the list of games away. */
  closeFile(): void {
    this.#reading.abort();
    this.#tellFile(null);
  }

  /** Shows what the page's address says; resolves once it was read. */
  openAddress(text: string, ply: number | null): Promise<void> {
    return this.#then(() => this.#show(text, ply, true));
  }

  /** Shows a game that the page chose, which is no step of the reader's. */
  openExample(transcript: string, ply: number): Promise<void> {
    return this.#then(() => this.#show(transcript, ply));
  }

  /** Opens the random game of `seed`: at `ply`, or to be looked through, and then offers the next. */
  openRandom(seed: number, ply: number | null = null): void {
    void this.#then(async (othello) => {
      const { transcript } = await othello.randomGame(seed);
      if (ply === null) this.seed = seed + 1;
      await this.#step(transcript, ply);
    });
  }

  /** The moves of a seed's random game, once the rules are here. */
  async randomGame(seed: number): Promise<Replay> {
    await this.#rules.here;
    if (!this.#othello) throw new Error('the rules went away');
    return this.#othello.randomGame(seed);
  }

  /** Goes back to the game before the last change; what was undone stays among the lines. */
  undo(): void {
    void this.#then(async () => {
      const undone = { transcript: this.game.transcript, ply: this.ply };
      let before = this.#past.pop();
      // The browser's back button may have been there already.
      while (before?.transcript === this.game.transcript) before = this.#past.pop();
      if (!before || !(await this.#show(before.transcript, before.ply))) return;
      this.#keep(undone);
      this.#events.stepped();
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
    this.#keep(before);
    this.#events.stepped();
  }

  /** Keeps a line that was left, unless the game in view has all of its moves. */
  #keep(left: Line): void {
    const { transcript } = this.game;
    const goesOn = (line: Line, from: string) => line.transcript.startsWith(from);
    const others = this.lines.filter(
      (line) => !transcript.startsWith(line.transcript) && !left.transcript.startsWith(line.transcript),
    );
    const known =
      transcript.startsWith(left.transcript) || others.some((line) => goesOn(line, left.transcript));
    this.lines = (known ? others : [left, ...others]).slice(0, MOST_LINES);
  }

  /** Makes `text` the game in view; false, and the game stays, if it cannot be read as one. */
  async #show(text: string, ply: number | null, fromAddress = false): Promise<boolean> {
    if (!this.#othello) return false;
    if (text.length > LONGEST_TEXT) {
      void this.openFile(new File([text], 'pasted text'));
      return false;
    }
    try {
      this.game = await this.#othello.replay(text);
    } catch (error) {
      if (!(error instanceof LensError) || error.details.kept === undefined) throw error;
      const { kept, offers = [] } = error.details;
      if (!fromAddress && mayHoldSeveral(text) && (await this.#list(text))) return false;
      this.#refuse({ text, message: sentence(error.message), kept, offers, fromAddress });
      return false;
    }
    this.bad = null;
    this.refused = null;
    this.ply = Math.min(ply ?? this.lastPly, this.lastPly);
    this.#events.said(describe(this.position));
    this.#events.replaced();
    return true;
  }

  /** Lists the games of a text that is no single one; false if there are no two in it. */
  async #list(text: string): Promise<boolean> {
    try {
      const games = await this.#othello?.readGames(text);
      if (!games || games.games.length < 2) return false;
      this.bad = null;
      this.#events.said(`${count(games.games.length)} games.`);
      this.#tellFile({ state: 'read', name: 'pasted text', file: new File([text], 'pasted text'), games });
      return true;
    } catch (error) {
      if (error instanceof LensError) return false;
      throw error;
    }
  }

  #tellFile(file: OpenedFile | null): void {
    this.file = file;
    this.#events.changed();
  }

  #refuse(bad: BadTranscript): void {
    this.bad = bad;
    this.#events.said(bad.message);
    this.#events.changed();
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

/** A position in a sentence or two. */
function describe({ ply, move, toMove, skipped, score }: Position): string {
  const last = move === null ? 'Start of the game.' : `Ply ${ply}, ${squareName(move)}.`;
  if (!toMove) return `${last} The game is over: Black ${score.black}, White ${score.white}.`;
  const again = skipped ? `${sideName(toMove === 'black' ? 'white' : 'black')} has no move. ` : '';
  return `${last} ${again}${sideName(toMove)} to move.`;
}

/** Whether a text is looked through for several games, with a program that has to be loaded for it. */
function mayHoldSeveral(text: string): boolean {
  return text.length > ONE_GAME || text.trim().includes('\n');
}
