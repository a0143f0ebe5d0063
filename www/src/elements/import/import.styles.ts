import { css } from 'lit';

export const styles = css`
  dialog {
    width: min(760px, calc(100vw - 24px));
  }
  .told {
    margin-top: 2px;
    color: var(--soft);
  }
  .part {
    margin-top: 14px;
    padding: 12px 14px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .part > label {
    display: flex;
    gap: 10px;
    align-items: baseline;
  }
  .part input[type='checkbox'] {
    flex: none;
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--accent);
    align-self: center;
  }
  .part b {
    overflow-wrap: anywhere;
  }
  .about,
  .said {
    color: var(--soft);
    font-size: var(--size-small);
    overflow-wrap: anywhere;
  }
  .question {
    margin-top: 10px;
  }
  .question label {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    justify-content: space-between;
  }
  .question select,
  .question input,
  .name input {
    flex: 0 1 340px;
    min-width: 0;
    max-width: 100%;
    min-height: 32px;
    padding: 0 11px;
    font-size: var(--size-small);
    background: var(--paper);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .why {
    color: var(--soft);
    font-size: var(--size-small);
  }
  .refused,
  .fault {
    margin-top: 12px;
    padding: 10px 12px;
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 8px;
    overflow-wrap: anywhere;
  }
  .refused p + p {
    margin-top: 6px;
  }
  .fault {
    margin-top: 8px;
    padding: 6px 10px;
    font-size: var(--size-small);
  }
  .name label {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    justify-content: space-between;
    margin-top: 14px;
  }
  .doing {
    margin-top: 14px;
    color: var(--soft);
  }
  .doing progress {
    display: block;
    width: 100%;
    height: 4px;
    margin-top: 6px;
    accent-color: var(--accent);
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    align-items: center;
    margin-top: 16px;
  }
  .actions p {
    flex: 1 1 240px;
    color: var(--soft);
    font-size: var(--size-small);
    overflow-wrap: anywhere;
  }
`;
