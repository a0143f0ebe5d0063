import { expect, LONG_GAME, test } from './player-page.js';

test('the guide has six steps beside a live board, each with one thing to do', async ({ player, page }) => {
  await page.goto(`guide.html?transcript=${LONG_GAME}&ply=22&device=cpu`);
  const steps = page.locator('ol-guide-view .steps > li');
  await expect(steps).toHaveCount(6);
  await expect(steps.locator('.todo')).toHaveCount(6);
  await expect(page.getByRole('slider', { name: 'Ply', exact: true })).toHaveAttribute('aria-valuenow', '22');
  // 1: what is played is what the model reads.
  const first = steps.nth(0).locator('code');
  const legal = page.getByRole('gridcell', { name: /legal move/ }).first();
  const square = (await legal.getAttribute('data-square')) ?? '';
  await legal.click();
  await expect(first).toContainText(new RegExp(`${square}\\s*$`));
  // 2: the steps lead through the game.
  await steps.nth(1).getByRole('button', { name: 'One ply back' }).click();
  await player.expectPly(22);
  // 3 and 4: the best feature is pinned from here, and then spoken of.
  await steps
    .nth(2)
    .getByRole('button', { name: /^Pin feature/ })
    .click();
  await expect(steps.nth(3)).toContainText(/Feature \d+ is more active when/);
  // 6: the way to the figure that everybody asks for, with the game kept.
  const figure = steps.nth(5).getByRole('link', { name: 'the figure of the 9 of 180' });
  await expect(figure).toHaveAttribute('href', /figures\.html\?.*transcript=.*figure=f1/);
  await figure.click();
  await expect(page).toHaveTitle(/^Figures/);
});

test('every formula can be read from the guide', async ({ page }) => {
  await page.goto('guide.html?transcript=f5&device=cpu');
  const formulas = page.locator('ol-guide-view .formulas');
  await expect(formulas.getByRole('button')).toHaveCount(14);
  for (const title of ['AUROC', 'F1', 'Fraction of variance unexplained', 'Density']) {
    await formulas.getByRole('button', { name: title, exact: true }).click();
    const card = page.getByRole('group', { name: title, exact: true });
    await expect(card.locator('math').first()).toBeVisible();
    await page.keyboard.press('Escape');
  }
});

test('what was found can be read on the site itself', async ({ page, request }) => {
  await page.goto('guide.html?transcript=f5&device=cpu');
  const report = page.getByRole('contentinfo').getByRole('link', { name: 'Our report' });
  const href = (await report.getAttribute('href')) ?? '';
  const text = await (await request.get(href)).text();
  expect(text).toContain('<table>');
  expect(text).toContain('9 of 180');
  await expect(page.getByRole('contentinfo').getByRole('link', { name: /OthelloGPT/ })).toHaveAttribute(
    'href',
    'https://arxiv.org/abs/2210.13382',
  );
});
