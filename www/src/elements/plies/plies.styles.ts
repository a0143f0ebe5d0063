import { css } from 'lit';

export const styles = css`
  :host {
    --height: 44px;
    position: relative;
  }
  .slider {
    position: relative;
    cursor: pointer;
    touch-action: pan-y;
    border-radius: 4px;
    padding-bottom: 9px;
  }
  svg {
    display: block;
    width: 100%;
    height: var(--height);
    border-bottom: 1px solid var(--line);
  }
  .unplayed {
    fill: var(--sunk);
  }
  .here {
    fill: color-mix(in srgb, var(--ink) 10%, transparent);
  }
  .strip {
    height: 8px;
    margin-top: 2px;
    background: var(--sunk);
    border: 0;
    border-radius: 2px;
  }
  .strip path {
    fill: var(--ink);
  }
  .strip.own path {
    fill: var(--own);
  }
  .strip.opponent path {
    fill: var(--opponent);
  }
  .bar {
    fill: var(--bar, var(--activation));
    opacity: 0.5;
  }
  .bar.now {
    opacity: 1;
  }
  .slider:hover .bar:not(.now) {
    opacity: 0.7;
  }
  .marks span {
    position: absolute;
    left: calc(100% * var(--at));
    bottom: -3px;
    font-size: var(--size-small);
    line-height: 12px;
    font-weight: 700;
    color: var(--wrong);
    transform: translateX(-50%);
  }
  .axis {
    position: relative;
    height: 16px;
    font-size: var(--size-small);
    line-height: 16px;
    color: var(--soft);
    font-variant-numeric: tabular-nums;
  }
  .axis span {
    position: absolute;
    left: calc(100% * var(--at));
    transform: translateX(-50%);
  }
  .axis span:last-child {
    transform: translateX(-75%);
  }
  .axis span:first-child {
    transform: translateX(-25%);
  }
  .greatest {
    position: absolute;
    top: -2px;
    left: 0;
    padding: 0 3px 0 0;
    font-size: var(--size-small);
    line-height: 16px;
    color: var(--soft);
    background: color-mix(in srgb, var(--card) 80%, transparent);
    border-radius: 3px;
    pointer-events: none;
  }
  @media (forced-colors: active) {
    .bar {
      fill: CanvasText;
    }
    .bar.now {
      fill: Highlight;
    }
    .strip {
      forced-color-adjust: none;
    }
  }
`;
