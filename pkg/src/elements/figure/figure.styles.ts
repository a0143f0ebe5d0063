import { css } from 'lit';

export const styles = css`
  :host {
    --empty: var(--othello-empty, light-dark(#75807a, #98a39d));
    --violet: var(--othello-violet, light-dark(#7a4fb0, #b79ae6));
    --gold: var(--othello-gold, light-dark(#8a6d00, #d9b640));
    --teal: var(--othello-teal, light-dark(#0b7d84, #5cc7cd));
    --rose: var(--othello-rose, light-dark(#b0336b, #ea93b7));
    --plot-background: var(--card);
    container-type: inline-size;
  }
  article,
  section {
    /* No wider than the element, whatever is inside. */
    grid-template-columns: minmax(0, 1fr);
  }
  article {
    display: grid;
    gap: 14px;
  }
  header {
    display: grid;
    gap: 2px;
  }
  h3 {
    font-size: var(--size-4);
    font-weight: 600;
    line-height: 1.25;
    text-wrap: balance;
  }
  h3 .tag {
    margin-right: 0.35em;
    font-weight: 400;
    color: var(--soft);
  }
  h4 {
    font-size: var(--size-2);
    font-weight: 600;
  }
  .question,
  .source,
  .note,
  td small {
    font-size: var(--size-2);
    color: var(--soft);
  }
  .finding {
    max-width: 72ch;
    font-size: var(--size-3);
    text-wrap: pretty;
  }
  .choices,
  form,
  .actions,
  .legend {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: end;
  }
  label {
    display: grid;
    gap: 2px;
    font-size: var(--size-1);
    color: var(--soft);
  }
  label select,
  label input {
    color: var(--ink);
  }
  select,
  input {
    max-width: 100%;
    min-width: 0;
  }
  input[type='number'] {
    width: 7.5em;
  }
  input[name='label'] {
    width: 10em;
  }
  .legend {
    gap: 4px 16px;
    font-size: var(--size-2);
    color: var(--ink);
  }
  .legend li {
    display: flex;
    gap: 6px;
    align-items: center;
  }
  .legend svg {
    flex: none;
    width: 18px;
    height: 12px;
  }
  .panels {
    display: grid;
    grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr));
    gap: 18px 20px;
    min-height: 40px;
  }
  .panel {
    display: grid;
    gap: 4px;
    align-content: start;
    min-width: 0;
  }
  .panel.wide {
    grid-column: 1 / -1;
  }
  .panel figcaption {
    font-size: var(--size-2);
    font-weight: 600;
  }
  .panel svg {
    display: block;
    width: 100%;
    height: auto;
    overflow: visible;
    font-family: inherit;
    color: var(--soft);
  }
  .panel svg text {
    white-space: pre;
  }
  .waiting {
    display: grid;
    place-content: center;
    min-height: 160px;
    font-size: var(--size-2);
    color: var(--soft);
    background: var(--sunk);
    border-radius: var(--radius);
  }
  .missing {
    padding: 10px 12px;
    font-size: var(--size-2);
    background: var(--sunk);
    border-left: 3px solid var(--grid);
    border-radius: 0 8px 8px 0;
  }
  .alert {
    padding: 10px 12px;
    font-size: var(--size-2);
    color: var(--warn);
    background: var(--warn-wash);
    border-radius: 8px;
    overflow-wrap: anywhere;
  }
  .alert a {
    color: inherit;
  }
  section {
    display: grid;
    gap: 8px;
    padding-top: 12px;
    border-top: 1px solid var(--line);
  }
  .scroll {
    max-height: 340px;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: 8px;
  }
  table {
    width: 100%;
    font-size: var(--size-2);
    border-collapse: collapse;
  }
  caption {
    padding: 8px 10px 4px;
    font-weight: 600;
    text-align: left;
  }
  th,
  td {
    padding: 5px 10px;
    text-align: left;
    vertical-align: top;
    border-top: 1px solid var(--line);
    overflow-wrap: anywhere;
  }
  thead th {
    position: sticky;
    top: 0;
    font-weight: 600;
    background: var(--sunk);
    border-top: 0;
    overflow-wrap: normal;
  }
  th.figure,
  td.figure {
    text-align: right;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    overflow-wrap: normal;
  }
  tr.differs td {
    background: var(--warn-wash);
  }
  .verdict {
    font-weight: 600;
  }
  .differs .verdict {
    color: var(--warn);
  }
  details > summary {
    width: fit-content;
    padding: 4px 0;
    font-size: var(--size-2);
    font-weight: 600;
    cursor: pointer;
  }
  details > *:not(summary) {
    margin-top: 8px;
  }
  td small {
    display: block;
  }
  dl {
    overflow-wrap: anywhere;
    display: grid;
    gap: 6px 16px;
    font-size: var(--size-2);
  }
  dt {
    font-weight: 600;
  }
  dd {
    color: var(--soft);
  }
  code {
    font-family: var(--mono);
    font-size: var(--size-1);
    overflow-wrap: anywhere;
  }
  a {
    color: var(--accent);
  }
  button.main {
    font-weight: 600;
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
  }
  button[aria-pressed='true'] {
    color: var(--on-accent);
    background: var(--accent);
    border-color: var(--accent);
  }
  .progress {
    display: flex;
    flex-wrap: wrap;
    gap: 8px 12px;
    align-items: center;
    font-size: var(--size-2);
  }
  .progress .bar {
    flex: 1 1 160px;
    height: 6px;
    border-radius: 3px;
  }
  .copied {
    width: min(100%, 60ch);
    font-family: var(--mono);
    font-size: var(--size-1);
  }
  .compact h3 {
    font-size: var(--size-3);
  }
  .compact .finding {
    font-size: var(--size-2);
    color: var(--soft);
  }
  @container (max-width: 520px) {
    table.beside,
    table.beside tbody,
    table.beside tr,
    table.beside td {
      display: block;
    }
    table.beside thead {
      position: absolute;
      clip-path: inset(50%);
    }
    table.beside tr {
      padding: 6px 0;
      border-top: 1px solid var(--line);
    }
    table.beside td {
      padding: 2px 10px;
      border: 0;
    }
    table.beside td[data-head]::before {
      content: attr(data-head) ': ';
      color: var(--soft);
    }
  }
  @media (forced-colors: active) {
    .panel svg,
    .legend svg {
      forced-color-adjust: none;
      background: var(--card);
    }
    .missing {
      border: 1px solid;
    }
  }
`;
