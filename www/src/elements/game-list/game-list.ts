import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { FileGame, GameFile } from 'othello-lens';

import { CloseGamesEvent, GamesFileEvent, TranscriptEvent } from '../../events.js';
import type { OpenedFile } from '../../state/game-history.js';
import { count, megabytes } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import { find, type Outcome } from './find.js';
import { styles } from './game-list.styles.js';

/** Games that are shown at once; a button shows as many more. */
const STEP = 25;
/** Moves that a game is shown by. */
const SHOWN = 10;

const OUTCOMES: readonly [Outcome, string][] = [
  ['all', 'Any result'],
  ['black', 'Black won'],
  ['white', 'White won'],
  ['draw', 'Drawn'],
  ['unfinished', 'Not finished'],
];

type Read = Extract<OpenedFile, { state: 'read' }>;

/**
 * The games of a file, to be searched and opened, and what of the file could not be read.
 *
 * @fires ol-transcript - a game was chosen
 * @fires ol-games-file - the file is to be read in another way
 * @fires ol-close-games - the list is to go away
 */
@customElement('ol-game-list')
export class GameList extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) file: OpenedFile | null = null;
  /** The game in view. */
  @property() transcript = '';

  @state() private words = '';
  @state() private outcome: Outcome = 'all';
  @state() private shown = STEP;

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('file');
    if (changed.has('file') && before?.name !== this.file?.name) {
      this.words = '';
      this.outcome = 'all';
      this.shown = STEP;
    }
  }

  protected override render() {
    const { file } = this;
    if (!file) return nothing;
    return html`
      <header>
        <h3>${file.name}</h3>
        <button type="button" @click=${() => this.dispatchEvent(new CloseGamesEvent())}>Close</button>
      </header>
      ${this.#contents(file)}
    `;
  }

  #contents(file: OpenedFile) {
    switch (file.state) {
      case 'reading':
        return html`<p class="told" role="status">
          Reading: ${megabytes(file.loaded)} of ${megabytes(file.total)} …
        </p>`;
      case 'refused':
        return html`<p class="bad" role="alert">
          <b>Not read.</b> ${file.message} The game on the board is as it was.
        </p>`;
      case 'read':
        return this.#read(file);
    }
  }

  #read(read: Read) {
    const { games } = read;
    return html`
      <p class="told" role="status">${summary(games)}</p>
      ${this.#offers(read)}
      ${games.brokenCount > 0 ? broken(games) : nothing}
      ${games.games.length > 0 ? this.#list(games.games) : nothing}
    `;
  }

  #offers({ file, games }: Read) {
    if (games.offers.length === 0) return nothing;
    return html`<div class="offers" role="group" aria-label="Other readings">
      ${games.offers.map(
        ({ name, words, games }) => html`<button
          type="button"
          @click=${() => this.dispatchEvent(new GamesFileEvent(file, name))}
        >Read ${words}: ${plural(games, 'game')}</button>`,
      )}
    </div>`;
  }

  #list(games: readonly FileGame[]) {
    const found = find(games, this.words, this.outcome);
    return html`
      <div class="find" role="search">
        <input
          type="search"
          aria-label="Find games by moves, players, event or result"
          placeholder="f5 d6 …, a player, 40-24"
          .value=${this.words}
          @input=${this.#onWords}
        />
        <select aria-label="Result" .value=${this.outcome} @change=${this.#onOutcome}>
          ${OUTCOMES.map(([value, name]) => html`<option value=${value}>${name}</option>`)}
        </select>
      </div>
      <p class="told" role="status">
        ${found.length === games.length ? nothing : `${count(found.length)} of ${plural(games.length, 'game')}`}
      </p>
      <ol class="list" aria-label="Games of the file" tabindex="0">
        ${found.slice(0, this.shown).map((game) => html`<li>${this.#game(game)}</li>`)}
      </ol>
      ${
        found.length > this.shown
          ? html`<button type="button" class="more" @click=${() => {
              this.shown += STEP;
            }}>Show ${Math.min(STEP, found.length - this.shown)} more</button>`
          : nothing
      }
    `;
  }

  #game(game: FileGame) {
    const { transcript } = game;
    const moves = transcript.match(/../g) ?? [];
    const begin = moves.slice(0, SHOWN).join(' ');
    return html`<button
      type="button"
      class="game"
      aria-pressed=${transcript === this.transcript}
      @click=${() => this.dispatchEvent(new TranscriptEvent(transcript))}
    ><b>${title(game)}</b><span>${about(game)}</span><span><code>${begin}${moves.length > SHOWN ? ' …' : ''}</code></span></button>`;
  }

  readonly #onWords = (event: Event): void => {
    this.words = (event.target as HTMLInputElement).value;
    this.shown = STEP;
  };

  readonly #onOutcome = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    this.outcome = OUTCOMES.find(([outcome]) => outcome === value)?.[0] ?? 'all';
    this.shown = STEP;
  };
}

/** How many games there are, and how they were read. */
function summary({ games, format, readAs, isCut }: GameFile): string {
  const read = readAs ? `, read as ${readAs.words}` : '';
  const more = isCut ? ' There are more, which are not listed.' : '';
  const found = games.length === 0 ? 'No game could be read' : plural(games.length, 'game');
  return `${found} (${FORMATS[format] ?? format})${read}.${more}`;
}

const FORMATS: Record<string, string> = {
  transcript: 'a transcript',
  pgn: 'PGN',
  ggf: 'GGF',
  lists: 'lists',
  lines: 'a game a line',
  wthor: 'WTHOR',
  python: 'rows of numbers of Python',
};

/** The games that could not be read, with their places. */
function broken({ broken, brokenCount }: GameFile) {
  const rest = brokenCount - broken.length;
  return html`<details>
    <summary>${plural(brokenCount, 'game')} could not be read</summary>
    <ol>
      ${broken.map(
        ({ number, line, reason }) =>
          html`<li>Game ${count(number)}${line > 0 ? `, line ${count(line)}` : nothing}: ${reason}.</li>`,
      )}
    </ol>
    ${rest > 0 ? html`<p>… and ${count(rest)} more.</p>` : nothing}
  </details>`;
}

function title({ number, black, white }: FileGame): string {
  const players = black || white ? ` ${black || '?'} – ${white || '?'}` : ` Game ${count(number)}`;
  return black || white ? `${count(number)}.${players}` : players.trim();
}

/** Event, date and result. */
function about(game: FileGame): string {
  const { event, date, result, discs, isOver, transcript } = game;
  const score = result ?? (isOver ? discs : null);
  const end = score ? `${score.black}–${score.white}` : `${transcript.length / 2} moves`;
  const doubt = game.contradiction ? ` (${game.contradiction})` : '';
  return [event, date, `${end}${doubt}`].filter((part) => part !== '').join(' · ');
}

function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-game-list': GameList;
  }
}
