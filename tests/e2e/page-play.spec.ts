import { expect, LONG_GAME, test } from './player-page.js';

test('a move by mouse turns discs and brings what the model expects', async ({ player }) => {
  await player.open();
  await player.playable();
  await expect(player.status).toContainText('Black to move');
  await player.play('f5');
  await expect(player.square('e5')).toHaveAccessibleName(/^e5, black/);
  await expect(player.status).toContainText('White to move');
  await expect(player.square('d6')).toHaveAccessibleName(/^d6, empty, legal move, model \d/);
  await player.analysed();
});

test('a game can be played with the keyboard alone', async ({ player, page }) => {
  await player.open();
  await player.playable();
  await player.tabTo('ol-board');
  // The cursor begins on d3.
  await expect(player.square('d3')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(player.square('d3')).toHaveAccessibleName(/black, last move/);
  await page.keyboard.press('ArrowLeft');
  await expect(player.square('c3')).toBeFocused();
  await page.keyboard.press(' ');
  await expect(player.square('c3')).toHaveAccessibleName(/white, last move/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await player.expectMoves(['d3', 'c3', 'c4']);
});

test('an illegal square is refused, and why is said', async ({ player, page }) => {
  await player.open();
  await player.playable();
  // Playwright would wait for it to be enabled.
  await player.square('a1').click({ force: true });
  await expect(page.getByRole('status')).toHaveText('a1 is not a legal move for Black.');
  await expect(player.status).toContainText('a1 is not legal');
  await expect(player.moves).toHaveCount(0);
  await player.play('f5');
  await expect(player.status).not.toContainText('not legal');
});

test('a move from an earlier ply begins another line, and undo brings the game back', async ({ player }) => {
  await player.open('transcript=f5d6c3d3&ply=2');
  await player.playable();
  await player.play('c4');
  await player.expectMoves(['f5', 'd6', 'c4']);
  await player.button('Undo').click();
  await expect(player.moves).toHaveCount(4);
  await player.expectPly(2);
  await expect(player.button('Undo')).toBeDisabled();
});

test('the move that the game goes on with leads along it', async ({ player }) => {
  await player.open('transcript=f5d6c3d3&ply=2');
  await player.playable();
  await expect(player.square('c3')).toHaveAccessibleName(/next in this game$/);
  await player.play('c3');
  await expect(player.moves).toHaveCount(4);
  await player.expectPly(3);
});

test('a new game begins at the start, and can be undone', async ({ player }) => {
  await player.open('transcript=f5d6c3');
  await player.playable();
  await player.button('Empty board').click();
  await expect(player.moves).toHaveCount(0);
  await player.button('Undo').click();
  await expect(player.moves).toHaveCount(3);
});

test('a skipped turn and the end of a game are said', async ({ player }) => {
  await player.open(`transcript=${LONG_GAME}&ply=54`);
  await player.playable();
  await expect(player.status).toContainText(/to move\s+(Black|White) skipped/);
  await player.button('Last ply').click();
  await expect(player.status).toContainText('Game over');
});

test('the numbers say how well the model knows the rules', async ({ player, page }) => {
  await player.open(`transcript=${LONG_GAME}&ply=20`);
  await player.analysed();
  const stats = page.locator('ol-stats');
  const mass = Number.parseFloat(await stats.locator('dd').first().innerText());
  expect(mass).toBeGreaterThan(50);
  expect(mass).toBeLessThanOrEqual(100);
  // The same number as the board shows: the legal squares' shares sum to it.
  const names = await page
    .getByRole('gridcell', { name: /legal move, model/ })
    .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? ''));
  const shares = names.map((name) => /model <?([\d.]+)/.exec(name)?.[1] ?? '');
  const sum = shares.reduce((total, share) => total + Number(share), 0);
  // As far as rounding allows: to tenths below ten per cent, to whole ones above; here and in the sum.
  const rounding = shares.reduce((total, share) => total + (share.includes('.') ? 0.05 : 0.5), 0.05);
  expect(Math.abs(sum - mass)).toBeLessThanOrEqual(rounding);
  await expect(stats.locator('dt').nth(1)).toContainText(/, (legal|illegal)/);
});

test('a formula is read with the keyboard and put away again', async ({ player, page }) => {
  await player.open('transcript=f5');
  await player.playable();
  const button = player.term('distance from uniform over legal moves');
  await button.focus();
  await page.keyboard.press('Enter');
  const card = page.getByRole('group', { name: 'Distance from uniform over legal moves' }).first();
  await expect(card).toBeVisible();
  await expect(card.locator('math')).toBeVisible();
  // A plain sentence and an example come before the formula.
  await expect(card).toContainText('How far the model is from giving every legal move the same probability.');
  await expect(card).toContainText('0.05 is close');
  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await expect(button).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('a tap plays, and the buttons step', async ({ player }) => {
    await player.open();
    await player.playable();
    await player.square('e6').tap();
    await expect(player.square('e6')).toHaveAccessibleName(/black, last move/);
    await player.analysed();
    await player.button('Previous ply').tap();
    await player.expectPly(0);
  });
});
