import { css, html, svg, type TemplateResult } from 'lit';

import type { Analysis } from '../types.js';

/** How active a feature is at each ply of a game, from ply 0; null where the model says nothing. */
export type Course = readonly (number | null)[];

/** The course of a feature over an analysed game, of the dictionary that was asked for; null if none was. */
export function courseOf({ positions, features }: Pick<Analysis, 'positions' | 'features'>, feature: number) {
  if (!features) return null;
  const [plies, width] = features.shape;
  return positions.map(({ ply }) =>
    ply === 0 || ply > plies ? null : (features.data[(ply - 1) * width + feature] ?? null),
  );
}

/** The ply at which a course is highest. */
export function highestOf(course: Course): number {
  return course.reduce<number>((best, value, at) => ((value ?? 0) > (course[best] ?? 0) ? at : best), 0);
}

const STEP = 6;
const WIDTH = 61 * STEP;
const FLOOR = 40;

/** What bars are drawn with. */
export const courseStyles = css`
  .course-bars {
    display: block;
    width: 100%;
  }
  .course-bars rect {
    fill: var(--soft);
    fill-opacity: 0.5;
  }
  .course-bars .here {
    fill-opacity: 0.18;
  }
  .course-bars .at {
    fill: var(--accent);
    fill-opacity: 1;
  }
  .course-bars path {
    stroke: var(--soft);
    stroke-width: 0.8;
  }
  @media (forced-colors: active) {
    .course-bars {
      forced-color-adjust: none;
    }
  }
`;

/**
 * A bar for each ply, with room for the longest game; the one of `ply` is set off. `max` stands at the top of the
 * scale, or what is larger. What it shows is for others to say: it is hidden from readers of the screen.
 */
export function courseBars(course: Course, ply: number, max: number): TemplateResult {
  const most = Math.max(max, ...course.map((value) => value ?? 0), 1e-9);
  const bar = (value: number | null, at: number) => {
    const height = Math.max(0.6, (FLOOR * (value ?? 0)) / most);
    return svg`<rect class=${at === ply ? 'at' : ''} x=${STEP * at} y=${FLOOR - height} width=${STEP - 1} height=${height} />`;
  };
  return html`<svg class="course-bars" viewBox=${`0 0 ${WIDTH} ${FLOOR + 2}`} aria-hidden="true">
    <rect class="here" x=${STEP * ply} y="0" width=${STEP - 1} height=${FLOOR} />
    ${course.map(bar)}
    <path d=${`M0 ${FLOOR + 0.5}H${WIDTH}`} />
  </svg>`;
}
