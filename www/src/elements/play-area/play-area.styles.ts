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
    width: 38px;
    padding: 0;
  }
  .step svg {
    width: 18px;
    height: 18px;
    fill: currentColor;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linejoin: round;
  }
  ol-timeline {
    margin-top: 2px;
  }
`;
