import { css } from 'lit';

export const styles = css`
  main {
    display: grid;
    grid-template-columns: minmax(0, 476px) minmax(0, 1fr);
    grid-template-areas:
      'headline headline'
      'notices notices'
      'board feature'
      'board lists'
      'games games';
    grid-template-rows: auto auto auto 1fr auto;
    gap: 0 20px;
    max-width: 1880px;
    margin: 0 auto;
    padding: 20px 24px 24px;
  }
  ol-headline {
    grid-area: headline;
    margin-bottom: 16px;
  }
  .notices {
    grid-area: notices;
  }
  .notices ol-notice {
    margin-bottom: 16px;
  }
  .column {
    display: grid;
    gap: 16px;
    align-content: start;
    min-width: 0;
  }
  .board {
    grid-area: board;
  }
  .feature {
    grid-area: feature;
  }
  .lists {
    grid-area: lists;
    margin-top: 16px;
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
  @media (min-width: 1600px) {
    main {
      grid-template-columns: minmax(0, 560px) minmax(0, 1fr) minmax(0, 1fr);
      grid-template-areas:
        'headline headline headline'
        'notices notices notices'
        'board feature lists'
        'games games games';
      grid-template-rows: auto;
    }
    .lists {
      --rows: 528px;
      margin-top: 0;
    }
  }
  @media (max-width: 1000px) {
    main {
      grid-template-columns: minmax(0, 1fr);
      grid-template-areas: 'headline' 'notices' 'board' 'feature' 'lists' 'games';
      max-width: 680px;
    }
    .feature {
      margin-top: 16px;
    }
  }
  @media (max-width: 760px) {
    main {
      display: block;
      max-width: none;
      padding: 12px;
    }
    .card {
      padding: 12px;
    }
    .notices ol-notice {
      margin-bottom: 12px;
    }
    .panel {
      border-top-left-radius: 0;
      border-top-right-radius: 0;
    }
  }
  .tabs {
    display: flex;
    margin-top: 12px;
    background: var(--card);
    border: 1px solid var(--line);
    border-bottom: 0;
    border-radius: var(--radius) var(--radius) 0 0;
  }
  .tabs button {
    flex: 1 1 auto;
    min-height: 44px;
    padding: 0 4px;
    color: var(--soft);
    background: none;
    border: 0;
    border-bottom: 2px solid transparent;
    border-radius: 0;
  }
  .tabs button[aria-selected='true'] {
    font-weight: 600;
    color: var(--ink);
    border-bottom-color: var(--accent);
  }
  ol-mini-bar {
    position: sticky;
    top: 0;
    z-index: 2;
    margin: 12px -12px 0;
  }
`;
