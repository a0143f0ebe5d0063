import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { NextMove } from 'othello-lens';

import type { AnalysisView } from '../../state/analysis-view.js';
import type { FormulaName } from '../../text/formulas.js';
import { exactPercent } from '../../text/numbers.js';
import { base, controls } from '../base.styles.js';
import '../plies/plies.js';
import '../term/term.js';
import { styles } from './timeline.styles.js';

/** How far the model is from the rules at one ply. */
interface Measure {
  title: string;
  formula: FormulaName;
  read(next: NextMove): number;
  format(value: number): string;
  /** What stands at the top of the scale is at least this. */
  least: number;
}

const ILLEGAL_MASS: Measure = {
  title: 'illegal',
  formula: 'illegalMass',
  read: ({ illegalMass }) => illegalMass,
  format: exactPercent,
  least: 0.05,
};

const KL: Measure = {
  title: 'distance from uniform',
  formula: 'kl',
  read: ({ klFromUniform }) => klFromUniform,
  format: (nats) => nats.toFixed(2),
  least: 0.1,
};

/** How well the model knows the rules over the plies of the game, and the way to move in it. */
@customElement('ol-timeline')
export class Timeline extends LitElement {
  static override styles = [base, controls, styles];

  @property({ attribute: false }) view: AnalysisView | null = null;
  @property({ type: Number }) ply = 0;
  @state() private measure = ILLEGAL_MASS;

  protected override render() {
    const { view, measure } = this;
    if (!view) return nothing;
    return html`
      <div class="measure">
        <h3>By ply</h3>
        ${[ILLEGAL_MASS, KL].map(
          (each) =>
            html`<button class="tab" aria-pressed=${each === measure} @click=${() => (this.measure = each)}>${each.title}</button>`,
        )}
        <ol-term .name=${measure.formula}>what is it?</ol-term>
      </div>
      <ol-plies
        label=${`Ply, by ${measure.title}`}
        .values=${view.series(measure.read)}
        .marked=${view.series(({ topIsLegal }) => (topIsLegal ? 0 : 1)).map((wrong) => wrong === 1)}
        .ply=${this.ply}
        .least=${measure.least}
        .format=${measure.format}
        .describe=${(ply: number) => view.describe(ply)}
      ></ol-plies>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'ol-timeline': Timeline;
  }
}
