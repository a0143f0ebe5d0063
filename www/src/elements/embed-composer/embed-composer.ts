import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { describeFeature } from 'othello-lens/elements';

import { type Choice, elementAttributes, embedCode, frameAddress, type Subject } from '../../embed/code.js';
import { readSize, type Theme } from '../../embed/messages.js';
import { SWITCHES, type SwitchKey } from '../../embed/query.js';
import { bundleOf, isKept } from '../../state/bundles.js';
import { base, controls, dialog } from '../base.styles.js';
import { styles } from './embed-composer.styles.js';

const FORMS: readonly [Choice['form'], string][] = [
  ['element', 'An element: loads beside the text, is styled by it'],
  ['frame', 'A frame: kept apart from the page'],
];
const THEMES: readonly [Theme | null, string][] = [
  [null, 'As the page around it'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** Composes the code that puts a widget into another page, and shows what it will look like. */
@customElement('ol-embed-composer')
export class EmbedComposer extends LitElement {
  static override styles = [base, controls, dialog, styles];

  @property({ attribute: false }) subject!: Subject;
  @state() private choice: Choice = { form: 'element', theme: null, off: new Set(), live: false };
  @state() private still = '';
  @state() private said = '';
  @state() private saving = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('iframe') private frame!: HTMLIFrameElement;
  @query('textarea') private code!: HTMLTextAreaElement;

  readonly #closed = new AbortController();

  /** Opens a composer over the page; it goes when it is closed, and the focus returns. */
  static async open(subject: Subject): Promise<void> {
    const composer = document.createElement('ol-embed-composer');
    composer.subject = subject;
    document.body.append(composer);
    await composer.updateComplete;
    composer.dialog.showModal();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('message', this.#onMessage);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('message', this.#onMessage);
    this.#closed.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('subject')) void this.#describe();
  }

  protected override render() {
    const { choice, subject } = this;
    const isFeature = subject.widget === 'othello-feature';
    const switches = SWITCHES.filter(({ panel }) => isFeature || panel === null);
    return html`
      <dialog aria-labelledby="title" @close=${() => this.remove()}>
        <div class="head">
          <h2 id="title">Embed</h2>
          <button type="button" @click=${() => this.dialog.close()}>Close</button>
        </div>
        <div class="columns">
          <div>
            ${this.#radios('Form', FORMS, choice.form, (form) => ({ form }))}
            ${this.#radios('Colours', THEMES, choice.theme, (theme) => ({ theme }))}
            <fieldset>
              <legend>Parts</legend>
              ${switches.map(({ key, title }) => this.#switch(key, title))}
              ${
                choice.form === 'element'
                  ? html`<label
                      ><input type="checkbox" .checked=${live(choice.live)} @change=${this.#onLive} />Start the engine
                      at once</label
                    >`
                  : nothing
              }
            </fieldset>
          </div>
          <div>
            <iframe title="Preview" src=${frameAddress(subject, choice, this.#site)}></iframe>
            <p class="hint">Nothing but a few numbers is loaded until a reader uses it.</p>
          </div>
        </div>
        ${
          isKept(this.#site.bundle)
            ? html`<p class="kept">
                This bundle is kept in your browser alone. For others to see it, download it, put its folder on a host,
                and open it there by its address; or save the widget as one file, which needs no host.
              </p>`
            : nothing
        }
        <textarea aria-label="Code" readonly spellcheck="false" .value=${embedCode(subject, choice, this.#site)}></textarea>
        <div class="actions">
          <button type="button" class="main" @click=${this.#copy}>Copy the code</button>
          <button type="button" ?disabled=${this.saving} @click=${this.#save}>Save as one file</button>
          <span class="said" role="status">${this.said}</span>
        </div>
      </dialog>
    `;
  }

  get #site() {
    const bundle = bundleOf(this.subject.model)?.path ?? '';
    return { base: new URL('.', document.baseURI).href, bundle, still: this.still };
  }

  #radios<T>(
    legend: string,
    options: readonly (readonly [T, string])[],
    value: T,
    change: (value: T) => Partial<Choice>,
  ) {
    return html`
      <fieldset>
        <legend>${legend}</legend>
        ${options.map(
          ([option, title]) => html`
            <label>
              <input
                type="radio"
                name=${legend}
                .checked=${live(option === value)}
                @change=${() => this.#choose(change(option))}
              />
              ${title}
            </label>
          `,
        )}
      </fieldset>
    `;
  }

  #switch(key: SwitchKey, title: string) {
    const onChange = () => {
      const off = new Set(this.choice.off);
      if (!off.delete(key)) off.add(key);
      this.#choose({ off });
    };
    return html`
      <label>
        <input type="checkbox" .checked=${live(!this.choice.off.has(key))} @change=${onChange} />
        ${title}
      </label>
    `;
  }

  #choose(change: Partial<Choice>): void {
    this.choice = { ...this.choice, ...change };
    this.said = '';
  }

  readonly #onLive = (): void => this.#choose({ live: !this.choice.live });

  readonly #onMessage = (message: MessageEvent): void => {
    const height = this.frame && readSize(message, this.frame);
    if (height) this.frame.style.height = `${Math.min(height, 520)}px`;
  };

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.code.value);
      this.said = 'Copied.';
    } catch {
      // Where the clipboard is not to be had, the keys are.
      this.code.focus();
      this.code.select();
      this.said = 'The browser keeps the clipboard from this page: the code is selected, press Ctrl+C.';
    }
  };

  /** Saves a page that holds the widget, the engine and the weights, and works from a disk. */
  readonly #save = async (): Promise<void> => {
    this.saving = true;
    this.said = 'Collecting the model …';
    const { subject, still } = this;
    try {
      const { saveAsOneFile } = await import('othello-lens/single-file');
      const file = await saveAsOneFile(
        { tag: subject.widget, attributes: elementAttributes(subject, this.choice, this.#site) },
        {
          title: document.title,
          still,
          signal: this.#closed.signal,
          onProgress: (loaded, total) => {
            this.said = `Collecting the model: ${megabytes(loaded)} of ${megabytes(total)} MB`;
          },
        },
      );
      offer(file, `${subject.widget}.html`);
      this.said = `Saved: ${megabytes(file.size)} MB, which open without a network.`;
    } catch (error) {
      if (!this.#closed.signal.aborted) this.said = `It could not be saved: ${(error as Error).message}`;
    } finally {
      this.saving = false;
    }
  };

  /** What readers without scripts are shown. */
  async #describe(): Promise<void> {
    const { widget, attributes } = this.subject;
    this.still = stillOf(this.subject);
    const { dictionary, feature } = attributes;
    if (widget !== 'othello-feature' || dictionary === undefined || feature === undefined) return;
    try {
      this.still = await describeFeature(this.#site.bundle, dictionary, Number(feature));
    } catch {
      // The widget itself says what is wrong; the code can be copied all the same.
    }
  }
}

/** Lets the browser save `file`. */
function offer(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** The subject in a few words. */
function stillOf({ widget, attributes }: Subject): string {
  const { dictionary, feature, name, transcript, ply } = attributes;
  switch (widget) {
    case 'othello-feature':
      return `Feature ${feature} of ${dictionary}.`;
    case 'othello-figure':
      return `Figure ${name}${dictionary ? ` of ${dictionary}` : ''}.`;
    case 'othello-player':
      return `A game of Othello${transcript ? `, ${transcript}` : ''}${ply ? `, after move ${ply}` : ''}.`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-embed-composer': EmbedComposer;
  }
}
