import { css } from 'lit';

export const styles = css`
  :host {
    display: inline;
  }
  button {
    min-height: 0;
    padding: 0;
    font: inherit;
    letter-spacing: inherit;
    color: inherit;
    text-align: inherit;
    text-decoration: underline dotted color-mix(in srgb, currentColor 55%, transparent);
    text-underline-offset: 3px;
    background: none;
    border: 0;
    border-radius: 3px;
    cursor: help;
  }
  i {
    position: absolute;
    font: italic var(--size-small) / 1 Georgia, 'Times New Roman', 'DejaVu Serif', serif;
    color: var(--accent);
    opacity: 0;
    pointer-events: none;
  }
  button:hover i,
  button:focus-visible i {
    opacity: 1;
  }
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 12px 14px;
    font: var(--size-small) / 1.45 var(--sans);
    letter-spacing: normal;
    text-align: left;
    white-space: normal;
    color: var(--ink);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
  b {
    font-weight: 600;
  }
  math {
    margin: 10px 0;
    font-size: var(--size-large);
    overflow-x: auto;
    overflow-y: hidden;
  }
  p + p,
  b + p {
    margin-top: 4px;
  }
  .where {
    color: var(--soft);
  }
  @media (pointer: coarse) {
    button {
      padding: 4px 0;
    }
  }
`;
