import { css } from 'lit';

export const styles = css`
  :host {
    container-type: inline-size;
  }
  dl {
    display: grid;
    grid-template-columns: auto auto minmax(0, auto) auto;
    justify-content: space-between;
    gap: 10px 16px;
    margin: 0;
  }
  div {
    display: flex;
    flex-direction: column-reverse;
    justify-content: flex-end;
  }
  dd {
    margin: 0;
    font-size: var(--size-large);
    font-weight: 600;
    line-height: 1.25;
    letter-spacing: -0.01em;
    font-variant-numeric: tabular-nums;
  }
  small {
    font-size: var(--size-small);
    font-weight: 400;
    letter-spacing: 0;
    color: var(--soft);
  }
  dt {
    font-size: var(--size-small);
    line-height: 20px;
    color: var(--soft);
  }
  dd {
    white-space: nowrap;
  }
  dt b {
    font-weight: 600;
  }
  @container (max-width: 310px) {
    dd,
    dt {
      white-space: normal;
    }
  }
  @container (max-width: 600px) {
    dl {
      grid-template-columns: 1fr 1fr;
      justify-content: stretch;
      column-gap: 8px;
    }
  }
`;
