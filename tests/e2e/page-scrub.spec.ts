import { expect, LONG_GAME, test } from './player-page.js';

test.beforeEach(async ({ player }) => {
  await player.open(`transcript=${LONG_GAME}&ply=20`);
  await player.analysed();
});

test('the arrow keys lead through the game, and the others scroll the page', async ({ player, page }) => {
  for (const [key, ply] of [
    ['ArrowRight', 21],
    ['ArrowLeft', 20],
    ['Shift+ArrowRight', 20],
  ] as const) {
    await page.keyboard.press(key);
    await player.expectPly(ply);
  }
  await page.keyboard.press('End');
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  await player.expectPly(20);
});

test('the bars take the keys of a slider', async ({ player, page }) => {
  await player.ply.focus();
  for (const [key, ply] of [
    ['ArrowUp', 21],
    ['ArrowDown', 20],
    ['PageUp', 30],
    ['PageDown', 20],
    ['End', 60],
    ['Home', 0],
    ['ArrowLeft', 0],
  ] as const) {
    await page.keyboard.press(key);
    await player.expectPly(ply);
  }
});

test('the moves take the keys of a sheet of ten columns', async ({ player, page }) => {
  await player.moves.nth(19).focus();
  for (const [key, ply] of [
    ['ArrowDown', 30],
    ['PageUp', 20],
    ['PageDown', 30],
    ['ArrowUp', 20],
    ['ArrowRight', 21],
    ['End', 60],
    ['Home', 1],
  ] as const) {
    await page.keyboard.press(key);
    await player.expectPly(ply);
    await expect(player.moves.nth(ply - 1)).toBeFocused();
  }
});

test('the keys mean what they mean in the box for transcripts', async ({ player, page }) => {
  await player.transcript.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Home');
  await player.expectPly(20);
});

test('a click on a move, a button or the bars leads there', async ({ player }) => {
  await player.moves.nth(9).click();
  await player.expectPly(10);
  await player.button('Next ply').click();
  await player.expectPly(11);
  await player.button('Last ply').click();
  await player.expectPly(60);
  const bars = await player.ply.boundingBox();
  if (!bars) throw new Error('the bars are not to be seen');
  await player.ply.click({ position: { x: (bars.width * 30.5) / 61, y: bars.height / 3 } });
  await player.expectPly(30);
});

test('dragging over the bars scrubs', async ({ player, page }) => {
  const bars = await player.ply.boundingBox();
  if (!bars) throw new Error('the bars are not to be seen');
  const at = (ply: number) => bars.x + (bars.width * (ply + 0.5)) / 61;
  const y = bars.y + bars.height / 3;
  await page.mouse.move(at(5), y);
  await page.mouse.down();
  await player.expectPly(5);
  await page.mouse.move(at(40), y, { steps: 8 });
  await player.expectPly(40);
  await page.mouse.up();
  await page.mouse.move(at(50), y);
  await player.expectPly(40);
});

test('one analysis serves all plies', async ({ player, page }) => {
  await page.addInitScript(() => {
    const calls: string[] = [];
    Object.assign(globalThis, { calls });
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message: { method?: string }, ...rest) {
      if (message.method) calls.push(message.method);
      return Reflect.apply(postMessage, this, [message, ...rest]);
    };
  });
  await player.open(`transcript=${LONG_GAME}&ply=20`);
  await player.analysed();
  const analyses = () =>
    page.evaluate(() =>
      (globalThis as unknown as { calls: string[] }).calls.filter((call) => call === 'analyse'),
    );
  const before = await analyses();
  expect(before).not.toEqual([]);
  const counts = new Set<string>();
  for (let ply = 21; ply <= 30; ply++) {
    await page.keyboard.press('ArrowRight');
    await player.expectPly(ply);
    // What is listed is there in the same moment, not a moment later.
    counts.add(await page.locator('ol-feature-list .count').innerText());
  }
  expect(counts.size).toBeGreaterThan(1);
  expect([...counts].every((text) => /^\d+ of/.test(text))).toBe(true);
  expect(await analyses()).toEqual(before);
});

test('bars show what is illegal or how far from uniform, each with its formula', async ({ page }) => {
  const bars = page.getByRole('slider', { name: 'Ply, by' });
  await expect(bars).toHaveAccessibleName('Ply, by illegal');
  await expect(bars).toHaveAttribute('aria-valuetext', /ply 20 of 60, .., [\d.]+\s%/);
  const measure = page.locator('.measure');
  await measure.getByRole('button', { name: 'distance from uniform', exact: true }).click();
  await expect(bars).toHaveAttribute('aria-valuetext', /ply 20 of 60, .., \d\.\d\d$/);
  await measure.getByRole('button', { name: 'what is it?' }).click();
  await expect(
    page.getByRole('group', { name: 'Distance from uniform over legal moves' }).locator('math'),
  ).toBeVisible();
});
