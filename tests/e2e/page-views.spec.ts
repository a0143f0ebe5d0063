import { expect, LONG_GAME, test } from './player-page.js';

const VIEWS = [
  ['Features', 'features.html'],
  ['Figures', 'figures.html'],
  ['Guide', 'guide.html'],
] as const;

test('each view is a page of its own: by its file, with a title before any script runs', async ({
  page,
  request,
}) => {
  for (const [title, file] of [['othello-lens', 'index.html'], ...VIEWS] as const) {
    const html = await (await request.get(file)).text();
    expect(html).toMatch(new RegExp(`<title>${title}`));
    expect(html).toContain('property="og:title"');
    await page.goto(file);
    await expect(page).toHaveTitle(new RegExp(`^${title}`));
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  }
});

test('the navigation leads to every view and back without loading the model again', async ({
  player,
  page,
}) => {
  await player.open(`transcript=${LONG_GAME}&ply=20&device=cpu`);
  await player.analysed();
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  const main = page.getByRole('navigation', { name: 'Main' });
  await expect(main.getByRole('link', { name: 'Play' })).toHaveAttribute('aria-current', 'page');
  for (const [name, file] of VIEWS) {
    await main.getByRole('link', { name }).click();
    await expect(page).toHaveURL(new RegExp(`/some/where/${file}\\?.*transcript=${LONG_GAME}`));
    await expect(page).toHaveTitle(new RegExp(`^${name} `));
    await expect(main.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
    // Whoever reads the page by its focus begins at the heading of what is new.
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  }
  await page.goBack();
  await expect(page).toHaveTitle(/^Figures/);
  await page.goForward();
  await expect(page).toHaveTitle(/^Guide/);
  await main.getByRole('link', { name: 'Play' }).click();
  await expect(page).toHaveURL(/\/some\/where\/\?/);
  await player.analysed();
  await player.expectPly(20);
  // The manifest of the control may come: the views compare with it.
  expect(fetched.filter((url) => /\.(wasm|html)|models\/small\/(manifest|model-)/.test(url))).toEqual([]);
});

test('a link opened in a new tab loads the view that it names', async ({ player, page, context }) => {
  await player.open('transcript=f5d6&device=cpu');
  await player.analysed();
  const [other] = await Promise.all([
    context.waitForEvent('page'),
    page
      .getByRole('navigation')
      .getByRole('link', { name: 'Guide' })
      .click({ modifiers: ['ControlOrMeta'] }),
  ]);
  await expect(other).toHaveURL(/guide\.html\?.*transcript=f5d6/);
  await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/^othello-lens/);
});

test('an address with index.html stays one', async ({ page, player }) => {
  await page.goto('index.html?transcript=');
  await player.playable();
  await player.play('f5');
  await expect(page).toHaveURL(/index\.html\?transcript=f5/);
});

test('an old link to the guide leads there', async ({ page }) => {
  await page.goto('#guide');
  await expect(page).toHaveURL(/guide\.html/);
  await expect(page).toHaveTitle(/^Guide/);
});
