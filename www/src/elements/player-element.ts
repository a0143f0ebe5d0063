import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';

import type { Player } from '../state/player.js';

/** A part of the page that shows the player: it is drawn anew after each of its changes. */
export abstract class PlayerElement extends LitElement {
  @property({ attribute: false }) player!: Player;
  #unsubscribe = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.player.subscribe(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe();
  }
}
