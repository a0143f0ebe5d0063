import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 16px;
    min-height: 28px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .count b {
    color: var(--ink);
  }
  .shown {
    margin-left: 8px;
  }
  .threshold {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .threshold input {
    width: 104px;
    height: 24px;
    margin: 0;
  }
  .threshold .number {
    width: 38px;
    text-align: right;
    color: var(--ink);
  }
  .row {
    display: grid;
    grid-template-columns: 52px minmax(92px, 112px) minmax(60px, 1fr) 78px minmax(120px, 1fr) 70px;
    gap: 12px;
    align-items: center;
    padding: 0 12px 0 8px;
  }
  .head {
    min-height: 28px;
    padding-right: 24px;
    font-size: var(--size-small);
    color: var(--soft);
    border-bottom: 1px solid var(--line);
  }
  .head > * {
    white-space: nowrap;
  }
  .density,
  .value {
    text-align: right;
  }
  .sort {
    min-width: 24px;
    min-height: 24px;
    padding: 0;
    color: inherit;
    background: none;
    border-color: transparent;
  }
  .sort i {
    font-style: normal;
    opacity: 0.45;
  }
  .sort[aria-pressed='true'] i,
  .sort:hover i {
    opacity: 1;
  }
  .rows {
    height: var(--rows, 330px);
    overflow-y: auto;
    overscroll-behavior: contain;
    overflow-anchor: none;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
    border-radius: 4px;
  }
  .all {
    padding: var(--before) 0 var(--after);
  }
  .option {
    height: 33px;
    border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent);
    cursor: pointer;
  }
  .option:hover {
    background: var(--sunk);
  }
  .option[aria-selected='true'] {
    background: var(--wash);
  }
  .rows:focus-visible .at {
    outline: 2px solid var(--accent);
    outline-offset: -2px;
    border-radius: 4px;
  }
  .rows:focus-visible {
    outline-offset: 1px;
    outline-width: 1px;
  }
  .option b {
    font-weight: 600;
    white-space: nowrap;
  }
  /* A label of several words takes two lines. */
  .option .tells {
    display: -webkit-box;
    overflow: hidden;
    font-size: var(--size-small);
    line-height: 1.15;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    color: var(--soft);
  }
  .option .tells.well {
    font-weight: 600;
    color: var(--ink);
  }
  .option .tells.own {
    color: var(--own-ink);
  }
  .option .tells.opponent {
    color: var(--opponent-ink);
  }
  .pinned::after {
    content: '';
    display: inline-block;
    width: 7px;
    height: 7px;
    margin-left: 6px;
    vertical-align: 1px;
    background: var(--accent);
    border-radius: 50%;
  }
  svg.course {
    width: 100%;
    height: 20px;
  }
  svg path {
    fill: var(--activation);
    opacity: 0.7;
  }
  .here {
    fill: var(--soft);
    opacity: 0.35;
  }
  .option .density,
  .option .value {
    font-size: var(--size-small);
    color: var(--soft);
  }
  .option .share {
    display: grid;
    grid-template-columns: 1fr 42px;
    gap: 8px;
    align-items: center;
  }
  .option .share .number {
    text-align: right;
    font-size: var(--size-small);
  }
  .bar {
    height: 8px;
    overflow: hidden;
    background: var(--line);
    border-radius: 4px;
  }
  .bar span {
    display: block;
    width: calc(100% * var(--share));
    height: 100%;
    background: var(--activation);
    border-radius: 4px;
  }
  .empty {
    display: grid;
    place-content: center;
    padding: 0 24px;
    text-align: center;
    color: var(--soft);
  }
  @container (max-width: 640px) {
    .row {
      gap: 10px;
      grid-template-columns: 46px minmax(86px, 1fr) minmax(30px, 0.8fr) minmax(100px, 1.1fr);
      padding-left: 4px;
      padding-right: 6px;
    }
    .head {
      padding-right: 16px;
    }
    .row .density,
    .row .value {
      display: none;
    }
  }
  @container (max-width: 380px) {
    .row {
      gap: 8px;
      grid-template-columns: 42px minmax(86px, 1fr) minmax(84px, 1fr);
    }
    .row .course {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .bar {
      background: Canvas;
      border: 1px solid CanvasText;
    }
    .bar span,
    .pinned::after {
      background: Highlight;
      forced-color-adjust: none;
    }
    svg path {
      fill: CanvasText;
    }
  }
`;
