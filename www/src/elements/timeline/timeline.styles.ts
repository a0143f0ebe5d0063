import { css } from 'lit';

export const styles = css`
  :host {
    margin-top: 14px;
  }
  ol-plies {
    --bar: var(--wrong);
  }
  ol-term {
    margin-left: auto;
    color: var(--soft);
  }
  .measure {
    display: flex;
    align-items: center;
    gap: 10px;
    margin-bottom: 6px;
    font-size: var(--size-small);
  }
  .tab {
    min-height: 24px;
    padding: 0 2px;
    color: var(--soft);
    background: none;
    border: 0;
    border-bottom: 2px solid transparent;
    border-radius: 0;
  }
  .tab[aria-pressed='true'] {
    color: var(--ink);
    border-color: var(--accent);
  }
`;
