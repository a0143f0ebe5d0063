import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 22px;
    container-type: inline-size;
  }
  section,
  header {
    min-width: 0;
  }
  header {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 6px 16px;
    align-items: start;
  }
  .wide {
    grid-column: 1 / -1;
  }
  details {
    min-width: 0;
    padding-bottom: 14px;
    border-top: 1px solid var(--line);
  }
  details:not([open]) {
    padding: 0;
  }
  details + details {
    margin-top: -22px;
  }
  summary {
    padding: 11px 0;
    font-size: var(--size-3);
    font-weight: 600;
    cursor: pointer;
  }
  h2 {
    font-size: var(--size-5);
    line-height: 1.2;
    outline-offset: 4px;
  }
  h3 {
    margin-bottom: 6px;
    font-size: var(--size-4);
  }
  h4 {
    margin-bottom: 4px;
    font-size: var(--size-3);
    font-weight: 600;
  }
  small,
  .soft,
  .facts,
  figcaption,
  .key {
    font-size: var(--size-2);
    font-weight: 400;
    color: var(--soft);
  }
  .soft,
  .key {
    max-width: 78ch;
  }
  code {
    font-family: var(--mono);
    overflow-wrap: anywhere;
  }
  .dead {
    padding: 1px 7px;
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 5px;
  }
  .steps {
    display: flex;
    gap: 6px;
  }
  .failure {
    padding: 8px 12px;
    overflow-wrap: anywhere;
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 8px;
  }
  .headline {
    font-size: var(--size-4);
  }
  /* Colour says whose it is; text in it is mixed with the ink, for contrast. */
  .own {
    --tint: var(--own);
  }
  .opponent {
    --tint: var(--opponent);
  }
  .empty {
    --tint: var(--soft);
  }
  .legal {
    --tint: var(--accent);
  }
  b.own,
  b.opponent,
  span.own,
  span.opponent {
    color: color-mix(in srgb, var(--tint) 72%, var(--ink));
  }
  .maps {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    gap: 12px 18px;
    margin: 12px 0 4px;
  }
  .map,
  .chart,
  .board {
    display: block;
    width: 100%;
  }
  .map text {
    font-size: 8px;
    fill: var(--soft);
    text-anchor: middle;
  }
  .map .cell {
    fill: var(--sunk);
    stroke: var(--line);
    stroke-width: 0.4;
  }
  .map .none {
    fill: none;
    stroke: var(--line);
    stroke-width: 0.6;
    stroke-dasharray: 2 2;
  }
  .map .value {
    fill: var(--tint);
    fill-opacity: var(--strength);
  }
  .map .below {
    fill: none;
    stroke: var(--soft);
    stroke-width: calc(2px * var(--strength));
    stroke-dasharray: 2 1.5;
  }
  .map .mark {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.6;
  }
  .map.effect {
    --tint: var(--accent);
    max-width: 260px;
  }
  .map.effect .below {
    fill: var(--lower, light-dark(#7b3294, #c493d6));
    stroke: none;
  }
  div.effect {
    display: grid;
    grid-template-columns: minmax(180px, 260px) minmax(0, 60ch);
    gap: 18px;
    align-items: start;
  }
  .lists {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
    gap: 12px 24px;
    margin-top: 12px;
  }
  .labels li {
    display: grid;
    grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr) 3.6em;
    gap: 10px;
    align-items: center;
    min-height: 26px;
    font-size: var(--size-2);
  }
  .labels b {
    text-align: right;
  }
  .bar {
    height: 8px;
    background: var(--sunk);
    border-radius: 4px;
  }
  .bar i {
    display: block;
    width: calc(100% * var(--share));
    height: 100%;
    background: var(--soft);
    border-radius: 4px;
  }
  .threshold {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 10px;
    align-items: center;
    margin-bottom: 10px;
    font-size: var(--size-2);
  }
  .threshold input {
    flex: 0 1 220px;
    min-width: 120px;
  }
  .plots {
    display: grid;
    grid-template-columns: minmax(0, 5fr) minmax(0, 2fr) minmax(0, 2fr);
    gap: 18px;
    align-items: start;
    max-width: 1100px;
    margin-top: 14px;
  }
  .chart text {
    font-size: 9px;
    fill: var(--soft);
  }
  .chart .middle {
    text-anchor: middle;
  }
  .chart .end {
    text-anchor: end;
  }
  .chart .turned {
    transform: rotate(-90deg);
  }
  .chart .strong {
    font-weight: 600;
    fill: var(--ink);
  }
  .chart .axis {
    fill: none;
    stroke: var(--soft);
    stroke-width: 0.8;
  }
  .histogram {
    --tint: var(--accent);
  }
  .histogram.own {
    --tint: var(--own);
  }
  .histogram.opponent {
    --tint: var(--opponent);
  }
  .histogram .without {
    fill: var(--soft);
    fill-opacity: 0.45;
  }
  .histogram .with {
    fill: var(--tint);
    fill-opacity: 0.75;
  }
  .curve-over .ground,
  .roc .ground {
    fill: var(--sunk);
    stroke: var(--line);
    stroke-width: 0.6;
  }
  .curve-over .chance,
  .roc .chance {
    fill: none;
    stroke: var(--soft);
    stroke-width: 0.6;
    stroke-dasharray: 2 2;
  }
  .curve-over .f1,
  .roc .curve {
    fill: none;
    stroke: var(--accent);
    stroke-width: 1.6;
    stroke-linejoin: round;
  }
  .curve-over .precision,
  .curve-over .recall {
    fill: none;
    stroke: var(--soft);
    stroke-width: 1.1;
  }
  .curve-over .recall {
    stroke-dasharray: 4 2;
  }
  .curve-over .here {
    fill: none;
    stroke: var(--ink);
    stroke-width: 0.8;
  }
  .line::before {
    display: inline-block;
    width: 14px;
    height: 0;
    margin: 0 4px 3px 0;
    content: '';
    border-top: 2px solid var(--soft);
  }
  .line.f1::before {
    border-color: var(--accent);
  }
  .line.recall::before {
    border-top-style: dashed;
  }
  .line.chance::before {
    border-top: 1px dotted var(--soft);
  }
  .line {
    margin-right: 8px;
    white-space: nowrap;
  }
  .key .with,
  .key .without {
    font-weight: 600;
  }
  .key .with::before,
  .key .without::before {
    display: inline-block;
    width: 9px;
    height: 9px;
    margin-right: 4px;
    content: '';
    background: var(--tint, var(--accent));
    border-radius: 2px;
  }
  .key .without::before {
    background: var(--soft);
    opacity: 0.45;
  }
  .groups {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
    gap: 14px 28px;
    margin-top: 10px;
  }
  .group:first-child {
    grid-column: 1 / -1;
  }
  .boards {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(104px, 1fr));
    gap: 8px;
    max-width: 900px;
  }
  .boards button {
    display: block;
    width: 100%;
    min-height: 0;
    padding: 4px;
  }
  .boards button span {
    display: flex;
    gap: 4px;
    align-items: center;
    padding: 3px 1px 0;
    font-size: var(--size-2);
    line-height: 1.3;
    color: var(--soft);
    white-space: nowrap;
  }
  .boards b {
    flex: 1;
    font-weight: 600;
    color: var(--ink);
    text-align: left;
  }
  .turn {
    flex: none;
    width: 10px;
    height: 10px;
    border: 1px solid var(--disc-edge);
    border-radius: 50%;
  }
  .turn.black {
    background: var(--black);
  }
  .turn.white {
    background: var(--white);
  }
  .fails {
    margin-top: 20px;
  }
  .fails + .groups .group:first-child {
    grid-column: auto;
  }
  .board .felt {
    fill: var(--board);
  }
  .board .lines {
    fill: none;
    stroke: var(--grid);
    stroke-width: 0.5;
  }
  .board .own {
    fill: var(--own);
  }
  .board .opponent {
    fill: var(--opponent);
  }
  .board .dots {
    fill: var(--board);
  }
  .board .last {
    fill: none;
    stroke: var(--board);
    stroke-width: 0.9;
  }
  .board .mark {
    fill: none;
    stroke: var(--ink);
    stroke-width: 1.5;
  }
  textarea {
    display: block;
    width: 100%;
    max-width: 78ch;
    padding: 8px 11px;
    margin-bottom: 8px;
    font: inherit;
    color: inherit;
    background: var(--sunk);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
    margin-bottom: 10px;
    font-size: var(--size-2);
  }
  .tools input {
    width: 7em;
  }
  button.main {
    font-weight: 600;
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
  }
  .running {
    display: flex;
    gap: 10px;
    align-items: center;
    font-size: var(--size-2);
  }
  progress {
    width: 220px;
    accent-color: var(--accent);
  }
  .scroll {
    max-width: max-content;
    max-height: 320px;
    margin-bottom: 12px;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  table {
    font-size: var(--size-2);
    border-collapse: collapse;
  }
  caption {
    padding: 6px 10px;
    text-align: left;
  }
  th,
  td {
    padding: 4px 12px;
    text-align: right;
    border-top: 1px solid var(--line);
  }
  th[scope='row'],
  th:first-child {
    font-weight: 400;
    text-align: left;
  }
  @container (max-width: 640px) {
    .maps {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .plots {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .plots figure:first-child {
      grid-column: 1 / -1;
    }
    div.effect {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (forced-colors: active) {
    .map,
    .chart,
    .board,
    .turn,
    .key span::before {
      forced-color-adjust: none;
    }
    button.main {
      color: ButtonText;
      background: ButtonFace;
      border-color: ButtonText;
    }
    .map text,
    .chart text {
      fill: CanvasText;
    }
    .bar {
      border: 1px solid CanvasText;
    }
    .bar i {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
