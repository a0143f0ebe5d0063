import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  h2 {
    font-size: var(--size-large);
    outline-offset: 4px;
  }
  h3 {
    margin: 18px 0 2px;
    font-size: var(--size);
  }
  small {
    font-size: var(--size-small);
    font-weight: 400;
    color: var(--soft);
  }
  .own {
    color: var(--own-ink);
  }
  .opponent {
    color: var(--opponent-ink);
  }
  .about {
    margin: 2px 0 8px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  li {
    border-top: 1px solid var(--line);
  }
  .features a,
  .probes li {
    display: grid;
    grid-template-columns: 4.2em minmax(0, 1fr) 7.5em 8.5em;
    grid-template-areas: 'name where auroc f1' 'name bar auroc f1';
    gap: 3px 14px;
    align-items: center;
    padding: 8px 6px;
  }
  .features a {
    color: inherit;
    text-decoration: none;
  }
  .features [aria-current] {
    background: var(--wash);
    box-shadow: inset 3px 0 var(--accent);
  }
  .features a:hover {
    background: var(--wash);
  }
  .name {
    grid-area: name;
  }
  .features .name {
    color: var(--accent);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .where {
    grid-area: where;
    font-size: var(--size-small);
    overflow-wrap: anywhere;
  }
  .auroc {
    display: grid;
    grid-area: auroc;
  }
  .f1 {
    grid-area: f1;
    font-size: var(--size-small);
  }
  .bar {
    position: relative;
    grid-area: bar;
    height: 8px;
    background: var(--sunk);
    border-radius: 4px;
  }
  .bar i {
    position: absolute;
    inset: 0 auto 0 0;
    width: calc(100% * var(--share));
    background: var(--activation);
    border-radius: 4px;
  }
  .probes .bar i {
    background: none;
    border: 1.5px solid var(--activation);
  }
  .bar u {
    position: absolute;
    top: 50%;
    left: calc(100% * var(--low));
    width: calc(100% * (var(--high) - var(--low)));
    min-width: 2px;
    height: 14px;
    border: solid var(--ink);
    border-width: 0 1.5px;
    transform: translateY(-50%);
  }
  button {
    margin-top: 10px;
  }
  @container (max-width: 480px) {
    .features a,
    .probes li {
      grid-template-columns: 4.2em minmax(0, 1fr) auto;
      grid-template-areas: 'name where where' 'bar bar auroc' 'f1 f1 f1';
    }
    .auroc {
      display: block;
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
