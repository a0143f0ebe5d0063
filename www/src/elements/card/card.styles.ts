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
  }
  h3 small {
    font-weight: 400;
    color: var(--soft);
  }
  .labels {
    display: grid;
    gap: 4px;
    align-content: start;
    min-height: 92px;
    font-size: var(--size-small);
  }
  .labels li {
    display: grid;
    grid-template-columns: minmax(92px, auto) 1fr 42px;
    gap: 8px;
    align-items: center;
  }
  .labels b {
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
    background: var(--soft);
    border-radius: 4px;
  }
  .bar i.own {
    background: var(--own);
  }
  .bar i.opponent {
    background: var(--opponent);
  }
  .none {
    margin-bottom: 4px;
    font-size: var(--size-small);
  }
  .over {
    margin-top: 8px;
    font-size: var(--size-small);
    color: var(--soft);
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
  .boards button[aria-pressed='true'] {
    border-color: var(--accent);
    box-shadow: 0 0 0 1px var(--accent);
  }
  .boards button > span {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 6px;
    padding: 2px 1px 0;
    font-size: var(--size-small);
    line-height: 1.4;
  }
  .boards small {
    color: var(--soft);
  }
  .waiting {
    visibility: hidden;
  }
  ol-side-board {
    margin-top: 12px;
  }
  @container (max-width: 560px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      gap: 14px;
    }
  }
  @media (min-width: 1600px) {
    :host {
      grid-template-columns: minmax(0, 1fr);
      gap: 18px;
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
