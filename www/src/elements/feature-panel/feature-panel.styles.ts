import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  header {
    display: flex;
    align-items: baseline;
    gap: 8px;
    margin-bottom: 8px;
  }
  h2 {
    font-size: 15px;
  }
  .how {
    flex: 1;
    font-size: 13px;
    color: var(--soft);
  }
  header button {
    min-height: 28px;
  }
  .parts {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 262px;
    gap: 24px;
  }
  ol-card {
    margin-top: 14px;
  }
  h3 {
    margin-bottom: 8px;
    font-size: 12.5px;
    font-weight: 400;
    color: var(--soft);
  }
  ol-plies {
    --height: 184px;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(4, auto);
    justify-content: space-between;
    gap: 4px 16px;
    margin: 10px 0 8px;
  }
  dl div {
    display: flex;
    flex-direction: column-reverse;
  }
  dt {
    font-size: 12px;
    color: var(--soft);
  }
  dd {
    margin: 0;
    font-size: 15px;
    font-weight: 600;
  }
  .squares {
    font-size: 12.5px;
    line-height: 1.6;
    color: var(--soft);
  }
  .squares span {
    white-space: nowrap;
  }
  b {
    font-weight: 600;
    color: var(--ink);
  }
  @container (max-width: 560px) {
    .parts {
      grid-template-columns: minmax(0, 1fr);
      gap: 14px;
    }
    dl {
      grid-template-columns: 1fr 1fr;
    }
    ol-effect {
      max-width: 300px;
    }
  }
`;
