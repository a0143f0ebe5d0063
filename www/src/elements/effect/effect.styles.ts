import { css } from 'lit';

export const styles = css`
  svg {
    display: block;
    width: 100%;
    aspect-ratio: 171 / 173;
  }
  text {
    font: 8.5px system-ui, sans-serif;
    fill: var(--soft);
    text-anchor: middle;
  }
  .cell {
    fill: var(--sunk);
    stroke: var(--line);
    stroke-width: 0.6;
  }
  rect.up {
    fill: var(--own);
  }
  rect.down {
    fill: var(--opponent);
  }
  .none {
    fill: none;
    stroke: var(--grid);
  }
  .legal {
    fill: var(--card);
    stroke: var(--ink);
    stroke-width: 0.9;
  }
  .scale {
    display: grid;
    grid-template-columns: auto 1fr auto;
    gap: 6px;
    align-items: center;
    min-height: 16px;
    margin-top: 4px;
    padding-left: 5%;
    font-size: 11px;
    line-height: 16px;
    color: var(--soft);
  }
  .scale i {
    height: 7px;
    background: linear-gradient(to right, var(--opponent), var(--sunk), var(--own));
    border: 1px solid var(--line);
    border-radius: 3px;
    forced-color-adjust: none;
  }
  @media (forced-colors: active) {
    svg {
      forced-color-adjust: none;
    }
    text {
      fill: CanvasText;
    }
  }
`;
