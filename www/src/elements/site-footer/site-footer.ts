import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';

import { base } from '../base.styles.js';

/** Where what the page shows comes from. */
@customElement('ol-site-footer')
export class SiteFooter extends LitElement {
  static override styles = [
    base,
    css`
      footer {
        display: flex;
        flex-wrap: wrap;
        gap: 0 22px;
        padding: 14px 24px 32px;
        font-size: var(--size-small);
        color: var(--soft);
        border-top: 1px solid var(--line);
      }
      p {
        margin-right: auto;
        padding: 4px 0;
      }
      a {
        padding: 4px 0;
        color: inherit;
        text-underline-offset: 3px;
      }
      a:hover {
        color: var(--ink);
      }
    `,
  ];

  protected override render() {
    return html`
      <footer>
        <p>Everything is computed here, in your browser. No server, no account.</p>
        ${LINKS.map(([text, href]) => html`<a href=${href}>${text}</a>`)}
      </footer>
    `;
  }
}

const LINKS = [
  ['Our report', './report.html'],
  ['OthelloGPT (Li et al.)', 'https://arxiv.org/abs/2210.13382'],
  [
    'The report of 9 of 180 (Huben)',
    'https://www.lesswrong.com/posts/BduCMgmjJnCtc7jKc/research-report-sparse-autoencoders-find-only-9-180-board',
  ],
  ['Source', 'https://www.npmjs.com/package/othello-lens?activeTab=code'],
  ['npm package', 'https://www.npmjs.com/package/othello-lens'],
] as const;

declare global {
  interface HTMLElementTagNameMap {
    'ol-site-footer': SiteFooter;
  }
}
