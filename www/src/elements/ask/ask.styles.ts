import { css } from 'lit';

export const styles = css`
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 6px 8px;
  }
  label {
    grid-column: 1 / -1;
    font-size: var(--size-large);
    font-weight: 650;
  }
  .field {
    position: relative;
  }
  input {
    width: 100%;
    min-height: 40px;
    padding: 0 12px;
    font-size: var(--size);
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  input[aria-invalid] {
    border-color: var(--warn);
  }
  form > button {
    min-height: 40px;
    padding: 0 18px;
    font-size: var(--size);
  }
  [role='listbox'] {
    position: absolute;
    z-index: 3;
    inset: calc(100% + 4px) 0 auto;
    padding: 4px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
    box-shadow: var(--shadow);
  }
  [role='listbox'][hidden] {
    display: none;
  }
  [role='option'] {
    display: flex;
    gap: 10px;
    align-items: baseline;
    min-height: 30px;
    padding: 4px 8px;
    overflow: hidden;
    white-space: nowrap;
    border-radius: 6px;
    cursor: pointer;
  }
  [role='option'] span {
    overflow: hidden;
    font-size: var(--size-small);
    color: var(--soft);
    text-overflow: ellipsis;
  }
  [role='option']:hover,
  [role='option'][aria-selected='true'] {
    background: var(--wash);
  }
  #examples {
    margin-top: 6px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  #examples b {
    font-weight: 600;
    color: var(--ink);
  }
  .refusal {
    margin-top: 8px;
    padding: 8px 12px;
    overflow-wrap: anywhere;
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 8px;
  }
`;
