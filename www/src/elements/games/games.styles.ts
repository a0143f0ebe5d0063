import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr));
    gap: 18px 36px;
    align-items: start;
  }
  form {
    display: grid;
    gap: 8px;
  }
  textarea {
    width: 100%;
    padding: 8px 10px;
    font: var(--size-small) / 1.6 var(--mono);
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 8px;
    resize: vertical;
  }
  textarea::placeholder {
    color: var(--soft);
    opacity: 1;
  }
  textarea[aria-invalid='true'] {
    border-color: var(--wrong);
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
  }
  .told {
    padding: 8px 10px;
    font-size: var(--size-small);
    background: var(--sunk);
    border-left: 3px solid var(--line);
    border-radius: 4px;
  }
  code {
    font-family: var(--mono);
  }
  .hint {
    flex: 1 1 200px;
    font-size: var(--size-small);
    line-height: 1.35;
    color: var(--soft);
  }
  .bad {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    padding: 8px 10px;
    font-size: var(--size-small);
    background: var(--warn-wash);
    border-left: 3px solid var(--wrong);
    border-radius: 4px;
  }
  .bad span {
    flex: 1 1 100%;
  }
  .bad b {
    color: var(--warn);
  }
  ul {
    display: grid;
    gap: 8px;
    margin: 8px 0 12px;
  }
  .game {
    display: grid;
    gap: 1px;
    width: 100%;
    padding: 8px 12px;
    text-align: left;
    line-height: 1.35;
  }
  .game b {
    font-weight: 600;
    font-size: var(--size-small);
  }
  .game span {
    font-size: var(--size-small);
    color: var(--soft);
  }
  .game[aria-pressed='true'] {
    border-color: var(--accent);
    background: var(--wash);
  }
  .seed {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .seed input {
    width: 84px;
    color: var(--ink);
    font-variant-numeric: tabular-nums;
  }
`;
