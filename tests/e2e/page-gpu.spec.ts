import { expect, test } from './player-page.js';
import { expectSameButForRounding } from './rounding.js';

test('the main path on WebGPU: play, see expectations and features, pin one', async ({ player, page }) => {
  await player.open('transcript=&device=gpu');
  await player.playable();
  await player.play('f5');
  await player.analysed();
  await expect(player.badge).toHaveAccessibleName(/WebGPU · .+ · [\d.]+\sms/);
  await expect(player.square('d6')).toHaveAccessibleName(/legal move, model \d/);
  await player.play('d6');
  await player.analysed();
  await player.features.first().click();
  await expect(page.locator('ol-feature-panel')).toContainText('pinned');
  await expect(page.locator('ol-feature-panel')).toContainText(/raises [a-h][1-8] \+\d/);
});

test('both engines say the same', async ({ player, page }) => {
  const seen: string[] = [];
  for (const device of ['cpu', 'gpu']) {
    await player.open(`transcript=f5d6c3d3c4&device=${device}`);
    await player.analysed();
    const names = await page
      .getByRole('gridcell', { name: /legal move, model/ })
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? ''));
    const stats = await page.locator('ol-stats dd').allInnerTexts();
    seen.push([...names, ...stats, await page.locator('ol-feature-list .count').innerText()].join('\n'));
  }
  const [cpu = '', gpu = ''] = seen;
  expectSameButForRounding(gpu, cpu);
});

test('a software adapter is not taken unasked', async ({ player, page }) => {
  await player.open('transcript=f5');
  await player.analysed();
  await expect(player.badge).toHaveAccessibleName(/CPU/);
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toContainText('Why not WebGPU:');
});

test('the engine can be changed, and the game stays', async ({ player, page }) => {
  await player.open('transcript=f5d6');
  await player.analysed();
  await player.badge.click();
  await page.getByRole('group', { name: 'Engine' }).getByRole('button', { name: 'WebGPU' }).click();
  await expect(player.badge).toHaveAccessibleName(/WebGPU · .*\sms/);
  await player.analysed();
  await expect(player.moves).toHaveCount(2);
  await expect(page).toHaveURL(/device=gpu/);
});
