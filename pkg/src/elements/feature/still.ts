import { css, html, nothing, svg } from 'lit';

import { cssProperties } from '../css-properties.js';
import type { Content } from '../lens-element.js';
import { squareName } from '../squares.js';
import type { FeatureStill } from '../still/feature.js';
import { auroc, dictionaryWords, evidence, facts, headline } from '../still/words.js';

export const stillStyles = css`
  .still {
    padding: 14px 16px;
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .still .about,
  .still .facts,
  .still figcaption {
    font-size: var(--size-2);
    color: var(--soft);
    overflow-wrap: anywhere;
  }
  .still .headline {
    margin-top: 6px;
    font-size: var(--size-4);
    font-weight: 600;
  }
  .still .headline small {
    font-size: var(--size-2);
    font-weight: 400;
    color: var(--soft);
  }
  .still .maps {
    display: flex;
    flex-wrap: wrap;
    gap: 12px;
    margin: 10px 0;
  }
  .still figure {
    flex: 1 1 84px;
    max-width: 130px;
  }
  .still svg {
    display: block;
    width: 100%;
  }
  .still .felt {
    fill: var(--sunk);
    stroke: var(--line);
    stroke-width: 0.08;
  }
  .still .cell {
    fill: var(--ink);
    fill-opacity: var(--strength);
  }
  .still .own {
    fill: var(--own);
  }
  .still .opponent {
    fill: var(--opponent);
  }
  @media (forced-colors: active) {
    .still svg {
      forced-color-adjust: none;
    }
  }
`;

/** Draws what is known of a feature without computing anything. */
export function renderFeatureStill(
  still: FeatureStill,
  shows: (panel: 'label' | 'plots') => boolean,
): Content {
  const { feature, dictionary, maps } = still;
  const behind = evidence(still);
  const drawn = shows('plots') ? Object.entries(maps) : [];
  return html`
    <div part="still" class="still">
      <p class="about">Feature ${feature} · ${dictionaryWords(dictionary)}</p>
      ${
        shows('label')
          ? html`<p class="headline number" part="headline">
              ${headline(still)} ${behind === null ? nothing : html`<small>${behind}</small>`}
            </p>`
          : nothing
      }
      ${drawn.length === 0 ? nothing : html`<div class="maps">${drawn.map(([name, map]) => drawMap(name, map))}</div>`}
      <p class="facts number">${facts(still).join(' · ')}</p>
    </div>
  `;
}

/** The AUROC of each square: the further from chance, the stronger. */
function drawMap(name: string, map: Float32Array) {
  const best = map.reduce((best, value, square) => (value > (map[best] ?? 0) ? square : best), 0);
  const label = `AUROC by square of ${name}: the best is ${squareName(best)}, ${auroc(map[best] ?? Number.NaN)}`;
  return html`
    <figure>
      <svg viewBox="0 0 8 8" role="img" aria-label=${label}>
        <rect class="felt" width="8" height="8" />
        ${Array.from(map, (value, square) =>
          Number.isNaN(value)
            ? nothing
            : svg`<rect class=${`cell ${name}`} x=${square % 8} y=${Math.floor(square / 8)} width="1" height="1"
                ${cssProperties({ '--strength': Math.min(1, 2 * Math.abs(value - 0.5)) })} />`,
        )}
      </svg>
      <figcaption>${name}</figcaption>
    </figure>
  `;
}
