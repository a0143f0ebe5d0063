import { css } from 'lit';

export const styles = css`
  main {
    max-width: 1280px;
    margin: 0 auto;
    padding: 16px 24px;
  }
  .columns {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(240px, 100%), 1fr));
    gap: 20px 32px;
    margin-top: 12px;
  }
  h2 {
    margin-bottom: 6px;
    font-size: 14px;
    font-weight: 600;
  }
  p,
  ul {
    margin-bottom: 8px;
    font-size: 13.5px;
    line-height: 1.5;
    color: var(--soft);
  }
  ul {
    padding: 0;
    list-style: none;
  }
  a {
    color: var(--accent);
    text-underline-offset: 2px;
  }
  code {
    font: 12.5px var(--mono);
  }
  kbd {
    padding: 0 5px;
    font: 12px/1.5 var(--mono);
    color: var(--ink);
    border: 1px solid var(--line);
    border-bottom-width: 2px;
    border-radius: 4px;
  }
  .keyed {
    display: flex;
    gap: 10px;
  }
  .key {
    flex: none;
    width: 30px;
    height: 30px;
    margin-top: 4px;
    border-radius: 4px;
  }
  .felt {
    fill: var(--board);
  }
  .heat {
    fill: var(--heat);
    opacity: var(--heat-max);
  }
  .spot {
    fill: var(--card);
    stroke: var(--soft);
  }
  .hatch {
    stroke: var(--opponent);
    stroke-width: 3;
    opacity: 0.75;
  }
  .illegal {
    fill: none;
    stroke: var(--opponent);
    stroke-width: 1.5;
    stroke-dasharray: 3 2.5;
  }
  .top {
    fill: none;
    stroke: var(--accent);
    stroke-width: 3;
  }
`;
