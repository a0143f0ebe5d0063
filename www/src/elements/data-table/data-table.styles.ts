import { css } from 'lit';

export const styles = css`
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
    margin-bottom: 8px;
  }
  .tools p {
    flex: 1;
    font-size: var(--size-small);
    color: var(--soft);
  }
  button[aria-pressed='true'] {
    background: var(--wash);
    border-color: var(--accent);
  }
  .scroller {
    position: relative;
    max-height: var(--table-height, 480px);
    overflow: auto;
    font-size: var(--size-small);
    font-variant-numeric: tabular-nums;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
    contain: layout paint style;
  }
  .head {
    position: sticky;
    top: 0;
    z-index: 1;
    min-width: var(--least);
    background: var(--card);
    border-bottom: 1px solid var(--line);
  }
  [role='row'] {
    display: grid;
    grid-template-columns: var(--columns);
    min-width: var(--least);
  }
  [role='columnheader'] {
    display: grid;
    gap: 2px;
    align-content: start;
    min-width: 0;
    padding: 2px;
  }
  [role='columnheader'] button {
    display: flex;
    gap: 4px;
    justify-content: flex-start;
    min-height: 32px;
    padding: 0 8px;
    overflow: hidden;
    font-weight: 600;
    white-space: nowrap;
    background: none;
    border-color: transparent;
    align-items: center;
  }
  .numeric[role='columnheader'] button {
    justify-content: flex-end;
  }
  [role='columnheader'] input {
    width: 100%;
    min-width: 0;
    height: 28px;
    padding: 0 8px;
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 6px;
  }
  input[aria-invalid] {
    border-color: var(--warn);
  }
  .body {
    position: relative;
    height: var(--height);
    min-width: var(--least);
  }
  .row {
    position: absolute;
    inset: 0 0 auto;
    height: 32px;
    transform: translateY(var(--top));
  }
  .row + .row {
    border-top: 1px solid var(--line);
  }
  .row:hover {
    background: var(--sunk);
  }
  .row[aria-selected='true'] {
    background: var(--wash);
  }
  .scroller:focus-visible .at {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
  }
  [role='gridcell'] {
    min-width: 0;
    padding: 0 10px;
    overflow: hidden;
    line-height: 31px;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .numeric {
    text-align: right;
  }
  a {
    display: block;
    color: var(--accent);
    text-underline-offset: 3px;
  }
  .none {
    padding: 14px;
    color: var(--soft);
  }
`;
