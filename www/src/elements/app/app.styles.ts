import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 100vh;
  }
  /* Of at least a screen, so that what comes later moves no footer within sight. */
  .view {
    flex: 1;
    min-height: 100vh;
  }
  .notices {
    display: grid;
    gap: 12px;
    padding: 12px 24px 0;
  }
  .notices:empty {
    display: none;
  }
  .untrained {
    padding: 8px 24px;
    color: var(--warn);
    background: var(--warn-wash);
  }
  @media (max-width: 900px) {
    .notices,
    .untrained {
      padding-right: 12px;
      padding-left: 12px;
    }
  }
`;
