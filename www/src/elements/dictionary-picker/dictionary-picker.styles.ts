import { css } from 'lit';

export const styles = css`
  .picker {
    display: inline-flex;
    gap: 8px;
    align-items: baseline;
    max-width: 100%;
    min-height: 30px;
    padding: 4px 10px;
    text-align: left;
  }
  :host {
    flex-basis: 100%;
  }
  .room {
    height: 30px;
  }
  .picker b {
    font-weight: 600;
  }
  .picker span {
    color: var(--soft);
  }
  .picker i {
    font-style: normal;
    color: var(--soft);
  }
  [popover] {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 6px 0 0;
    color: var(--ink);
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
  }
  .row {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 44px 56px 50px 62px;
    gap: 8px;
    align-items: center;
    padding: 0 14px;
  }
  .row > :not(:first-child) {
    text-align: right;
  }
  .head {
    min-height: 26px;
    padding-right: 22px;
    font-size: 12px;
    color: var(--soft);
    border-bottom: 1px solid var(--line);
  }
  .rows {
    max-height: min(420px, calc(var(--room, 420px) - 90px));
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
  }
  .rows:focus-visible {
    outline-offset: -2px;
    outline-width: 1px;
  }
  .place {
    position: sticky;
    top: 0;
    padding: 6px 14px 3px;
    font-size: 12px;
    color: var(--soft);
    background: var(--card);
  }
  .place::first-letter {
    text-transform: uppercase;
  }
  .option {
    min-height: 38px;
    font-size: 13px;
    cursor: pointer;
  }
  .option:hover {
    background: color-mix(in srgb, var(--wash) 55%, transparent);
  }
  .option[aria-selected='true'] {
    background: var(--wash);
  }
  .rows:focus-visible .at {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
    border-radius: 4px;
  }
  .name {
    display: grid;
    line-height: 1.25;
  }
  .name b {
    font-weight: 600;
  }
  .name small {
    overflow: hidden;
    font-size: 11.5px;
    color: var(--soft);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .note {
    padding: 8px 14px 10px;
    font-size: 11.5px;
    line-height: 1.4;
    color: var(--soft);
    border-top: 1px solid var(--line);
  }
  @media (max-width: 430px) {
    .row {
      grid-template-columns: minmax(0, 1fr) 34px 50px 40px;
      padding: 0 10px;
    }
    .row > :last-child {
      display: none;
    }
  }
  @media (pointer: coarse) {
    .picker {
      min-height: 36px;
    }
    .option {
      min-height: 44px;
    }
  }
`;
