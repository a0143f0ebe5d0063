import { html, LitElement, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { GamesFileEvent, RandomGameEvent, TranscriptEvent } from '../../events.js';
import type { BadTranscript, OpenedFile } from '../../state/game-history.js';
import { GAMES } from '../../state/games.js';
import { base, controls } from '../base.styles.js';
import { styles } from './games.styles.js';

/** Characters of a paste that the box is given. */
const MOST_SHOWN = 20_000;

/**
 * Where games come from: typed, pasted, of a file, built in, drawn at random.
 *
 * @fires ol-transcript - a transcript is to be read, or a built-in game was chosen
 * @fires ol-games-file - a file of games was chosen
 * @fires ol-random-game - a random game is wanted
 */
@customElement('ol-games')
export class Games extends LitElement {
  static override styles = [base, controls, styles];

  /** The game's moves. */
  @property() transcript = '';
  @property({ attribute: false }) bad: BadTranscript | null = null;
  /** A file of games that was opened. */
  @property({ attribute: false }) file: OpenedFile | null = null;
  /** How the result that came with the game differs from its moves. */
  @property({ attribute: false }) contradiction: string | null = null;
  @property({ type: Number }) seed = 1;
  @property({ type: Boolean }) playable = false;
  /** Whether the list of a file's games could not be loaded. */
  @state() private listMissing = false;

  @query('textarea') private box!: HTMLTextAreaElement | null;

  protected override willUpdate(): void {
    // Few visitors have a file: the list of its games comes with it.
    if (this.file)
      import('../game-list/game-list.js').catch(() => {
        this.listMissing = true;
      });
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { box } = this;
    if (!box) return;
    // What was typed stays until it is read.
    if (changed.has('transcript') || (changed.has('bad') && !this.bad)) box.value = spaced(this.transcript);
    if (changed.has('bad') && this.bad) box.value = this.bad.text;
  }

  protected override render() {
    const { bad, playable } = this;
    return html`
      <form @submit=${this.#onRead}>
        <label for="transcript"><h2>Transcript</h2></label>
        <textarea
          id="transcript"
          rows="4"
          spellcheck="false"
          autocomplete="off"
          autocapitalize="off"
          placeholder="f5 d6 c3 … type or paste a game, or many"
          aria-invalid=${bad ? 'true' : 'false'}
          aria-describedby="bad"
          @keydown=${this.#onKey}
          @paste=${this.#onPaste}
        ></textarea>
        <div id="bad" role="alert">
          ${
            bad
              ? html`<p class="bad">
                  <span><b>Not read.</b> ${bad.message} The game on the board is as it was.</span>
                  ${
                    bad.kept
                      ? html`<button type="button" @click=${() => this.#read(bad.kept)}>
                          ${openKept(bad.kept)}
                        </button>`
                      : ''
                  }
                  ${bad.offers.map(
                    ({
                      words,
                      transcript,
                    }) => html`<button type="button" @click=${() => this.#read(transcript)}>
                      Read ${isAdjective(words) ? words : `as ${words}`}: <code>${begin(transcript)}</code>
                    </button>`,
                  )}
                </p>`
              : ''
          }
        </div>
        ${
          this.contradiction && !bad
            ? html`<p class="told" role="status">The game was read; ${this.contradiction}.</p>`
            : ''
        }
        <div class="row">
          <button class="main" ?disabled=${!playable}>Read transcript</button>
          <button type="button" ?disabled=${!playable} @click=${this.#onChoose}>Open a file…</button>
          <input class="unseen" type="file" tabindex="-1" aria-hidden="true" @change=${this.#onFile} />
        </div>
        <p class="hint">
          Transcripts, PGN, GGF, WTHOR and lists are read, one game or thousands; a file can be dropped on the board
          too. It stays in this tab.
        </p>
        ${this.file && this.listMissing ? html`<p class="bad" role="alert">The list of games could not be loaded: check the connection, and reload the page.</p>` : ''}
        ${this.file ? html`<ol-game-list .file=${this.file} .transcript=${this.transcript}></ol-game-list>` : ''}
      </form>
      <section aria-labelledby="built-in">
        <h2 id="built-in">Games to start from</h2>
        <ul>
          ${GAMES.map(
            (game) => html`<li>
              <button
                class="game"
                ?disabled=${!playable}
                aria-pressed=${game.transcript === this.transcript}
                @click=${() => this.dispatchEvent(new TranscriptEvent(game.transcript, game.ply))}
              ><b>${game.title}</b><span>${game.about}</span></button>
            </li>`,
          )}
        </ul>
        <form class="row" @submit=${this.#onRandom}>
          <button ?disabled=${!playable}>Random game</button>
          <label class="seed">seed <input name="seed" type="number" min="0" max="4294967295" step="1" required .value=${String(this.seed)} /></label>
          <span class="hint">The model learned from games like these: each move drawn at random from the legal ones.</span>
        </form>
      </section>
    `;
  }

  #onRead = (event: Event): void => {
    event.preventDefault();
    this.#read(this.box?.value ?? '');
  };

  #onChoose = (): void => {
    this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')?.click();
  };

  #onFile = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    // The same file may be chosen again.
    input.value = '';
    if (file) this.dispatchEvent(new GamesFileEvent(file));
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey) this.#onRead(event);
  };

  /** A paste into an emptied or wholly selected box is a game to be read at once. */
  #onPaste = (event: ClipboardEvent): void => {
    const { box } = this;
    const text = event.clipboardData?.getData('text') ?? '';
    if (
      !box ||
      !text.slice(0, MOST_SHOWN).trim() ||
      (text.length <= MOST_SHOWN && box.selectionEnd - box.selectionStart < box.value.length)
    )
      return;
    event.preventDefault();
    // What is refused is shown by how it begins: a box of millions of characters would stop the page.
    if (text.length <= MOST_SHOWN) box.value = text;
    this.#read(text);
  };

  #read(text: string): void {
    this.dispatchEvent(new TranscriptEvent(text));
  }

  #onRandom = (event: SubmitEvent): void => {
    event.preventDefault();
    const seed = Number(new FormData(event.target as HTMLFormElement).get('seed'));
    this.dispatchEvent(new RandomGameEvent(seed));
  };
}

/** What the button says that opens the moves before a faulty one. */
export function openKept(kept: string): string {
  return kept.length === 2 ? 'Open the move before it' : `Open the ${kept.length / 2} moves before it`;
}

/** Whether the words of a reading need no "as" before them. */
function isAdjective(words: string): boolean {
  return words.startsWith('mirrored');
}

/** Moves that a reading is shown by. */
const SHOWN = 4;

/** `f5 d6 c3 d3 …` of a transcript. */
function begin(transcript: string): string {
  return spaced(transcript.slice(0, 2 * SHOWN)) + (transcript.length > 2 * SHOWN ? ' …' : '');
}

/** `f5 d6 c3` of `f5d6c3`. */
function spaced(transcript: string): string {
  return transcript.replace(/..(?=.)/g, '$& ');
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-games': Games;
  }
}
