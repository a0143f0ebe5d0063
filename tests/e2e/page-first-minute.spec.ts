import { Keyboard } from './keyboard.js';
import { expect, type PlayerPage, test } from './player-page.js';

/** The landing, for somebody who wants nothing to move by itself. */
async function land(player: PlayerPage, query = ''): Promise<void> {
  await player.page.emulateMedia({ reducedMotion: 'reduce' });
  await player.page.goto(query);
  await expect(player.page.getByRole('heading', { level: 1 })).toContainText('knows when');
}

test('the page opens on a live mid-game with the best feature of a side pinned, and says what it knows', async ({
  player,
  page,
}) => {
  await land(player);
  const headline = await page.getByRole('heading', { level: 1 }).innerText();
  const [, square = '', whose] =
    /Nobody told it the rules\. This feature knows when ([a-h][1-8]) is (yours|your opponent’s)\./.exec(
      headline,
    ) ?? [];
  const label = `${whose === 'yours' ? 'own' : 'opponent'} ${square}`;
  await expect(page.locator('ol-headline p')).toContainText(
    /AUROC.*0\.9\d\d \(0\.\d\d\d–\d\.\d\d\d\)\s+over [\d,]+ positions/s,
  );
  // A game in its middle, with moves to come.
  const [, ply, last] = /ply (\d+) of (\d+)/.exec(await player.status.locator('.ply').innerText()) ?? [];
  expect(Number(ply)).toBeGreaterThanOrEqual(16);
  expect(Number(ply)).toBeLessThanOrEqual(36);
  expect(Number(last)).toBeGreaterThan(Number(ply));
  // The square is lit, the feature is pinned and strong.
  await expect(player.square(square)).toHaveAccessibleName(
    new RegExp(`read by the feature in view: ${label}`),
  );
  await expect(player.board.locator('.ring.pinned')).toHaveCount(1);
  const pinned = player.featureList.getByRole('option', { selected: true });
  await expect(pinned).toContainText(label);
  const [, share] = /(\d+).% of its maximum/.exec((await pinned.getAttribute('aria-label')) ?? '') ?? [];
  expect(Number(share)).toBeGreaterThanOrEqual(50);
  // It is a place of its own: nothing was written into the address.
  expect(new URL(page.url()).search).toBe('');
});

test('Play plays the game on until it is paused, and the address then says where', async ({
  player,
  page,
}) => {
  await land(player);
  const at = async () => Number(/ply (\d+) of/.exec(await player.status.locator('.ply').innerText())?.[1]);
  const before = await at();
  await player.button('Play').click();
  await expect.poll(at).toBeGreaterThan(before + 1);
  await player.button('Pause').click();
  const after = await at();
  await expect(page).toHaveURL(new RegExp(`ply=${after}&.*feature=`));
  await page.waitForTimeout(1500);
  expect(await at()).toBe(after);
});

test('the page plays by itself until somebody touches anything', async ({ player, page }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await page.goto('');
  await expect(player.button('Pause')).toBeVisible();
  await page.keyboard.press('Shift');
  await expect(player.button('Play')).toBeVisible();
});

test('an empty board is one press away, and the example stays a variation', async ({ player, page }) => {
  await land(player);
  await player.button('Empty board').click();
  await expect(player.moves).toHaveCount(0);
  await expect(page).toHaveURL(/transcript=(&|$)/);
  await page.reload();
  await player.playable();
  await expect(player.moves).toHaveCount(0);
  await player.play('f5');
});

test('the first minute needs no mouse', async ({ player, page }) => {
  await land(player);
  const keyboard = new Keyboard(page);
  const at = async () => Number(/ply (\d+) of/.exec(await player.status.locator('.ply').innerText())?.[1]);
  const before = await at();
  await keyboard.press(player.button('Play'));
  await expect.poll(at).toBeGreaterThan(before + 1);
  await keyboard.press(player.button('Pause'));
  // Another feature.
  await keyboard.to(player.featureList);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/feature=\d+/);
  // A game of one's own.
  await keyboard.press(player.button('Empty board'));
  await expect(player.moves).toHaveCount(0);
  const square = player.board.locator('[tabindex="0"]');
  await keyboard.to(square);
  while (!(await player.square('f5').evaluate((cell) => cell.matches(':focus')))) {
    const name = (await square.getAttribute('data-square')) ?? '';
    const [column, row] = [name.charCodeAt(0) - 'f'.charCodeAt(0), Number(name.charAt(1)) - 5];
    await page.keyboard.press(
      column < 0 ? 'ArrowRight' : column > 0 ? 'ArrowLeft' : row < 0 ? 'ArrowDown' : 'ArrowUp',
    );
  }
  await page.keyboard.press('Enter');
  await player.expectMoves(['f5']);
});

test('a link to a feature alone opens a game that shows it', async ({ player, page }) => {
  await land(player);
  const first = await page.locator('ol-feature-panel h2 .number').innerText();
  const other = player.featureList
    .getByRole('option', { selected: false })
    .filter({ hasText: /own|opponent/ });
  const feature = await other.first().locator('b').innerText();
  expect(feature).not.toBe(first);
  await page.goto(`?feature=${feature}&device=cpu`);
  await expect(page.getByRole('heading', { name: `Feature ${feature}` })).toBeVisible();
  await expect(player.featureList.getByRole('option', { selected: true })).toContainText(feature);
});

test('of the model that was never trained the headline says the truth', async ({ player, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('?model=control&device=cpu');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'This model was never trained: it does not know the board.',
  );
  await player.analysed();
  await expect(page.locator('ol-headline p')).toContainText(/AUROC.*0\.[56]\d, where 0\.50 says nothing/s);
});

test('a click before the rules are there is played once they are', async ({ player, page }) => {
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  await page.context().route(/\.wasm$/, async (route) => {
    await delivered;
    await route.continue();
  });
  await player.open();
  await player.square('f5').click();
  await expect(player.moves).toHaveCount(0);
  // What is legal is not known yet, and not said to be nothing.
  await expect(page.locator('ol-stats dd').last()).toHaveText('–');
  deliver();
  await player.expectMoves(['f5']);
});
