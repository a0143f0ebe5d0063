import { css, LitElement } from 'lit';
import { property } from 'lit/decorators.js';

import { VERSION } from './define.js';

/**
 * What every public element is: drawn in its own shadow root, in colours that follow the page's `color-scheme`
 * and that custom properties replace.
 *
 * Inside an element the colours are `--own`, `--ink` and so on; outside they are set as `--othello-own`,
 * `--othello-ink`. At most five type sizes: `--size-1` to `--size-5`, from small print to a headline.
 *
 * @cssprop [--othello-own] - the player to move
 * @cssprop [--othello-opponent] - the other player
 * @cssprop [--othello-paper] - the ground
 * @cssprop [--othello-card] - what lies on the ground
 * @cssprop [--othello-sunk] - what lies in it
 * @cssprop [--othello-ink] - text
 * @cssprop [--othello-soft] - text of less weight
 * @cssprop [--othello-line] - lines
 * @cssprop [--othello-accent] - what can be done
 * @cssprop [--othello-on-accent] - text on it
 * @cssprop [--othello-wash] - a trace of the accent
 * @cssprop [--othello-warn] - what went wrong
 * @cssprop [--othello-warn-wash] - the ground of what went wrong
 * @cssprop [--othello-board] - the board
 * @cssprop [--othello-grid] - its lines
 * @cssprop [--othello-black] - black discs
 * @cssprop [--othello-white] - white discs
 * @cssprop [--othello-disc-edge] - the edge of a disc
 * @cssprop [--othello-heat] - what the model expects
 * @cssprop [--othello-font] - the family of the text; the page's where it is not set
 * @cssprop [--othello-mono] - the family of code and numbers
 */
export abstract class ThemedElement extends LitElement {
  /** The version of the package that the class is of. */
  static readonly version: string = VERSION;

  static override styles = [
    css`
      :host {
        --own: var(--othello-own, light-dark(#0072b2, #56b4e9));
        --opponent: var(--othello-opponent, light-dark(#d55e00, #f08a4b));
        --paper: var(--othello-paper, light-dark(#fbfaf7, #131615));
        --card: var(--othello-card, light-dark(#ffffff, #1a1e1d));
        --sunk: var(--othello-sunk, light-dark(#f4f2ec, #151918));
        --ink: var(--othello-ink, light-dark(#1d2321, #e9ebe7));
        --soft: var(--othello-soft, light-dark(#5a645f, #9fa9a4));
        --line: var(--othello-line, light-dark(#dedbd2, #2d3431));
        --accent: var(--othello-accent, light-dark(#0b6e4f, #55c79a));
        --on-accent: var(--othello-on-accent, light-dark(#ffffff, #0c1511));
        --wash: var(--othello-wash, light-dark(#e7f0ec, #1f2d27));
        --warn: var(--othello-warn, light-dark(#a84300, #f5a470));
        --warn-wash: var(--othello-warn-wash, light-dark(#fdf0e7, #2c211a));
        --board: var(--othello-board, light-dark(#cfd8cd, #2b3631));
        --grid: var(--othello-grid, light-dark(#a9b6a9, #44524b));
        --black: var(--othello-black, light-dark(#171b1c, #060808));
        --white: var(--othello-white, light-dark(#fdfdfb, #e9e9e4));
        --disc-edge: var(--othello-disc-edge, light-dark(#6f7d74, #66756d));
        --heat: var(--othello-heat, light-dark(#0b6e4f, #55c79a));
        --mono: var(--othello-mono, ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, monospace);
        --size-1: 11px;
        --size-2: 13px;
        --size-3: 15px;
        --size-4: 18px;
        --size-5: 24px;
        --radius: 10px;
        display: block;
        color: var(--ink);
        font-family: var(--othello-font, inherit);
        font-size: var(--size-3);
        line-height: 1.45;
      }
      :host([theme='light']) {
        color-scheme: light;
      }
      :host([theme='dark']) {
        color-scheme: dark;
      }
      :host([hidden]) {
        display: none;
      }
      *,
      *::before,
      *::after {
        box-sizing: border-box;
      }
      h2,
      h3,
      h4,
      p,
      ul,
      ol,
      dl,
      dd,
      figure {
        margin: 0;
        padding: 0;
      }
      ul,
      ol {
        list-style: none;
      }
      button,
      input,
      select {
        min-height: 32px;
        padding: 0 11px;
        font: inherit;
        font-size: var(--size-2);
        color: inherit;
        background: var(--card);
        border: 1px solid var(--line);
        border-radius: 8px;
      }
      button {
        cursor: pointer;
      }
      button:hover:not(:disabled) {
        border-color: var(--soft);
      }
      button:disabled {
        color: var(--soft);
        cursor: default;
      }
      input[type='range'] {
        padding: 0;
        accent-color: var(--accent);
      }
      :focus-visible {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .unseen {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
        white-space: nowrap;
      }
      .number {
        font-variant-numeric: tabular-nums;
      }
      @media (pointer: coarse) {
        button,
        input,
        select {
          min-height: 40px;
        }
      }
    `,
  ];

  /** `light` or `dark`; left out, the page's `color-scheme` decides. */
  @property({ reflect: true }) theme: 'light' | 'dark' | null = null;
}
