import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 5fr) minmax(0, 7fr);
    gap: 24px;
    padding-top: 14px;
    border-top: 1px solid var(--line);
  }
  h3 {
    margin-bottom: 8px;
    font-size: 12.5px;
    font-weight: 400;
    color: var(--soft);
  }
  .labels {
    display: grid;
    gap: 4px;
    align-content: start;
    min-height: 92px;
  }
  .labels li {
    display: grid;
    grid-template-columns: 74px 1fr 42px;
    gap: 8px;
    align-items: center;
    font-size: 13.5px;
  }
  .labels b {
    font-size: 13px;
    font-weight: 600;
    text-align: right;
  }
  .bar {
    height: 8px;
    overflow: hidden;
    background: var(--line);
    border-radius: 4px;
  }
  .bar i {
    display: block;
    width: calc(100% * var(--share));
    height: 100%;
    background: var(--accent);
    border-radius: 4px;
  }
  .f1 {
    min-height: 38px;
  }
  .none {
    margin-bottom: 4px;
    font-size: 13.5px;
  }
  .f1,
  .over {
    margin-top: 8px;
    font-size: 12.5px;
    line-height: 1.5;
    color: var(--soft);
  }
  .f1 b,
  .over b {
    font-weight: 600;
    color: var(--ink);
  }
  .boards {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 8px;
    align-content: start;
    min-height: 232px;
  }
  .boards button {
    display: block;
    width: 100%;
    min-height: 0;
    padding: 4px 4px 2px;
  }
  .boards span {
    display: flex;
    justify-content: space-between;
    padding: 2px 1px 0;
    font-size: 11.5px;
    line-height: 1.4;
  }
  .boards small {
    font-size: inherit;
    color: var(--soft);
  }
  @container (max-width: 560px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      gap: 14px;
    }
  }
  @media (forced-colors: active) {
    .bar {
      background: Canvas;
      border: 1px solid CanvasText;
    }
    .bar i {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
