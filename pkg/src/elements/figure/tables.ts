import { html, nothing, type TemplateResult } from 'lit';

import type { Agreement } from './agreement.js';
import type { Beside, Cell, Table, Unit } from './definition.js';
import { estimated, isEstimate, printed } from './numbers.js';

/** Rows that a table shows before all are asked for. */
const FEW = 60;

/** A table of numbers, as the alternative of a picture. */
export function renderTable(
  { title, columns, rows }: Table,
  all: boolean,
  showAll: () => void,
): TemplateResult {
  const shown = all ? rows : rows.slice(0, FEW);
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${title}>
      <table>
        <caption>${title}</caption>
        <thead>
          <tr>${columns.map(({ title, unit }) => html`<th scope="col" class=${unit ? 'figure' : ''}>${title}</th>`)}</tr>
        </thead>
        <tbody>
          ${shown.map(
            (row) => html`<tr>
              ${columns.map(({ unit }, at) => html`<td class=${unit ? 'figure' : ''}>${cellText(row[at] ?? null, unit)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
      ${shown.length < rows.length ? moreButton(rows.length, showAll) : nothing}
    </div>
  `;
}

/** Numbers measured twice, those first that do not agree. */
export function renderAgreements(
  found: readonly Agreement[],
  all: boolean,
  showAll: () => void,
): TemplateResult {
  const sorted = [...found].sort((a, b) => Number(a.agrees) - Number(b.agrees));
  const shown = all ? sorted : sorted.slice(0, FEW);
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="Agreement, number by number">
      <table>
        <caption>The bundle’s numbers beside yours</caption>
        <thead>
          <tr>
            <th scope="col">number</th>
            <th scope="col" class="figure">bundle’s</th>
            <th scope="col" class="figure">yours</th>
            <th scope="col" class="figure">difference</th>
            <th scope="col" class="figure">tolerance</th>
            <th scope="col">within</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({
              name,
              unit,
              bundle,
              yours,
              difference,
              tolerance,
              agrees,
            }) => html`<tr class=${agrees ? '' : 'differs'}>
              <td>${name}</td>
              <td class="figure">${estimated(bundle, unit)}</td>
              <td class="figure">${estimated(yours, unit)}</td>
              <td class="figure">${printed(difference, unit)}</td>
              <td class="figure">${printed(tolerance, unit)}</td>
              <td class="verdict">${agrees ? 'yes' : 'no'}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      ${shown.length < found.length ? moreButton(found.length, showAll) : nothing}
    </div>
  `;
}

/** Ours beside published values and baselines. */
export function renderBeside(all: readonly Beside[]): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`
    <table class="beside">
      <thead>
        <tr>
          <th scope="col">what</th>
          <th scope="col">ours</th>
          <th scope="col">published or baseline</th>
          <th scope="col">source</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ what, ours, theirs, on, source, url }) => html`<tr>
            <td>${what}</td>
            <td data-head="ours">${ours === '' ? '–' : ours}</td>
            <td data-head="theirs">${theirs} <small>${on}</small></td>
            <td data-head="source">${url ? html`<a href=${url}>${source}</a>` : source}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  `;
}

function moreButton(count: number, showAll: () => void): TemplateResult {
  return html`<button type="button" @click=${showAll}>Show all ${count.toLocaleString('en')} rows</button>`;
}

function cellText(cell: Cell, unit: Unit | undefined): string {
  if (cell === null) return '–';
  if (isEstimate(cell)) return estimated(cell, unit ?? 'number');
  return typeof cell === 'number' ? printed(cell, unit ?? 'number') : cell;
}
