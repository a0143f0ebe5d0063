import AxeBuilder from '@axe-core/playwright';

import { expect, test } from './player-page.js';

test('the guide leads to the model that was never trained, and back, with the game', async ({
  player,
  page,
}) => {
  await player.open('transcript=f5d6c3&ply=3&feature=7&device=cpu');
  await player.analysed();
  await page.getByRole('link', { name: 'The same model, never trained' }).click();
  await expect(page).toHaveURL(/transcript=f5d6c3.*model=control/);
  await expect(page).not.toHaveURL(/feature=/);
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await expect(page.getByText('This one is the control')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page }).include({ fromShadowDom: ['ol-app', 'footer'] });
    expect((await axe.analyze()).violations).toEqual([]);
  }

  await page.getByRole('link', { name: 'The small trained model' }).click();
  await expect(page).not.toHaveURL(/model=/);
  await player.analysed();
  await expect(page.getByText('It was trained on random games')).toBeVisible();
});

test('the guide leads to the larger model', async ({ player, page }) => {
  await player.open('transcript=f5d6c3&device=cpu');
  await player.analysed();
  await page.getByRole('link', { name: 'A trained model four times as wide' }).click();
  await expect(page).toHaveURL(/transcript=f5d6c3.*model=full/);
  await player.analysed();
  await expect(page.getByText('8 layers of width 512')).toBeVisible();
  await player.expectMoves(['f5', 'd6', 'c3']);
});

test('what the page does not have is as if it were not asked for', async ({ player, page }) => {
  await player.open('transcript=f5d6&model=../../elsewhere&device=cpu');
  await player.analysed();
  await expect(page.getByText('It was trained on random games')).toBeVisible();
});
