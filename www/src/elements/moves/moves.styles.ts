import { css } from 'lit';

export const styles = css`
  :host {
    position: relative;
  }
  .sheet {
    display: grid;
    grid-template-columns: repeat(10, 1fr);
    grid-auto-rows: 25px;
    min-height: 150px;
    padding-left: 22px;
    font: var(--size-small) / 1 var(--mono);
  }
  li {
    position: relative;
    display: flex;
  }
  li[data-row]::before {
    content: attr(data-row);
    position: absolute;
    left: -22px;
    font-size: var(--size-small);
    line-height: 25px;
    color: var(--soft);
  }
  button {
    position: relative;
    flex: 1;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 3px;
    padding: 0;
    font: inherit;
    color: var(--ink);
    background: none;
    border: 0;
    border-radius: 5px;
    cursor: pointer;
  }
  button::before {
    content: '';
    width: 7px;
    height: 7px;
    border-radius: 50%;
    border: 1px solid var(--soft);
    background: var(--white);
    forced-color-adjust: none;
  }
  button.black::before {
    background: var(--black);
  }
  button.ahead {
    color: var(--soft);
  }
  button:hover {
    background: var(--wash);
  }
  button[aria-current='step'] {
    color: var(--on-accent);
    background: var(--accent);
    font-weight: 600;
  }
  button:focus-visible {
    outline-offset: -1px;
    z-index: 1;
  }
  /* After this move a turn was skipped: a dash under it, never through it. */
  .skipped::after {
    content: '';
    position: absolute;
    bottom: 1px;
    left: 30%;
    width: 40%;
    height: 2px;
    background: currentColor;
    border-radius: 1px;
    forced-color-adjust: none;
  }
  .empty {
    position: absolute;
    top: 3px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  @media (max-width: 430px) {
    button {
      gap: 2px;
    }
    button::before {
      width: 6px;
      height: 6px;
    }
  }
`;
