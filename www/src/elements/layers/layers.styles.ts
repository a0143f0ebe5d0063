import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .layers {
    display: inline-flex;
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .layers button {
    min-width: 28px;
    min-height: 28px;
    padding: 0 8px;
    background: none;
    border: 0;
    border-radius: 7px;
    font-variant-numeric: tabular-nums;
  }
  .layers button[aria-disabled='true'] {
    color: var(--soft);
    cursor: not-allowed;
  }
  .layers button[aria-checked='true'] {
    color: var(--on-accent);
    background: var(--accent);
    font-weight: 600;
  }
  @media (max-width: 430px) {
    .layers button {
      padding: 0 6px;
    }
  }
  @media (pointer: coarse) {
    .layers button {
      min-width: 34px;
      min-height: 36px;
    }
  }
`;
