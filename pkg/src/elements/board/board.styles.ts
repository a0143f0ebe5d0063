import { css } from 'lit';

export const styles = css`
  svg {
    display: block;
    width: 100%;
    height: auto;
    user-select: none;
  }
  .felt {
    fill: var(--board);
  }
  .lines {
    fill: none;
    stroke: var(--grid);
    stroke-width: 0.5;
  }
  .coordinate {
    fill: var(--soft);
    font-size: 4px;
    text-anchor: middle;
  }
  .disc {
    stroke: var(--disc-edge);
    stroke-width: 0.4;
  }
  .black {
    fill: var(--black);
  }
  .white {
    fill: var(--white);
  }
  .own {
    fill: var(--own);
  }
  .opponent {
    fill: var(--opponent);
  }
  .opponent-dot {
    fill: var(--board);
  }
  .last {
    fill: none;
    stroke-width: 1;
    stroke: var(--opponent);
  }
  .sides .last {
    stroke: var(--board);
  }
  .value {
    fill: var(--heat);
    fill-opacity: calc(0.06 + 0.5 * var(--strength));
  }
  .share {
    fill: var(--ink);
    font-size: 2.6px;
    text-anchor: middle;
    font-variant-numeric: tabular-nums;
  }
  .halo {
    fill: none;
    stroke: var(--board);
    stroke-width: 2.6;
  }
  .mark {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.2;
  }
  .target {
    fill: transparent;
    cursor: pointer;
  }
  .target:hover {
    fill: color-mix(in srgb, var(--ink) 10%, transparent);
  }
  .failure {
    padding: 8px 11px;
    font-size: var(--size-2);
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 8px;
    overflow-wrap: anywhere;
  }
  @media (forced-colors: active) {
    svg {
      forced-color-adjust: none;
    }
  }
`;
