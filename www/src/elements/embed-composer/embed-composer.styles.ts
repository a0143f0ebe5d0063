import { css } from 'lit';

export const styles = css`
  dialog {
    width: min(980px, calc(100vw - 24px));
  }
  .head {
    margin-bottom: 12px;
  }
  h2 {
    font-size: 18px;
  }
  .columns {
    display: grid;
    grid-template-columns: minmax(230px, 280px) minmax(0, 1fr);
    gap: 20px;
  }
  fieldset {
    margin: 0 0 14px;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0 0 4px;
    font-size: 13px;
    font-weight: 600;
  }
  label {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 28px;
    font-size: 13px;
  }
  label input {
    flex: none;
    width: 18px;
    height: 18px;
    margin: 3px;
    accent-color: var(--accent);
  }
  iframe {
    display: block;
    width: 100%;
    min-height: 160px;
    border: 1px dashed var(--line);
    border-radius: 8px;
  }
  textarea {
    display: block;
    width: 100%;
    min-height: 132px;
    margin-top: 14px;
    padding: 10px;
    font-family: var(--mono);
    font-size: 13px;
    color: inherit;
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 8px;
    resize: vertical;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px;
    margin-top: 10px;
  }
  .said {
    flex: 1 1 200px;
    font-size: 13px;
    color: var(--soft);
    overflow-wrap: anywhere;
  }
  .hint,
  .kept {
    margin-top: 8px;
    font-size: 13px;
    color: var(--soft);
  }
  @media (max-width: 700px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (pointer: coarse) {
    label {
      min-height: 40px;
    }
  }
`;
