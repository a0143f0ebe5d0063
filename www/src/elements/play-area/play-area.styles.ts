import { css } from 'lit';

export const styles = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 8px;
    align-content: start;
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .steps {
    display: flex;
    flex: 1;
    gap: 4px;
  }
  .step {
    display: grid;
    place-items: center;
    width: 36px;
    padding: 0;
  }
  .play {
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 88px;
  }
  .controls svg {
    width: 18px;
    height: 18px;
    fill: currentColor;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linejoin: round;
  }
  .overlay {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 16px;
    margin: 0;
    padding: 0;
    font-size: var(--size-small);
    border: 0;
  }
  .overlay legend {
    float: left;
    padding: 2px 4px 0 0;
    color: var(--soft);
  }
  .overlay label {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 24px;
    cursor: pointer;
  }
  .overlay input {
    width: 16px;
    height: 16px;
    margin: 0;
    accent-color: var(--accent);
  }
  .course {
  }
  .legend {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 4px;
    min-height: 20px;
    margin-bottom: 4px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .legend b {
    font-weight: 600;
    color: var(--ink);
  }
  .strip {
    margin-left: auto;
  }
  .strip i {
    display: inline-block;
    width: 14px;
    height: 8px;
    margin-right: 6px;
    background: var(--ink);
    border-radius: 2px;
    forced-color-adjust: none;
  }
  .strip i.own {
    background: var(--own);
  }
  .strip i.opponent {
    background: var(--opponent);
  }
  ol-plies {
    --height: 56px;
  }
`;
