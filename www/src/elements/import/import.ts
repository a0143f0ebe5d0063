import { html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ImportQuestion } from 'othello-lens';

import { BundleEvent, GamesFileEvent } from '../../events.js';
import { type Bundle, keptBundle } from '../../state/bundles.js';
import type { Opened } from '../../state/files.js';
import { answeredCandidate, Importing, type Part, WHAT, whyWrong } from '../../state/importing.js';
import { count, percent } from '../../text/numbers.js';
import { sentence } from '../../text/sentence.js';
import { base, controls, dialog } from '../base.styles.js';
import { styles } from './import.styles.js';

const KINDS = {
  model: 'Model',
  dictionary: 'Dictionary',
  probe: 'Probe',
  bundle: 'Bundle',
} as const;

/** What a number behind an answer is a share of. */
const MEASURES = {
  illegal_top1: 'illegal',
  fvu: 'unexplained',
  wrong_squares: 'of squares wrong',
} as const;

/**
 * Shows what files were recognised as, asks for what they do not tell, checks the answers, and opens the bundle that
 * comes of it.
 *
 * @fires ol-bundle - the bundle is to be loaded
 */
@customElement('ol-import')
export class Import extends LitElement {
  static override styles = [base, controls, dialog, styles];

  @state() private importing!: Importing;
  @query('dialog') private dialog!: HTMLDialogElement;

  /** Opens the dialog over the page, from `host`, at which its events arrive; it goes when it is closed. */
  static async open(files: readonly Opened[], current: Bundle, host: ParentNode): Promise<void> {
    const element = document.createElement('ol-import');
    const importing = new Importing(files, current, () => element.requestUpdate());
    element.importing = importing;
    host.append(element);
    await element.updateComplete;
    element.dialog.showModal();
    await importing.start();
    // Lists of games are pickled, too.
    const [only, more] = files;
    if (!only || more || typeof only === 'string' || !(only.file instanceof File)) return;
    if (importing.parts.length > 0 || !importing.refused.every(({ isOther }) => isOther)) return;
    if (importing.refused.length === 0) return;
    element.dispatchEvent(new GamesFileEvent(only.file));
    element.dialog.close();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.importing.dispose();
  }

  protected override render() {
    const { parts, addsTo, doing, failure, refused, missing } = this.importing;
    const some = parts.length > 0;
    return html`
      <dialog aria-labelledby="title" @close=${() => this.remove()}>
        <div class="head">
          <h2 id="title">Open files of your own</h2>
          <button type="button" @click=${() => this.dialog.close()}>Close</button>
        </div>
        <p class="told">Nothing of them is run, and nothing is sent anywhere.</p>
        ${parts.map((part) => this.#part(part))}
        ${
          refused.length > 0 || failure
            ? html`<div class="refused" role="alert">
                ${failure && (some || refused.length === 0) ? html`<p>${failure}</p>` : nothing}
                ${refused.map(({ reason }) => html`<p>${reason}.</p>`)}
                <p>The model and the game in view are as they were.</p>
              </div>`
            : nothing
        }
        ${
          some
            ? html`<div class="name">
                <label>Call it <input .value=${live(this.importing.name)} maxlength="60" @change=${this.#onName} /></label>
              </div>`
            : nothing
        }
        <div class="doing" role="status">${doing ? html`${doing} … ${this.#bar()}` : nothing}</div>
        ${
          some
            ? html`<div class="actions">
                <button type="button" class="main" ?disabled=${doing !== null || missing !== null} @click=${this.#onOpen}>
                  Open it
                </button>
                <p>
                  ${
                    missing ??
                    (addsTo
                      ? `It is added to ${addsTo.title}, and kept in this browser until you remove it.`
                      : 'It is kept in this browser until you remove it.')
                  }
                </p>
              </div>`
            : nothing
        }
      </dialog>
    `;
  }

  #part(part: Part) {
    const { item, chosen, fault } = part;
    return html`<section class="part" aria-label=${item.file}>
      <label>
        <input
          type="checkbox"
          .checked=${live(chosen)}
          ?disabled=${this.importing.doing !== null}
          @change=${(event: Event) => this.importing.choose(part, (event.target as HTMLInputElement).checked)}
        />
        <span><b>${item.file}</b></span>
      </label>
      <p class="about">${KINDS[item.kind]}, ${item.family}: ${item.about}${item.reads ? `, reads ${item.reads}` : ''}</p>
      ${item.said.map((said) => html`<p class="said">${sentence(said)}</p>`)}
      ${chosen ? item.questions.map((question) => this.#question(part, question)) : nothing}
      ${chosen && item.reads ? this.#told(part) : nothing}
      ${fault ? html`<p class="fault">${fault}</p>` : nothing}
    </section>`;
  }

  #question(part: Part, { fact, options, why }: ImportQuestion) {
    const ranking = part.rankings[fact];
    const answer = part.answers[fact] ?? '';
    const ranked = ranking?.candidates ?? [];
    // Best first; what was not measured comes after it.
    const all = [...ranked.map((each) => each.answer), ...options, answer].filter(
      (each, at, list) => each !== '' && list.indexOf(each) === at,
    );
    const words = (option: string) => {
      const found = ranked.find((each) => each.answer === option);
      if (!found || !ranking) return option;
      return found.value < 1
        ? `${option}: ${percent(found.value)} ${MEASURES[ranking.measure]}`
        : `${option}: explains nothing`;
    };
    const wrong = whyWrong(part, fact);
    return html`<div class="question">
      <label>
        <span>${sentence(WHAT[fact]).slice(0, -1)}</span>
        <select
          ?disabled=${this.importing.doing !== null}
          @change=${(event: Event) => this.importing.answer(part, fact, (event.target as HTMLSelectElement).value)}
        >
          ${answer === '' ? html`<option value="" selected>choose …</option>` : nothing}
          ${all.map((option) => html`<option value=${option} .selected=${option === answer}>${words(option)}</option>`)}
        </select>
      </label>
      <p class="why">${sentence(why)} ${this.#checked(part, fact)}</p>
      ${wrong ? html`<p class="fault">${wrong}</p>` : nothing}
    </div>`;
  }

  /** What was found under the answer in view. */
  #checked(part: Part, fact: ImportQuestion['fact']) {
    const ranking = part.rankings[fact];
    const found = answeredCandidate(part, fact);
    if (!ranking) return nothing;
    if (!ranking.clear && ranking.candidates.length > 1)
      return found && found.value < 0.5 && ranking.measure !== 'illegal_top1'
        ? 'By how well it does in random games others are close: choose another one if you know it.'
        : 'How well it does in random games tells no answer from the next: choose the one that you know.';
    if (!found) return nothing;
    return `Told by ${count(found.positions)} positions of random games.`;
  }

  /** How well a part does that tells itself what it reads. */
  #told(part: Part) {
    const ranking = part.rankings.reads;
    const found = answeredCandidate(part, 'reads');
    if (!ranking) return nothing;
    const [best] = ranking.candidates;
    if (!found)
      return html`<p class="fault">
        The model has no ${part.item.reads} that it could read${best ? `; it could read ${best.answer}` : ''}.
      </p>`;
    return found.value < 1
      ? html`<p class="why">
          There it leaves ${percent(found.value)} ${MEASURES[ranking.measure]}, in ${count(found.positions)} positions of
          random games.
        </p>`
      : html`<p class="fault">
          There it explains nothing, in ${count(found.positions)} positions of random games: it was made for another
          model, or for another place.
        </p>`;
  }

  #bar() {
    const { progress } = this.importing;
    return progress && progress.total > 0
      ? html`<progress max=${progress.total} .value=${progress.loaded} aria-label="Progress"></progress>`
      : nothing;
  }

  readonly #onName = (event: Event): void => {
    this.importing.name = (event.target as HTMLInputElement).value;
  };

  readonly #onOpen = async (): Promise<void> => {
    const kept = await this.importing.keep();
    if (!kept) return;
    this.dispatchEvent(new BundleEvent(keptBundle(kept)));
    this.dialog.close();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-import': Import;
  }
}
