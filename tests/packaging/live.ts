import { expect, type Frame, type Page } from '@playwright/test';

/** Starts the engine of the player, and expects a game that can be stepped through. */
export async function expectLive(page: Page | Frame): Promise<void> {
  await page.getByRole('button', { name: 'Run it here' }).click();
  const ply = page.getByRole('slider', { name: 'Ply' });
  await expect(ply).toHaveValue('2', { timeout: 30_000 });
  await ply.press('ArrowRight');
  await expect(page.getByRole('img', { name: /^Othello board after 3 moves/ })).toBeVisible();
}
