import { html, nothing } from 'lit';

import type { CardBoard, Square } from '../../types.js';
import type { Content } from '../lens-element.js';
import type { BoardGroup, BoardGroupName } from './numbers.js';
import { smallBoard } from './small-board.js';
import { percent } from './text.js';

/** What a group of boards is called, and why they were chosen. */
function words(name: BoardGroupName, label: string | null): { title: string; about: string } {
  switch (name) {
    case 'strongest':
      return { title: 'Strongest', about: 'where it is most active, one position a game' };
    case 'quarter 4':
      return { title: 'Upper quarter', about: 'random ones of the strongest quarter of its activations' };
    case 'quarter 3':
      return { title: 'Third quarter', about: 'random ones of the next quarter' };
    case 'quarter 2':
      return { title: 'Second quarter', about: 'random ones of the next quarter' };
    case 'quarter 1':
      return { title: 'Lower quarter', about: 'random ones of the weakest quarter of its activations' };
    case 'random':
      return { title: 'Random', about: 'random ones of the positions at which it is active' };
    case 'false positives':
      return {
        title: 'Active though it does not hold',
        about: `active, and ${label ?? 'the label'} does not hold`,
      };
    case 'false negatives':
      return { title: 'Silent though it holds', about: `not active, and ${label ?? 'the label'} holds` };
  }
}

/** What is drawn of groups of boards. */
export interface Boards {
  groups: readonly BoardGroup[];
  max: number;
  /** The label that failures are failures of. */
  label: string | null;
  marked: Square | null;
  open(board: CardBoard): void;
}

/** Groups of boards, each of which can be opened. */
export function boardGroups({ groups, max, label, marked, open }: Boards): Content {
  return html`${groups.map(({ name, boards }) => {
    const { title, about } = words(name, label);
    if (boards.length === 0) return nothing;
    return html`<section class="group" aria-label=${title}>
      <h4>${title} <small>${about}</small></h4>
      <ul class="boards">
        ${boards.map((board) => html`<li>${boardButton(board, max, marked, open)}</li>`)}
      </ul>
    </section>`;
  })}`;
}

function boardButton(board: CardBoard, max: number, marked: Square | null, open: Boards['open']) {
  const { seed, activation, position } = board;
  const { ply, toMove } = position;
  const share = max > 0 ? percent(activation / max) : '0';
  const side = toMove === null ? 'game over' : `${toMove} to move`;
  return html`<button type="button" title=${`Random game ${seed}, ply ${ply}`}
    aria-label=${`Open ply ${ply} of random game ${seed}: ${side}, activation ${activation.toFixed(2)}`}
    @click=${() => open(board)}>
    ${smallBoard(position, marked)}
    <span class="number"><b>${share}</b> ply ${ply} <i class=${`turn ${toMove ?? ''}`} title=${side}></i></span>
  </button>`;
}
