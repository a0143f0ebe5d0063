import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import 'othello-lens/elements';

import { originOf, readTheme, sizeMessage, type Theme } from '../../embed/messages.js';
import { type Embed as Asked, readEmbed } from '../../embed/query.js';
import { hrefOf, readAddress } from '../../state/address.js';
import { base } from '../base.styles.js';

/**
 * The page as a widget in somebody else's: one element, as high as it needs to be, and a link to the whole page.
 * It tells the page around it its height, and takes a theme from it; `src/embed/messages.ts` says how.
 */
@customElement('ol-embed')
export class Embed extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: 2px;
      }
      .link {
        margin-top: 6px;
        font-size: 13px;
        text-align: right;
      }
      a {
        display: inline-block;
        padding: 4px 0;
        color: light-dark(#0b6e4f, #55c79a);
      }
      .failure {
        padding: 10px 14px;
        color: var(--warn);
        background: var(--warn-wash);
        border-radius: 8px;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @state() private asked: Asked | Error = read();
  @state() private theme: Theme | null = this.asked instanceof Error ? null : this.asked.theme;
  readonly #host = { window: window.parent, origin: hostOrigin() };
  readonly #sizes = new ResizeObserver(() => this.#tell());
  #told = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('message', this.#onMessage);
    this.#sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('message', this.#onMessage);
    this.#sizes.disconnect();
  }

  protected override updated(): void {
    const { style } = document.documentElement;
    style.colorScheme = this.theme ?? 'light dark';
  }

  protected override render() {
    const { asked } = this;
    if (asked instanceof Error) return html`<p class="failure" role="alert">${asked.message}</p>`;
    return html`
      <main>
        <h1 class="unseen">${document.title}</h1>
        ${this.#widget(asked)}
        ${asked.link ? html`<p class="link"><a href=${wholePage()} target="_blank" rel="noopener">Open in othello-lens</a></p>` : nothing}
      </main>
    `;
  }

  #widget({ widget, attributes, bundle }: Asked) {
    // Which element it is, and what it has, is known only now; lit's templates are made of what stands there.
    const element = this.#element?.localName === widget ? this.#element : document.createElement(widget);
    this.#element = element;
    element.setAttribute('bundle', new URL(bundle.path, document.baseURI).href);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (this.theme === null) element.removeAttribute('theme');
    else element.setAttribute('theme', this.theme);
    return element;
  }

  #element: HTMLElement | null = null;

  readonly #onMessage = (message: MessageEvent): void => {
    const theme = readTheme(message, this.#host);
    if (theme !== undefined) this.theme = theme;
  };

  /** Tells the page around it how high it is. */
  #tell(): void {
    const height = Math.ceil(this.getBoundingClientRect().height);
    if (window.parent === window || height === this.#told || height === 0) return;
    this.#told = height;
    // A page without an origin, such as a file, has no name to be called by; a height is no secret.
    const { origin } = this.#host;
    window.parent.postMessage(sizeMessage(height), origin === null || origin === 'null' ? '*' : origin);
  }
}

function read(): Asked | Error {
  try {
    return readEmbed(location);
  } catch (error) {
    return error as Error;
  }
}

/** The origin of the page around this one; null if the browser does not say. */
function hostOrigin(): string | null {
  const { ancestorOrigins } = location as { ancestorOrigins?: DOMStringList };
  return ancestorOrigins?.[0] ?? originOf(document.referrer);
}

/** The address of the whole page, without what makes a widget of it. */
function wholePage(): string {
  const url = new URL(hrefOf(readAddress(location), {}), location.href);
  for (const key of [...url.searchParams.keys()])
    if (key.startsWith('embed') || key === 'theme' || key === 'defaulttesttext') url.searchParams.delete(key);
  return url.href;
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-embed': Embed;
  }
}
