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
    fill: none;
    stroke: var(--grid);
  }
  .dot {
    fill: var(--grid);
  }
  .coordinate {
    fill: var(--soft);
    font-size: 11px;
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
    stroke: var(--wrong);
    stroke-width: 2.4;
    opacity: 0.75;
  }
  .illegal {
    fill: url('#hatch');
    stroke: var(--wrong);
    stroke-dasharray: 3 2.5;
  }
  .top {
    fill: none;
    stroke: var(--accent);
    stroke-width: 2;
  }
  .top.wrong {
    stroke: var(--wrong);
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
    font-size: 11px;
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
  .added {
    fill: var(--raise);
    opacity: calc(0.75 * var(--strength));
  }
  .added.lower {
    fill: var(--lower);
  }
  .none {
    fill: none;
    stroke: var(--grid);
  }
  .halo {
    fill: none;
    stroke: var(--card);
    stroke-width: 6;
    opacity: 0.7;
  }
  .ring {
    fill: none;
    stroke: var(--ink);
    stroke-width: 3.5;
  }
  .ring.own {
    stroke: var(--own);
  }
  .ring.opponent {
    stroke: var(--opponent);
  }
  .ring.hover {
    stroke-dasharray: 7 4;
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
    stroke: var(--white);
  }
  .last.white {
    stroke: var(--black);
  }
  /* It lies over all else of its square, takes the pointer, and is the ring of the one in focus. */
  .square:focus-visible .target {
    x: 1.5px;
    y: 1.5px;
    width: 47px;
    height: 47px;
    rx: 7px;
    stroke: var(--accent);
    stroke-width: 3;
  }
  @container (max-width: 420px) {
    .share {
      font-size: 13px;
    }
    .coordinate {
      font-size: 13px;
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
    .spot,
    .ring,
    .added {
      forced-color-adjust: none;
    }
    .spot {
      fill: Highlight;
    }
    .halo {
      stroke: Canvas;
    }
    .share,
    .coordinate {
      fill: CanvasText;
    }
    .square:focus-visible .target {
      stroke: Highlight;
    }
  }
`;
