import { css } from 'lit';

export const styles = css`
  header {
    position: relative;
    display: flex;
    align-items: center;
    gap: 22px;
    min-height: 52px;
    padding: 8px 24px;
    border-bottom: 1px solid var(--line);
  }
  .name {
    display: flex;
    align-items: center;
    gap: 8px;
    font-size: 17px;
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
  ol-badge {
    margin-left: auto;
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
  main {
    display: grid;
    grid-template-columns: minmax(0, 476px) minmax(0, 1fr);
    grid-template-areas:
      'notices notices'
      'play insight'
      'moves insight'
      'games games';
    grid-template-rows: auto auto 1fr auto;
    gap: 0 20px;
    max-width: 1280px;
    margin: 0 auto;
    padding: 16px 24px 24px;
  }
  .notices {
    grid-area: notices;
  }
  .notices ol-notice {
    margin-bottom: 12px;
  }
  .play {
    grid-area: play;
  }
  .insight {
    grid-area: insight;
    display: grid;
    gap: 16px;
    align-content: start;
    min-width: 0;
  }
  .moves {
    grid-area: moves;
    margin-top: 16px;
    align-self: start;
  }
  .games {
    grid-area: games;
    margin-top: 16px;
  }
  .card {
    min-width: 0;
    padding: 14px 16px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .title {
    margin-bottom: 8px;
  }
  footer {
    max-width: 1280px;
    margin: 0 auto;
    padding: 20px 24px 48px;
    scroll-margin-top: 8px;
  }
  @media (max-width: 900px) {
    main {
      grid-template-columns: minmax(0, 1fr);
      grid-template-areas: 'notices' 'play' 'insight' 'moves' 'games';
      grid-template-rows: none;
      max-width: 640px;
      padding: 12px;
    }
    .insight {
      gap: 12px;
    }
    .insight,
    .moves,
    .games {
      margin-top: 12px;
    }
    header {
      flex-wrap: wrap;
      gap: 0 12px;
      padding: 6px 12px 2px;
    }
    nav {
      order: 3;
      width: 100%;
    }
    .card {
      padding: 12px;
    }
    footer {
      max-width: 640px;
      padding: 16px 12px 40px;
    }
  }
`;
