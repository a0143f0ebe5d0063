import { css } from 'lit';

export const styles = css`
  main {
    display: grid;
    gap: 14px;
    max-width: 1240px;
    margin: 0 auto;
    padding: 20px 20px 48px;
    --othello-own: var(--own);
    --othello-opponent: var(--opponent);
    --othello-ink: var(--ink);
    --othello-soft: var(--soft);
    --othello-line: var(--line);
    --othello-card: var(--card);
    --othello-sunk: var(--sunk);
    --othello-accent: var(--accent);
    --othello-on-accent: var(--on-accent);
    --othello-wash: var(--wash);
    --othello-warn: var(--warn);
    --othello-warn-wash: var(--warn-wash);
    --othello-board: var(--board);
    --othello-grid: var(--grid);
  }
  h1 {
    margin: 0;
    font-size: 24px;
    font-weight: 600;
  }
  h1:focus {
    outline: none;
  }
  .lead {
    max-width: 70ch;
    color: var(--soft);
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
    gap: 18px;
  }
  li,
  .sheet {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  li {
    position: relative;
    min-height: 340px;
    padding: 14px 16px;
    overflow: hidden;
  }
  li:hover {
    border-color: var(--soft);
  }
  .room {
    color: var(--soft);
  }
  .cover {
    position: absolute;
    inset: 0;
    border-radius: inherit;
  }
  .cover:focus-visible {
    outline-offset: -3px;
  }
  .sheet {
    padding: 20px 24px 24px;
    min-height: 60vh;
  }
  nav {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 16px;
    justify-content: space-between;
    font-size: 13px;
  }
  nav a {
    display: inline-block;
    padding: 6px 4px;
    color: var(--accent);
  }
  @media (max-width: 560px) {
    main {
      padding: 14px 10px 40px;
    }
    .sheet {
      padding: 14px 12px 18px;
    }
  }
`;
