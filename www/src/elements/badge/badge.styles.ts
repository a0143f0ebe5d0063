import { css } from 'lit';

export const styles = css`
  :host {
    min-width: 0;
  }
  .badge {
    display: flex;
    margin-left: auto;
    align-items: center;
    gap: 7px;
    max-width: 100%;
    min-height: 30px;
    padding: 0 13px;
    color: var(--soft);
    border-radius: 99px;
  }
  .badge span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (max-width: 560px) {
    .badge .name {
      display: none;
    }
  }
  .badge i {
    flex: none;
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: var(--accent);
  }
  i.cpu {
    background: var(--soft);
  }
  i.loading {
    background: none;
    border: 2px solid var(--soft);
  }
  i.failed {
    border-radius: 1px;
    background: var(--wrong);
  }
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 14px 16px;
    font-size: var(--size-small);
    color: var(--ink);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
  p {
    margin-top: 6px;
    color: var(--soft);
  }
  p b {
    font-weight: 600;
    color: var(--ink);
  }
  fieldset {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 12px 0 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0 0 4px;
    color: var(--soft);
  }
  fieldset button[aria-pressed='true'] {
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
  }
`;
