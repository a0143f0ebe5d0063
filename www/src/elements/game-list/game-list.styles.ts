import { css } from 'lit';

export const styles = css`
  :host {
    padding-top: 8px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 10px;
  }
  h3 {
    flex: 1 1 160px;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .told,
  .bad {
    margin-top: 6px;
    font-size: var(--size-small);
    line-height: 1.4;
    color: var(--soft);
  }
  .bad {
    padding: 8px 10px;
    color: var(--ink);
    background: var(--warn-wash);
    border-left: 3px solid var(--wrong);
    border-radius: 4px;
  }
  .bad b {
    color: var(--warn);
  }
  .offers {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 6px;
  }
  details {
    margin-top: 6px;
    font-size: var(--size-small);
  }
  summary {
    cursor: pointer;
    color: var(--warn);
  }
  details li {
    margin: 4px 0;
    overflow-wrap: anywhere;
  }
  .find {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 10px 0 6px;
  }
  .find input {
    flex: 1 1 180px;
    min-width: 0;
    min-height: 32px;
    padding: 4px 10px;
    font: inherit;
    font-size: var(--size-small);
    color: var(--ink);
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .find input::placeholder {
    color: var(--soft);
    opacity: 1;
  }
  .list {
    display: grid;
    gap: 6px;
    max-height: 420px;
    overflow-y: auto;
  }
  .game {
    display: grid;
    gap: 1px;
    width: 100%;
    padding: 6px 10px;
    text-align: left;
    line-height: 1.35;
  }
  .game b {
    font-weight: 600;
    font-size: var(--size-small);
  }
  .game span {
    overflow: hidden;
    font-size: var(--size-small);
    color: var(--soft);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .game code {
    font-family: var(--mono);
  }
  .game[aria-pressed='true'] {
    border-color: var(--accent);
    background: var(--wash);
  }
  .more {
    margin-top: 6px;
  }
`;
