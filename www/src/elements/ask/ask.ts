import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Label } from 'othello-lens';

import { AskEvent } from '../../ask/events.js';
import { type Askable, completions, type Question, readQuestion } from '../../ask/question.js';
import { base, controls } from '../base.styles.js';
import { styles } from './ask.styles.js';

/** How many completions are listed. */
const LISTED = 10;

type Refused = Extract<Question, { kind: 'unknown' }>;

/**
 * Where a question is typed: a combobox that completes the names of labels.
 *
 * @fires ol-ask - something was asked that has an answer
 */
@customElement('ol-ask')
export class Ask extends LitElement {
  static override styles = [base, controls, styles];

  /** What can be asked about; null until it is known. */
  @property({ attribute: false }) askable: Askable | null = null;
  /** The question that is answered; the field follows it. */
  @property() question = '';

  @state() private text = '';
  @state() private refused: Refused | null = null;
  /** The completions on show. */
  @state() private listed: readonly Label[] = [];
  /** The completion that the keyboard is on; −1 is none. */
  @state() private at = -1;
  /** What was asked before it was known what can be asked about. */
  #waiting: string | null = null;
  @query('input') private readonly input!: HTMLInputElement;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('askable') && this.askable && this.#waiting !== null) {
      const text = this.#waiting;
      this.#waiting = null;
      // Its event changes what this element is told, which is for after this update.
      queueMicrotask(() => this.ask(text));
    }
    if (changed.has('question')) {
      this.text = this.question;
      this.refused = null;
    }
  }

  /** Takes `text` as if it had been typed and asked. */
  ask(text: string): void {
    this.text = text;
    this.#close();
    if (!this.askable) {
      this.#waiting = text;
      return;
    }
    const question = readQuestion(text, this.askable);
    this.refused = question.kind === 'unknown' ? question : null;
    if (question.kind !== 'unknown') this.dispatchEvent(new AskEvent(question));
  }

  protected override render() {
    const open = this.listed.length > 0;
    return html`
      <form @submit=${this.#onSubmit}>
        <label for="question">Ask which feature knows it</label>
        <div class="field">
          <input
            id="question"
            role="combobox"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            placeholder="own c4"
            aria-autocomplete="list"
            aria-expanded=${open ? 'true' : 'false'}
            aria-controls="completions"
            aria-activedescendant=${this.at >= 0 ? `completion-${this.at}` : nothing}
            aria-describedby="examples"
            aria-invalid=${this.refused ? 'true' : nothing}
            .value=${this.text}
            @input=${this.#onInput}
            @keydown=${this.#onKey}
            @blur=${this.#close}
          />
          <ul id="completions" role="listbox" aria-label="Completions" ?hidden=${!open}>
            ${this.listed.map((label, at) => this.#option(label, at))}
          </ul>
        </div>
        <button class="main">Ask</button>
      </form>
      <p id="examples">
        A square’s content or a move, such as <b>own c4</b>, <b>legal f5</b>, <b>flipped d3</b>; or a feature by its
        number, <b>#42</b>, <b>layer 5 #42</b>.
      </p>
      <div role="alert">${this.refused ? this.#refusal(this.refused) : nothing}</div>
    `;
  }

  #option(label: Label, at: number) {
    // The focus stays in the field.
    const keep = (event: Event) => event.preventDefault();
    return html`<li
      id=${`completion-${at}`}
      role="option"
      aria-selected=${at === this.at ? 'true' : 'false'}
      @mousedown=${keep}
      @click=${() => this.ask(label.name)}
    >
      <b>${label.name}</b> <span>${label.title}</span>
    </li>`;
  }

  #refusal({ why, nearest }: Refused) {
    return html`<p class="refusal">
      ${why} ${nearest === null ? nothing : html`<button type="button" @click=${() => this.#mend(nearest)}>Ask “${nearest}”</button>`}
    </p>`;
  }

  #mend(text: string): void {
    this.input.focus();
    this.ask(text);
  }

  #onSubmit = (event: Event): void => {
    event.preventDefault();
    this.ask(this.input.value);
  };

  #onInput = (): void => {
    this.text = this.input.value;
    this.listed = this.askable ? completions(this.text, this.askable.sets, LISTED) : [];
    this.at = -1;
  };

  #onKey = (event: KeyboardEvent): void => {
    const { listed, at } = this;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' && listed.length > 0) this.#close();
    else if (event.key === 'ArrowDown' && listed.length === 0) this.#onInput();
    else if (event.key === 'ArrowDown') this.at = (at + 1) % listed.length;
    else if (event.key === 'ArrowUp' && listed.length > 0) this.at = (at <= 0 ? listed.length : at) - 1;
    else if (event.key === 'Enter' && at >= 0) this.ask(listed[at]?.name ?? this.text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #close = (): void => {
    this.listed = [];
    this.at = -1;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-ask': Ask;
  }
}
