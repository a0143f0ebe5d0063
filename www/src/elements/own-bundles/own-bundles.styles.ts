import { css } from 'lit';

export const styles = css`
  :host {
    padding: 8px 0;
  }
  .files,
  form {
    display: flex;
    flex-wrap: wrap;
    gap: 6px 10px;
    align-items: center;
  }
  form {
    margin-top: 12px;
  }
  p {
    flex: 1 0 100%;
    max-width: 100%;
    color: var(--soft);
    font-size: var(--size-small);
    overflow-wrap: anywhere;
  }
  .files p {
    flex: 1 1 340px;
  }
  form input {
    flex: 1 1 260px;
    min-width: 0;
    max-width: 620px;
    min-height: 32px;
    padding: 0 11px;
    font-size: var(--size-small);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  p[role='alert'] {
    color: var(--warn);
  }
  ul {
    display: grid;
    gap: 6px;
    margin-top: 12px;
  }
  li {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    align-items: stretch;
  }
  .open {
    display: flex;
    flex: 1 1 260px;
    flex-wrap: wrap;
    gap: 0 10px;
    align-items: baseline;
    min-width: 0;
    max-width: 760px;
    padding: 6px 11px;
    text-align: left;
    overflow-wrap: anywhere;
  }
  .open span {
    color: var(--soft);
  }
  .open[aria-pressed='true'] {
    border-color: var(--accent);
  }
  @media (max-width: 560px) {
    .open {
      flex-basis: 100%;
    }
  }
`;
