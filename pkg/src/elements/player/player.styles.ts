import { css } from 'lit';

export const styles = css`
  othello-board {
    max-width: 420px;
  }
  input[type='range'] {
    width: 100%;
    max-width: 420px;
  }
`;
