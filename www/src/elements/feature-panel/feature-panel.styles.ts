import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 4px 10px;
    margin-bottom: 10px;
  }
  .label {
    font-size: var(--size-large);
    font-weight: 600;
  }
  .how {
    flex: 1;
    font-size: var(--size-small);
    color: var(--soft);
  }
  header a {
    padding: 4px 0;
    font-size: var(--size-small);
    color: var(--accent);
    text-underline-offset: 3px;
  }
  header button {
    min-height: 28px;
  }
  ol-card {
    margin-top: 14px;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(4, auto);
    justify-content: space-between;
    gap: 4px 16px;
    margin: 0 0 8px;
  }
  dl div {
    display: flex;
    flex-direction: column-reverse;
  }
  dt {
    font-size: var(--size-small);
    color: var(--soft);
  }
  dd {
    margin: 0;
    font-weight: 600;
  }
  .squares {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    min-height: 40px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .squares span {
    white-space: nowrap;
  }
  b {
    font-weight: 600;
    color: var(--ink);
  }
  .raise {
    color: var(--raise);
  }
  .lower {
    color: var(--lower);
  }
  @container (max-width: 560px) {
    dl {
      grid-template-columns: 1fr 1fr;
    }
    .squares {
      min-height: 80px;
    }
    .squares span {
      white-space: normal;
    }
  }
`;
