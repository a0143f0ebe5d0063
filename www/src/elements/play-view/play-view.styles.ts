import { css } from 'lit';

export const styles = css`
  main {
    display: grid;
    grid-template-columns: minmax(0, 476px) minmax(0, 1fr);
    grid-template-areas:
      'headline headline'
      'notices notices'
      'play insight'
      'moves insight'
      'games games';
    grid-template-rows: auto auto auto 1fr auto;
    gap: 0 20px;
    max-width: 1280px;
    margin: 0 auto;
    padding: 16px 24px 24px;
  }
  h1 {
    grid-area: headline;
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
  @media (max-width: 900px) {
    main {
      grid-template-columns: minmax(0, 1fr);
      grid-template-areas: 'headline' 'notices' 'play' 'insight' 'moves' 'games';
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
    .card {
      padding: 12px;
    }
  }
`;
