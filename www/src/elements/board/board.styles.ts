import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  svg {
    display: block;
    width: 100%;
    aspect-ratio: 418 / 420;
    height: auto;
    user-select: none;
    touch-action: manipulation;
  }
  text {
    font-family: inherit;
    font-variant-numeric: tabular-nums;
    text-anchor: middle;
  }
  .felt {
    fill: var(--board);
  }
  .line {
    stroke: var(--grid);
  }
  .dot {
    fill: var(--grid);
  }
  .coordinate {
    fill: var(--soft);
    font-size: 10.5px;
  }
  .target {
    fill: transparent;
  }
  .square {
    cursor: default;
    outline: none;
  }
  .legal {
    cursor: pointer;
  }
  .legal:hover .target {
    fill: color-mix(in srgb, var(--ink) 8%, transparent);
  }
  .heat {
    fill: var(--heat);
    opacity: calc(0.08 + (var(--heat-max) - 0.08) * var(--heat-strength));
  }
  .hatch {
    stroke: var(--opponent);
    stroke-width: 2.4;
    opacity: 0.75;
  }
  .illegal {
    fill: url('#hatch');
    stroke: var(--opponent);
    stroke-dasharray: 3 2.5;
  }
  .top {
    fill: none;
    stroke: var(--accent);
    stroke-width: 2;
  }
  .top.wrong {
    stroke: var(--opponent);
  }
  .spot {
    fill: var(--card);
    stroke: var(--soft);
    stroke-width: 1;
  }
  .spot.following {
    fill: var(--ink);
    stroke: var(--ink);
  }
  .share {
    fill: var(--ink);
    font-size: 10px;
    paint-order: stroke;
  }
  .share.wrong {
    stroke: var(--board);
    stroke-width: 3.5;
    stroke-linejoin: round;
  }
  .label {
    fill: var(--board);
  }
  .disc {
    stroke: var(--disc-edge);
    stroke-width: 0.8;
    transform-box: fill-box;
    transform-origin: center;
  }
  .disc.black {
    fill: var(--black);
  }
  .disc.white {
    fill: var(--white);
  }
  .last {
    fill: none;
    stroke-width: 2.5;
  }
  .last.black {
    stroke: #f08a4b;
  }
  .last.white {
    stroke: #b84f00;
  }
  .focus {
    fill: none;
    stroke: transparent;
    stroke-width: 3;
  }
  .square:focus-visible .focus {
    stroke: var(--own);
  }
  @container (max-width: 420px) {
    .share {
      font-size: 12px;
    }
    .coordinate {
      font-size: 12px;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .turned.odd {
      animation: turn-odd 260ms ease-in-out;
    }
    .turned.even {
      animation: turn-even 260ms ease-in-out;
    }
  }
  @keyframes turn-odd {
    from {
      transform: scaleX(0.1);
      opacity: 0.5;
    }
  }
  @keyframes turn-even {
    from {
      transform: scaleX(0.1);
      opacity: 0.5;
    }
  }
  @media (forced-colors: active) {
    .felt {
      fill: Canvas;
      stroke: CanvasText;
    }
    .line,
    .dot {
      stroke: GrayText;
    }
    .disc {
      forced-color-adjust: none;
      stroke: #808080;
      stroke-width: 2;
    }
    .spot {
      fill: Highlight;
    }
    .share,
    .coordinate {
      fill: CanvasText;
    }
    .square:focus-visible .focus {
      stroke: Highlight;
    }
  }
`;
