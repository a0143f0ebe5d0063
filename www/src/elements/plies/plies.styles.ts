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
    fill: var(--wash);
  }
  .bar {
    fill: var(--accent);
    opacity: 0.42;
  }
  .bar.now {
    opacity: 1;
  }
  .slider:hover .bar:not(.now) {
    opacity: 0.58;
  }
  .marks span {
    position: absolute;
    left: calc(100% * var(--at));
    bottom: -3px;
    font-size: 11px;
    line-height: 12px;
    font-weight: 700;
    color: var(--opponent);
    transform: translateX(-50%);
  }
  .axis {
    position: relative;
    height: 14px;
    font-size: 11px;
    line-height: 14px;
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
    font-size: 11px;
    line-height: 14px;
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
  }
`;
