import path from 'node:path';
import type { Page } from '@playwright/test';

import { StaticServer } from '../support/static-server.js';
import { Keyboard } from './keyboard.js';
import { expect, test } from './player-page.js';

/** The model that the header says is in view. */
function inView(page: Page) {
  return page.getByRole('group', { name: 'Model' }).getByRole('button', { pressed: true });
}

test('the switch leads to the model that was never trained, and back, with the game', async ({
  player,
  page,
}) => {
  await player.open('transcript=f5d6c3&ply=3&feature=7&device=cpu');
  await player.analysed();
  await expect(inView(page)).toHaveText('small 8×128');
  await player.button('untrained').click();
  await expect(page).toHaveURL(/model=control.*transcript=f5d6c3/);
  await expect(page).not.toHaveURL(/feature=7(&|$)/);
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await expect(inView(page)).toHaveText('untrained');
  await expect(page.getByRole('note')).toContainText('Untrained control');

  await player.button('small 8×128').click();
  await expect(page).not.toHaveURL(/model=/);
  await player.analysed();
  await expect(page.getByRole('note')).toHaveCount(0);
  await player.expectMoves(['f5', 'd6', 'c3']);
});

test('the switch leads to the larger model', async ({ player, page }) => {
  await player.open('transcript=f5d6c3&device=cpu');
  await player.analysed();
  await player.button('full 8×512').click();
  await expect(page).toHaveURL(/model=full.*transcript=f5d6c3/);
  await player.analysed();
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toContainText('8 layers, width 512');
  await player.expectMoves(['f5', 'd6', 'c3']);
});

test('a bundle of one’s own is opened by its address, with the keyboard alone, and stays after a reload', async ({
  player,
  page,
}) => {
  const host = await StaticServer.start({
    '/mine/': path.join(import.meta.dirname, '../data/tiny'),
  });
  const address = `${host.origin}/mine/`;
  await player.open('transcript=f5d6c3&device=cpu');
  const keyboard = new Keyboard(page);
  await keyboard.press(player.button('your own …'));
  const field = page.getByRole('textbox', { name: 'Address of a bundle’s folder, or of a file' });
  await expect(field).toBeFocused();
  await page.keyboard.type('<b>mine</b>');
  await keyboard.enter();
  await expect(
    page.getByRole('alert').filter({ hasText: '“<b>mine</b>” is no address of the web' }),
  ).toBeVisible();
  await keyboard.write(field, address);
  await keyboard.enter();
  await expect(inView(page)).toHaveText(new URL(address).host);
  await player.analysed();
  await expect(page).toHaveURL(new RegExp(`model=${encodeURIComponent(address)}.*transcript=f5d6c3`));
  await page.reload();
  await player.analysed();
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toContainText('2 layers, width 32');
  // Its host goes, and the page says whose files are missing.
  await host.close();
  await page.evaluate(async () => {
    for (const name of await caches.keys()) await caches.delete(name);
  });
  await page.reload();
  await expect(page.getByRole('alert').filter({ hasText: address })).toBeVisible();
  await player.playable();
});

for (const [query, what] of [
  ['model=../../elsewhere', 'the model “../../elsewhere”'],
  ['dictionary=blocks.9.gone', 'the dictionary “blocks.9.gone”'],
  ['feature=99999', 'the feature 99999'],
  ['feature=seven', 'the feature “seven”'],
] as const) {
  test(`a link to what is not there says so, and nothing is pinned: ${query}`, async ({ player, page }) => {
    const pinned = query.startsWith('feature') ? '' : '&feature=7';
    await player.open(`transcript=f5d6&device=cpu&${query}${pinned}`);
    await player.analysed();
    const alert = player.alert('names something that is not here');
    await expect(alert).toContainText(what);
    await expect(player.featureList.getByRole('option', { selected: true })).toHaveCount(0);
    await player.button('Dismiss').click();
    await expect(alert).toHaveCount(0);
    await expect(page).not.toHaveURL(/model=|dictionary=|feature=/);
  });
}
