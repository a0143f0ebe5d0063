import { css } from 'lit';

export const styles = css`
  :host {
    --tint: var(--activation);
  }
  :host([statement='own']) {
    --tint: var(--own);
  }
  :host([statement='opponent']) {
    --tint: var(--opponent);
  }
  :host([statement='empty']) {
    --tint: var(--empty);
  }
  :host([statement='legal']) {
    --tint: var(--accent);
  }
  svg {
    display: block;
    width: 100%;
    overflow: visible;
  }
  text {
    font-size: 5.4px;
    fill: var(--soft);
    text-anchor: middle;
  }
  .cell {
    fill: var(--sunk);
    stroke: var(--line);
    stroke-width: 0.5;
  }
  .none {
    fill: none;
    stroke: var(--line);
    stroke-width: 0.5;
    stroke-dasharray: 2 2;
  }
  .value {
    fill: var(--tint);
    fill-opacity: var(--strength);
  }
  .told {
    fill: var(--card);
  }
  .square {
    cursor: pointer;
    outline: none;
  }
  .square:hover .focus {
    stroke: var(--soft);
  }
  .focus,
  .mark {
    fill: none;
    stroke: none;
    stroke-width: 1.4;
  }
  .mark {
    stroke: var(--ink);
  }
  .square:focus-visible .focus {
    stroke: var(--accent);
    stroke-width: 2.4;
  }
  @media (forced-colors: active) {
    svg {
      forced-color-adjust: none;
    }
    .cell,
    .none {
      stroke: CanvasText;
    }
    .cell {
      fill: Canvas;
    }
    text {
      fill: CanvasText;
    }
    .mark,
    .square:focus-visible .focus {
      stroke: Highlight;
    }
  }
`;
