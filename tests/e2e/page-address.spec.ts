import { expect, LONG_GAME, test } from './player-page.js';

test('the address restores game, ply, SAE, feature, gate and device', async ({ player, page }) => {
  // A bundle where the SAE asked for is not the first.
  await page.context().route(/\/manifest\.json$/, async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    manifest.saes.push({ ...manifest.saes[0], id: 'again' });
    await route.fulfill({ json: manifest });
  });
  await player.open(`transcript=${LONG_GAME}&ply=33&sae=again&feature=5&gate=20&device=cpu`);
  await player.analysed();
  await player.expectPly(33);
  await expect(page.getByRole('heading', { name: 'Feature 5', exact: true })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'SAE' })).toHaveValue('again');
  await expect(page.getByRole('slider', { name: 'hide below' })).toHaveValue('20');
  await expect(player.badge).toHaveAccessibleName(/CPU/);
});

test('another visitor sees the same from the address', async ({ player, page, context }) => {
  await player.open();
  await player.playable();
  await player.play('f5', 'd6', 'c3');
  await player.analysed();
  await player.features.first().click();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/ply=2/);
  const heading = await page.locator('ol-feature h2').innerText();

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator('ol-feature h2')).toHaveText(heading);
  await expect(other.getByRole('slider', { name: 'Ply', exact: true })).toHaveAttribute('aria-valuenow', '2');
});

test('back and forward go through the games', async ({ player, page }) => {
  await player.open();
  await player.playable();
  await player.play('f5', 'd6');
  await page.goBack();
  await expect(player.moves).toHaveCount(1);
  await page.goBack();
  await expect(player.moves).toHaveCount(0);
  await page.goForward();
  await page.goForward();
  await expect(player.moves).toHaveCount(2);
});
