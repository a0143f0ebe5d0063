import { css } from 'lit';

export const styles = css`
  .picker {
    display: inline-flex;
    gap: 8px;
    align-items: center;
    max-width: 100%;
    min-height: 32px;
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
    grid-template-columns: minmax(0, 1fr) 40px 52px 38px 38px 46px 56px;
    gap: 8px;
    align-items: center;
    padding: 0 14px;
  }
  .row > :not(:first-child) {
    text-align: right;
  }
  .head {
    min-height: 32px;
    padding-right: 26px;
    font-size: var(--size-small);
    color: var(--soft);
    border-bottom: 1px solid var(--line);
  }
  .head button {
    min-width: 24px;
    min-height: 26px;
    padding: 0;
    text-align: inherit;
    white-space: nowrap;
    color: inherit;
    background: none;
    border: 0;
  }
  .head button:first-child {
    text-align: left;
  }
  .head button[aria-pressed='true'] {
    color: var(--ink);
  }
  .head i {
    font-style: normal;
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
    font-size: var(--size-small);
    color: var(--soft);
    background: var(--card);
  }
  .place::first-letter {
    text-transform: uppercase;
  }
  .option {
    min-height: 38px;
    font-size: var(--size-small);
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
    font-size: var(--size-small);
    color: var(--soft);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .note {
    padding: 8px 14px 10px;
    font-size: var(--size-small);
    line-height: 1.4;
    color: var(--soft);
    border-top: 1px solid var(--line);
  }
  @media (max-width: 520px) {
    .row {
      grid-template-columns: minmax(0, 1fr) 34px 34px 34px 44px;
      gap: 6px;
      padding: 0 10px;
    }
    /* Of seven columns five: not FVU, not the size. */
    .row > :nth-child(3),
    .row > :nth-child(7) {
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
