import { expect, LONG_GAME, test } from './player-page.js';

test('the address restores game, ply, dictionary, feature, threshold and device', async ({
  player,
  page,
}) => {
  // A bundle where the SAE asked for is not the first.
  await page.context().route(/\/manifest\.json$/, async (route) => {
    const response = await route.fetch();
    const manifest = await response.json();
    manifest.dictionaries.push({ ...manifest.dictionaries[0], id: 'again' });
    await route.fulfill({ json: manifest });
  });
  await player.open(`transcript=${LONG_GAME}&ply=33&dictionary=again&feature=5&threshold=20&device=cpu`);
  await player.analysed();
  await player.expectPly(33);
  await expect(page.getByRole('heading', { name: 'Feature 5', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: /^SAE: again/ })).toBeVisible();
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
  const heading = await page.locator('ol-feature-panel h2').innerText();

  const other = await context.newPage();
  await other.goto(page.url());
  await expect(other.locator('ol-feature-panel h2')).toHaveText(heading);
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

test('what is set before the rules are there loses no game of the address', async ({ player, page }) => {
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  await page.context().route(/\.wasm$/, async (route) => {
    await delivered;
    await route.continue();
  });
  await player.open('transcript=f5d6c3&ply=2');
  await player.badge.click();
  await player.button('CPU').click();
  await expect(page).toHaveURL(/device=cpu/);
  await expect(page).toHaveURL(/transcript=f5d6c3&ply=2/);
  // What is typed meanwhile is read after the address, and can be undone.
  await player.transcript.fill('e6f4');
  await player.transcript.press('Enter');
  deliver();
  await expect(player.moves).toHaveCount(2);
  await expect(page).toHaveURL(/transcript=e6f4/);
  await player.button('Undo').click();
  await expect(player.moves).toHaveCount(3);
  await player.expectPly(2);
});

test('going back to another engine runs on it', async ({ player, page }) => {
  await player.open('transcript=f5d6&device=gpu');
  const alert = player.alert('The model could not be loaded');
  await expect(alert).toBeVisible();
  await player.button('Run on the CPU').click();
  await player.analysed();
  await page.goBack();
  await expect(alert).toBeVisible();
  await page.goForward();
  await player.analysed();
  await expect(alert).toHaveCount(0);
});

test('going back at once after scrubbing leaves the other step as it was', async ({ player, page }) => {
  await player.open();
  await player.playable();
  await player.play('f5', 'd6');
  await page.evaluate(() => {
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
    history.back();
  });
  await expect(player.moves).toHaveCount(1);
  // Longer than a change of the address waits.
  await page.waitForTimeout(400);
  await expect(page).toHaveURL(/transcript=f5&ply=1$/);
});

test('undo after going back undoes what is still there', async ({ player, page }) => {
  await player.open();
  await player.playable();
  await player.play('f5', 'd6');
  await page.goBack();
  await expect(player.moves).toHaveCount(1);
  await player.button('Undo').click();
  await expect(player.moves).toHaveCount(0);
  await expect(player.button('Undo')).toBeDisabled();
});
