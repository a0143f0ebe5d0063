import { css } from 'lit';

export const styles = css`
  .game {
    display: flex;
    flex-wrap: wrap;
    gap: 16px 24px;
  }
  .board {
    flex: 1 1 260px;
    max-width: 420px;
  }
  .said {
    display: grid;
    flex: 1 1 220px;
    gap: 16px;
    align-content: start;
    min-width: 0;
    max-width: 420px;
  }
  .frame > othello-board {
    max-width: 420px;
  }
  input[type='range'] {
    width: 100%;
  }
  h3 {
    margin-bottom: 4px;
    font-size: var(--size-3);
  }
  .moves li {
    display: grid;
    grid-template-columns: 2.2em 1fr 4.2em 5em;
    gap: 8px;
    align-items: center;
    font-size: var(--size-2);
  }
  .moves small,
  .soft {
    font-size: var(--size-2);
    color: var(--soft);
  }
  .share {
    height: 8px;
    background: var(--sunk);
    border-radius: 2px;
    overflow: hidden;
  }
  .share i {
    display: block;
    width: calc(100% * var(--share));
    height: 100%;
    background: var(--accent);
  }
  .illegal .share i {
    background: var(--warn);
  }
  .illegal small {
    color: var(--warn);
  }
  @media (forced-colors: active) {
    .share i {
      background: Highlight;
    }
    .illegal .share i {
      background: Mark;
    }
  }
`;
