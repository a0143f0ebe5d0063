import { css } from 'lit';

/** What every element's shadow root begins with. */
export const base = css`
  :host {
    display: block;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h1 {
    font-size: var(--size-headline);
    line-height: 1.15;
    letter-spacing: -0.01em;
  }
  h1:focus {
    outline: none;
  }
  h2 {
    font-size: var(--size-large);
    font-weight: 600;
    line-height: 1.3;
    color: var(--ink);
  }
  h3 {
    font-size: var(--size);
    font-weight: 600;
  }
  small {
    font-size: var(--size-small);
  }
  .own {
    color: var(--own-ink);
  }
  .opponent {
    color: var(--opponent-ink);
  }
  @media (max-width: 760px) {
    h1 {
      font-size: var(--size-title);
    }
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .number {
    font-variant-numeric: tabular-nums;
  }
  .warn {
    color: var(--warn);
  }
  @media (forced-colors: active) {
    [aria-pressed='true'],
    [aria-checked='true'],
    [aria-current='step'],
    [aria-selected='true'] {
      outline: 2px solid Highlight;
      outline-offset: -3px;
    }
  }
`;

/** Buttons and fields. */
export const controls = css`
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  select,
  input[type='number'] {
    min-height: 32px;
    padding: 0 11px;
    font-size: var(--size-small);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  button {
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    border-color: var(--soft);
  }
  button:active:not(:disabled) {
    background: var(--wash);
  }
  button:disabled {
    color: var(--soft);
    cursor: default;
    opacity: 0.55;
  }
  button.main {
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
    font-weight: 600;
  }
  input[type='range'] {
    accent-color: var(--accent);
  }
  @media (pointer: coarse) {
    button,
    select,
    input[type='number'] {
      min-height: 40px;
    }
  }
`;

/** A window over the page, with a head. */
export const dialog = css`
  dialog {
    max-height: calc(100dvh - 24px);
    padding: 18px 20px;
    overflow: auto;
    color: var(--ink);
    background: var(--paper);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
  }
`;
