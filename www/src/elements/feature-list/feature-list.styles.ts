import { css } from 'lit';

export const styles = css`
  :host {
    --columns: 58px minmax(90px, 1fr) 76px minmax(130px, 1fr) 62px;
    container-type: inline-size;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 4px 16px;
    min-height: 28px;
    font-size: 13px;
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
  }
  .threshold .number {
    width: 38px;
    text-align: right;
    color: var(--ink);
  }
  .row {
    display: grid;
    grid-template-columns: var(--columns);
    gap: 12px;
    align-items: center;
    padding: 0 12px 0 8px;
  }
  .row.labelled {
    grid-template-columns: 112px minmax(60px, 1fr) 62px minmax(120px, 1fr) 62px;
  }
  .feature {
    display: flex;
    gap: 8px;
    align-items: baseline;
    overflow: hidden;
    white-space: nowrap;
  }
  .feature small {
    font-size: 12px;
    color: var(--soft);
  }
  .feature small.tells {
    color: var(--accent);
    font-weight: 600;
  }
  .labelled .feature b {
    min-width: 34px;
  }
  .head {
    min-height: 28px;
    font-size: 12px;
    color: var(--soft);
    border-bottom: 1px solid var(--line);
  }
  .head > * {
    white-space: nowrap;
  }
  .sort {
    min-height: 24px;
    padding: 0;
    font-size: 12px;
    color: inherit;
    background: none;
    border: 0;
  }
  .sort:hover,
  .sort[aria-pressed='true'] {
    color: var(--ink);
  }
  .sort i {
    font-style: normal;
  }
  .density,
  .value {
    text-align: right;
  }
  .rows {
    height: var(--rows, 231px);
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-gutter: stable;
    scrollbar-width: thin;
    border-radius: 4px;
  }
  .head {
    padding-right: 24px;
  }
  .option {
    height: 33px;
    font-size: 14px;
    border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent);
    cursor: pointer;
    /* Most rows are scrolled out of view; scrubbing should not pay for them. */
    content-visibility: auto;
    contain-intrinsic-height: 33px;
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
  .rows:focus-visible {
    outline-offset: 1px;
    outline-width: 1px;
  }
  .option b {
    font-weight: 600;
  }
  .pin {
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
    fill: var(--accent);
    opacity: 0.55;
  }
  .here {
    fill: var(--soft);
    opacity: 0.35;
  }
  .option .density,
  .option .value {
    font-size: 13px;
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
    font-size: 13px;
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
    background: var(--accent);
    border-radius: 4px;
  }
  .empty {
    display: grid;
    place-content: center;
    padding: 0 24px;
    font-size: 13.5px;
    text-align: center;
    color: var(--soft);
  }
  @container (max-width: 560px) {
    .row {
      gap: 10px;
      grid-template-columns: 48px minmax(40px, 0.8fr) minmax(110px, 1.2fr) 46px;
      padding-left: 4px;
      padding-right: 6px;
    }
    .row.labelled {
      grid-template-columns: minmax(84px, 104px) minmax(14px, 0.4fr) minmax(84px, 1fr) 42px;
    }
    .head {
      padding-right: 16px;
    }
    .row .density {
      display: none;
    }
    .rows {
      height: var(--rows, 297px);
    }
    .head .course {
      overflow: hidden;
      text-overflow: ellipsis;
    }
  }
  @media (forced-colors: active) {
    .bar {
      background: Canvas;
      border: 1px solid CanvasText;
    }
    .bar span,
    .pin {
      background: Highlight;
      forced-color-adjust: none;
    }
    svg path {
      fill: CanvasText;
    }
  }
`;
