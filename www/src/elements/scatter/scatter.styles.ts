import { css } from 'lit';

export const styles = css`
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    align-items: center;
    font-size: var(--size-small);
  }
  .tools label {
    display: flex;
    gap: 6px;
    align-items: center;
    color: var(--soft);
  }
  .tools select {
    color: var(--ink);
  }
  .check {
    min-height: 28px;
  }
  figure {
    margin: 8px 0 0;
    min-height: 260px;
  }
  figure svg {
    display: block;
    max-width: 100%;
    height: auto;
    overflow: visible;
    cursor: pointer;
  }
  figure .at {
    fill: none;
    stroke: var(--ink);
    stroke-width: 2;
  }
  .words,
  .here {
    margin-top: 6px;
    font-size: var(--size-small);
    color: var(--soft);
    overflow-wrap: anywhere;
  }
  figure text {
    white-space: pre;
  }
  .key {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .key span::before {
    display: inline-block;
    width: 9px;
    height: 9px;
    margin-right: 5px;
    content: '';
    border: 2px solid var(--activation);
    border-radius: 50%;
  }
  .key .neurons::before {
    border-color: var(--own);
    border-radius: 0;
    clip-path: polygon(50% 0, 100% 100%, 0 100%);
    background: var(--own);
  }
  .key .untrained::before {
    border-color: var(--warn);
    border-radius: 0;
    transform: rotate(45deg) scale(0.8);
  }
  .key .probe::before {
    border-color: var(--opponent);
    border-radius: 0;
  }
  @media (forced-colors: active) {
    figure svg,
    .key span::before {
      forced-color-adjust: none;
    }
  }
`;
