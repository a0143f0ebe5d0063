import { css } from 'lit';

export const styles = css`
  .heading {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    margin-bottom: 6px;
  }
  .heading h2 {
    font-size: var(--size);
  }
  .site {
    flex: 1;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .start {
    display: grid;
    gap: 14px;
    justify-items: center;
  }
  .start div {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 8px;
  }
`;
