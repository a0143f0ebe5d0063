import { css } from 'lit';

export const styles = css`
  header {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 22px;
    min-height: 52px;
    padding: 6px 24px;
    border-bottom: 1px solid var(--line);
  }
  .name {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 24px;
    font-size: var(--size-large);
    font-weight: 650;
    letter-spacing: -0.01em;
    color: inherit;
    text-decoration: none;
  }
  .name svg {
    width: 24px;
    height: 24px;
    fill: none;
    stroke-linecap: round;
  }
  .mark-black {
    fill: var(--black);
  }
  .mark-white {
    fill: var(--white);
  }
  .mark-ring,
  .mark-lens {
    stroke: var(--accent);
    stroke-width: 2.4;
  }
  nav {
    display: flex;
    gap: 18px;
    margin-right: auto;
  }
  nav a {
    padding: 4px 0;
    color: var(--soft);
    text-decoration: none;
    border-bottom: 2px solid transparent;
  }
  nav a:hover {
    color: var(--ink);
  }
  nav [aria-current] {
    color: var(--ink);
    border-color: var(--accent);
  }
  .models {
    display: flex;
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .models button {
    min-height: 28px;
    padding: 0 11px;
    background: none;
    border: 0;
    border-radius: 7px;
  }
  .models button[aria-pressed='true'] {
    color: var(--on-accent);
    background: var(--accent);
    font-weight: 600;
  }
  .models button {
    max-width: 160px;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  ol-own-bundles {
    order: 9;
    flex: 1 0 100%;
  }
  ol-badge {
    width: 300px;
  }
  progress {
    position: absolute;
    inset: auto 0 -2px;
    width: 100%;
    height: 3px;
    appearance: none;
    background: none;
    border: 0;
    accent-color: var(--accent);
  }
  progress::-webkit-progress-bar {
    background: none;
  }
  progress::-webkit-progress-value {
    background: var(--accent);
  }
  progress::-moz-progress-bar {
    background: var(--accent);
  }
  @media (max-width: 900px) {
    header {
      padding: 6px 12px;
    }
    nav {
      order: 3;
      width: 100%;
    }
    ol-badge {
      width: auto;
      margin-left: auto;
    }
  }
  @media (max-width: 560px) {
    header {
      gap: 2px 10px;
    }
    .models {
      order: 4;
      flex: 1;
      flex-wrap: wrap;
    }
    .models button {
      flex: 1 1 auto;
      padding: 0 3px;
    }
  }
  @media (pointer: coarse) {
    .models button {
      min-height: 36px;
    }
    nav a {
      padding: 8px 0;
    }
  }
`;
