import { test as base, expect, type Locator, type Page } from '@playwright/test';

/** The page as people see it: by roles and names. */
export class PlayerPage {
  constructor(readonly page: Page) {}

  /** Opens the page at a query, `transcript=f5d6&device=cpu`; without one on an empty board. */
  async open(query = 'transcript='): Promise<void> {
    await this.page.goto(`?${query}`);
  }

  /** Waits until moves can be played: the rules and the game of the address are there, the model need not be. */
  async playable(): Promise<void> {
    await expect(this.page.getByRole('gridcell', { name: 'legal move' }).first()).toBeVisible();
    const transcript = new URL(this.page.url()).searchParams.get('transcript') ?? '';
    if (/^([a-h][1-8])+$/.test(transcript))
      await expect(this.ply).toHaveAttribute('aria-valuemax', String(transcript.length / 2));
  }

  /** Waits until the model's features of the ply in view are listed. */
  async analysed(): Promise<void> {
    // On a phone they are behind a tab.
    const tab = this.page.getByRole('tab', { name: 'Active' });
    if (await tab.count()) await tab.click();
    await expect(this.features.first()).toBeVisible();
  }

  /** Waits until all that belongs to the feature in view is there: its effect, and its card if it has one. */
  async settled(): Promise<void> {
    const tab = this.page.getByRole('tab', { name: 'Feature' });
    if (await tab.count()) await tab.click();
    await expect(this.page.getByText(/raises [a-h]\d/)).toBeVisible();
    const card = this.page.locator('ol-card');
    if (await card.count()) await expect(card.locator('ol-mini-board').first()).toBeVisible();
  }

  get board(): Locator {
    return this.page.getByRole('grid', { name: 'Othello board' });
  }

  square(name: string): Locator {
    return this.board.locator(`[data-square="${name}"]`);
  }

  get status(): Locator {
    return this.page.locator('ol-status');
  }

  get ply(): Locator {
    return this.page.getByRole('slider', { name: 'Ply', exact: true });
  }

  get moves(): Locator {
    return this.page.getByRole('list', { name: 'Moves' }).getByRole('button');
  }

  get transcript(): Locator {
    return this.page.getByRole('textbox', { name: 'Transcript' });
  }

  get featureList(): Locator {
    return this.page.getByRole('listbox', { name: 'Active features' });
  }

  get features(): Locator {
    return this.featureList.getByRole('option');
  }

  get badge(): Locator {
    return this.page.getByRole('button', { name: /^Engine:/ });
  }

  /** The alert that says `text`. */
  alert(text: string | RegExp): Locator {
    return this.page.getByRole('alert').filter({ hasText: text });
  }

  /** A term that has its formula behind it. */
  term(name: string): Locator {
    return this.page.locator('ol-term').getByRole('button', { name, exact: true });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** The game's moves as the score sheet has them. */
  async movesPlayed(): Promise<string[]> {
    return (await this.moves.allInnerTexts()).map((text) => text.slice(0, 2));
  }

  /** Waits until the score sheet has just these moves. */
  async expectMoves(moves: string[]): Promise<void> {
    await expect.poll(() => this.movesPlayed()).toEqual(moves);
  }

  async play(...squares: string[]): Promise<void> {
    for (const square of squares) {
      await this.square(square).click();
      await expect(this.square(square)).toHaveAccessibleName(/last move/);
    }
  }

  async expectPly(ply: number): Promise<void> {
    await expect(this.ply).toHaveAttribute('aria-valuenow', String(ply));
  }

  /** Presses Tab until the focus is within `element`. */
  async tabTo(element: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await this.page.keyboard.press('Tab');
      const reached = await this.page.evaluate((name) => {
        for (let focus = document.activeElement; focus; focus = focus.shadowRoot?.activeElement ?? null) {
          if (focus.localName === name) return true;
        }
        return false;
      }, element);
      if (reached) return;
    }
    throw new Error(`Tab never led to ${element}`);
  }
}

/** A test that gets the page, and fails if it throws. */
export const test = base.extend<{ player: PlayerPage }>({
  player: async ({ page }, use) => {
    const thrown: Error[] = [];
    page.on('pageerror', (error) => thrown.push(error));
    await use(new PlayerPage(page));
    expect(thrown).toEqual([]);
  },
});

export { expect };

/** A game in the middle of which much is going on, and the end of which has skipped turns. */
export const LONG_GAME =
  'e6f4d3c4b3b4b5a4c3d6a5d2f6c2g3f5a2a6c6c5c1f3g2f7g6h7d1c7f8e1b2b7f1a1d7a3e2h2e3e8g8g7g5b1a8g4c8h8h5g1h3h6h1h4b8e7d8a7f2b6';
