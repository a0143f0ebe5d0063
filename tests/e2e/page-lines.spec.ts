import { expect, LONG_GAME, test } from './player-page.js';

test('a line that was left stays among the variations, and can be gone back to', async ({ player, page }) => {
  await player.open('transcript=f5d6c3d3&ply=2');
  await player.playable();
  await player.play('c4');
  const lines = page.getByRole('list', { name: 'Variations' }).getByRole('button');
  await expect(lines).toHaveCount(1);
  await expect(lines).toContainText('c3 d3');
  await lines.click();
  await player.expectMoves(['f5', 'd6', 'c3', 'd3']);
  await player.expectPly(2);
  await expect(lines).toHaveCount(1);
  await expect(lines).toContainText('c4');
  // Playing a line on makes it no other line.
  await player.button('Last ply').click();
  await player.play('c4');
  await expect(lines).toHaveCount(1);
});

test('what was undone can be had again', async ({ player, page }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  await player.play('c3');
  await player.button('Undo').click();
  await expect(player.moves).toHaveCount(2);
  await page.getByRole('list', { name: 'Variations' }).getByRole('button').click();
  await player.expectMoves(['f5', 'd6', 'c3']);
});

test('a strongest board is shown beside the game, and opened as a line of its own', async ({
  player,
  page,
}) => {
  await player.open(`transcript=${LONG_GAME}&ply=22&device=cpu`);
  await player.analysed();
  const board = page.getByRole('button', { name: /^Show ply/ }).nth(2);
  const [, ply, seed] =
    /ply (\d+) of random game (\d+)/.exec((await board.getAttribute('aria-label')) ?? '') ?? [];
  await board.click();
  const side = page.getByRole('group', { name: `Ply ${ply} of random game ${seed}` });
  await expect(side).toBeVisible();
  await expect(board).toHaveAttribute('aria-pressed', 'true');
  // The reader's game is as it was.
  await expect(player.moves).toHaveCount(60);
  await player.expectPly(22);
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  await expect(side).toHaveCount(0);
  await board.click();
  await player.button('Open in player').click();
  await player.expectPly(Number(ply));
  const lines = page.getByRole('list', { name: 'Variations' }).getByRole('button');
  await expect(lines).toHaveAccessibleName(/line of 60 moves that has e6 f4/);
  await lines.click();
  await player.expectPly(22);
  expect((await player.movesPlayed()).join('')).toBe(LONG_GAME);
});

test('small boards show own and opponent’s discs, of the player to move', async ({ player, page }) => {
  await player.open(`transcript=${LONG_GAME}&ply=22&device=cpu`);
  await player.analysed();
  const small = page.locator('ol-card ol-mini-board').first();
  await expect(small.locator('path.own')).toBeVisible();
  await expect(small.locator('path.black, path.white')).toHaveCount(0);
  const colours = await small.evaluate((board) => {
    const fill = (name: string) =>
      getComputedStyle(board.shadowRoot?.querySelector(`.${name}`) as Element).fill;
    return [fill('own'), fill('opponent')];
  });
  expect(colours).toEqual(['rgb(0, 114, 178)', 'rgb(213, 94, 0)']);
});

test('pointing at a feature lights the square that it reads', async ({ player }) => {
  await player.open(`transcript=${LONG_GAME}&ply=22&device=cpu`);
  await player.analysed();
  const row = player.features.filter({ hasText: /(own|opponent|empty) [a-h][1-8]/ }).nth(3);
  await row.hover();
  const [, square = ''] =
    /(?:own|opponent|empty) ([a-h][1-8])/.exec((await row.getAttribute('aria-label')) ?? '') ?? [];
  await expect(player.square(square).locator('.ring.hover')).toHaveCount(1);
  await player.status.hover();
  await expect(player.board.locator('.ring.hover')).toHaveCount(0);
});

test('a paste of five megabytes is read beside the page, which goes on', async ({ player, page }) => {
  await player.open('transcript=f5d6');
  await player.playable();
  const milliseconds = await player.transcript.evaluate(async (box) => {
    const data = new DataTransfer();
    data.setData('text', 'f5 '.repeat(5_000_000 / 3));
    const start = performance.now();
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
  });
  await expect(page.getByText('No game could be read')).toBeVisible();
  expect(milliseconds).toBeLessThan(100);
  expect((await player.transcript.inputValue()).length).toBeLessThan(1000);
  await player.expectMoves(['f5', 'd6']);
  await player.play('c3');
});

test('in a frame nothing is added to the history of the page around it', async ({ page, player }) => {
  await page.goto('');
  const before = await page.evaluate(() => {
    const { href } = location;
    document.body.innerHTML = '';
    const frame = document.createElement('iframe');
    Object.assign(frame, { src: `${href}?transcript=&device=cpu`, width: 1200, height: 900 });
    document.body.append(frame);
    return history.length;
  });
  const frame = page.frameLocator('iframe');
  for (const square of ['f5', 'd6', 'c3']) {
    await frame.locator(`[data-square="${square}"]`).click();
    await expect(frame.locator(`[data-square="${square}"]`)).toHaveAccessibleName(/last move/);
  }
  expect(await page.evaluate(() => history.length)).toBe(before);
  await expect(player.page.locator('iframe')).toHaveCount(1);
});
