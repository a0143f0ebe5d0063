import { css } from 'lit';

export const styles = css`
  main {
    max-width: 1280px;
    margin: 0 auto;
    padding: 20px 24px 32px;
  }
  .lead {
    margin-top: 6px;
    color: var(--soft);
  }
  .beside {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 476px);
    gap: 28px;
    align-items: start;
    margin-top: 20px;
  }
  .live {
    position: sticky;
    top: 12px;
    padding: 14px 16px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .steps {
    display: grid;
    gap: 22px;
  }
  .steps li {
    display: grid;
    grid-template-columns: 44px minmax(0, 1fr);
  }
  .count {
    font-size: var(--size-headline);
    font-weight: 600;
    line-height: 1;
    color: var(--accent);
  }
  .steps h2 {
    margin-bottom: 4px;
  }
  .todo {
    margin-top: 8px;
    padding: 10px 14px;
    background: var(--wash);
    border-radius: 8px;
  }
  .ways {
    display: inline-flex;
    gap: 6px;
    margin-left: 4px;
  }
  .todo button {
    min-height: 28px;
  }
  .moves {
    display: block;
    margin-top: 4px;
  }
  .reference {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr));
    gap: 20px 36px;
    margin-top: 32px;
    padding-top: 20px;
    border-top: 1px solid var(--line);
  }
  .reference p {
    margin-top: 8px;
    font-size: var(--size-small);
    line-height: 1.6;
    color: var(--soft);
  }
  .formulas {
    display: grid;
    gap: 4px;
    margin-top: 8px;
    font-size: var(--size-small);
    line-height: 24px;
  }
  a {
    color: var(--accent);
    text-underline-offset: 2px;
  }
  code {
    font: var(--size-small) / 1.6 var(--mono);
  }
  kbd {
    padding: 0 5px;
    font: var(--size-small) / 1.5 var(--mono);
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
    stroke: var(--wrong);
    stroke-width: 3;
    opacity: 0.75;
  }
  .illegal {
    fill: none;
    stroke: var(--wrong);
    stroke-width: 1.5;
    stroke-dasharray: 3 2.5;
  }
  .top {
    fill: none;
    stroke: var(--accent);
    stroke-width: 3;
  }
  .ring {
    fill: none;
    stroke: var(--opponent);
    stroke-width: 5;
  }
  @media (max-width: 900px) {
    main {
      padding: 12px;
    }
    .beside {
      grid-template-columns: minmax(0, 1fr);
    }
    .live {
      position: static;
      order: -1;
      padding: 12px;
    }
    .steps li {
      grid-template-columns: 34px minmax(0, 1fr);
    }
  }
`;
