import { css } from 'lit';

export const styles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 0 12px;
    white-space: nowrap;
    min-height: 24px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  h2 {
    display: flex;
    align-items: center;
    gap: 7px;
    font-size: var(--size-large);
  }
  small {
    font-size: var(--size-small);
    font-weight: 400;
    color: var(--soft);
  }
  i {
    display: inline-block;
    flex: none;
    width: 13px;
    height: 13px;
    border: 1px solid var(--disc-edge);
    border-radius: 50%;
    forced-color-adjust: none;
  }
  i.black {
    background: var(--black);
  }
  i.white {
    background: var(--white);
  }
  i.none {
    background: linear-gradient(90deg, var(--black) 50%, var(--white) 50%);
  }
  .ply {
    flex: 1;
  }
  .score {
    flex: 0 1 auto;
    min-width: 0;
    display: inline-flex;
    align-items: center;
    gap: 6px;
    color: var(--ink);
  }
  .score i {
    width: 10px;
    height: 10px;
  }
  .tug {
    flex: 0 1 74px;
    min-width: 8px;
    width: 74px;
    height: 7px;
    overflow: hidden;
    background: var(--white);
    border: 1px solid var(--disc-edge);
    border-radius: 4px;
    forced-color-adjust: none;
  }
  .tug span {
    display: block;
    width: calc(100% * var(--share));
    height: 100%;
    background: var(--black);
  }
  @media (max-width: 430px) {
    :host {
      flex-wrap: wrap;
    }
    /* No room for more than a dash. */
    .tug {
      flex: none;
      width: 8px;
      height: 1px;
      border-width: 1px 0 0;
    }
  }
`;
