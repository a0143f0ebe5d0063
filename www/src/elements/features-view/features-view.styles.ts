import { css } from 'lit';

export const styles = css`
  main {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    max-width: 1440px;
    margin: 0 auto;
    padding: 16px 24px 40px;
  }
  h1 {
    margin: 0;
    font-size: var(--size-title);
    line-height: 1.2;
    outline: none;
  }
  h2 {
    font-size: var(--size-large);
  }
  small {
    font-size: var(--size-small);
    font-weight: 400;
    color: var(--soft);
  }
  code {
    font-family: var(--mono);
    overflow-wrap: anywhere;
  }
  .card {
    min-width: 0;
    padding: 16px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .notices:not(:has(ol-notice)) {
    display: none;
  }
  .notices {
    display: grid;
    gap: 12px;
  }
  .notices a {
    color: inherit;
  }
  othello-feature {
    --size-1: var(--size-small);
    --size-2: var(--size-small);
    --size-3: var(--size);
    --size-4: var(--size-large);
    --size-5: var(--size-title);
  }
  nav {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 20px;
  }
  nav a {
    padding: 6px 0;
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
  .answer {
    display: grid;
    grid-template-columns: minmax(300px, 5fr) 7fr;
    gap: 14px;
    align-items: start;
  }
  .about {
    max-width: 72ch;
    margin: 2px 0 12px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .classes {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    align-items: center;
    min-width: 0;
    margin: 0 0 12px;
    padding: 0;
    border: 0;
  }
  .classes legend {
    float: left;
    padding: 0;
    margin-right: 6px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .classes label {
    position: relative;
    display: flex;
  }
  .classes input {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .classes span {
    display: flex;
    align-items: center;
    min-height: 32px;
    padding: 0 12px;
    font-size: var(--size-small);
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  .classes span::before {
    width: 10px;
    height: 10px;
    margin-right: 7px;
    content: '';
    background: var(--tint);
    border-radius: 3px;
  }
  .classes input:checked + span {
    font-weight: 600;
    background: var(--wash);
    border-color: var(--ink);
  }
  .classes input:focus-visible + span {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .classes select {
    max-width: 100%;
    min-width: 0;
  }
  .classes .chosen {
    font-weight: 600;
    border-color: var(--ink);
  }
  .own {
    --tint: var(--own);
  }
  .opponent {
    --tint: var(--opponent);
  }
  .empty {
    --tint: var(--empty);
  }
  .legal {
    --tint: var(--accent);
  }
  .scale {
    display: flex;
    gap: 8px;
    align-items: center;
    margin: 8px 0 10px;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .scale i {
    flex: 1;
    max-width: 180px;
    height: 8px;
    background: linear-gradient(to right, var(--sunk), var(--tint, var(--activation)));
    border: 1px solid var(--line);
    border-radius: 4px;
  }
  .told::before {
    display: inline-block;
    width: 7px;
    height: 7px;
    margin: 0 5px 1px 8px;
    content: '';
    background: var(--card);
    border: 1px solid var(--soft);
    border-radius: 50%;
  }
  .among {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    align-items: center;
    font-size: var(--size-small);
    color: var(--soft);
  }
  .among select {
    max-width: 100%;
    color: var(--ink);
  }
  table {
    width: 100%;
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    padding: 6px 8px;
    text-align: right;
  }
  thead th {
    font-size: var(--size-small);
    font-weight: 600;
    vertical-align: bottom;
  }
  tbody tr {
    border-top: 1px solid var(--line);
  }
  tbody th {
    padding-left: 0;
    text-align: left;
  }
  tbody button {
    display: flex;
    gap: 10px;
    align-items: center;
    padding: 4px 10px 4px 4px;
  }
  tbody ol-square-map {
    width: 56px;
  }
  @media (max-width: 900px) {
    main {
      max-width: 640px;
      padding: 12px;
    }
    .answer {
      grid-template-columns: minmax(0, 1fr);
    }
    .card {
      padding: 12px;
    }
    th,
    td {
      padding: 6px 4px;
    }
    thead small {
      display: block;
    }
  }
  @media (forced-colors: active) {
    .classes span::before,
    .scale i {
      forced-color-adjust: none;
    }
    .classes input:checked + span {
      outline: 2px solid Highlight;
    }
  }
`;
