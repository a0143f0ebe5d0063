import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 24px;
    padding: 12px 16px;
    background: var(--warn-wash);
    border: 1px solid color-mix(in srgb, var(--wrong) 35%, transparent);
    border-left: 4px solid var(--wrong);
    border-radius: var(--radius);
  }
  [role='alert'] {
    flex: 1 1 320px;
    min-width: 0;
  }
  h2 {
    font-size: var(--size);
  }
  p {
    font-size: var(--size-small);
    overflow-wrap: anywhere;
  }
  .remedy {
    color: var(--soft);
  }
  .ways {
    display: flex;
    gap: 8px;
  }
`;
