import { expect, type PlayerPage, test } from './player-page.js';
import { expectSameButForRounding } from './rounding.js';

const WEIGHTS = /models\/small\/.*\.safetensors/;
const BUILT = /opening-[\w-]+\.json/;
const NOTE = 'Computed at build time';

/** What the page says of the opening, wherever it is computed, a line each. */
async function shown({ page, status, featureList, moves }: PlayerPage): Promise<string> {
  const text = async (name: string) => (await page.locator(name).innerText()).replace(/\s+/g, ' ');
  const all = [
    await page.getByRole('heading', { level: 1 }).innerText(),
    await status.innerText(),
    await moves.allInnerTexts(),
    await page
      .getByRole('gridcell')
      .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label'))),
    await text('ol-stats'),
    await text('ol-feature-panel'),
    await page
      .locator('ol-card ol-mini-board path')
      .evaluateAll((discs) => discs.map((path) => path.getAttribute('d'))),
    await text('ol-feature-list .count'),
    await featureList
      .getByRole('option')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label'))),
  ];
  return all.flat().join('\n');
}

/** Holds back the files that match, until the function that comes back is called. */
async function hold({ page }: PlayerPage, files: RegExp): Promise<() => void> {
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  await page.context().route(files, async (route) => {
    await delivered;
    await route.continue();
  });
  return deliver;
}

test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: 'reduce' }));

for (const [what, missing] of [
  ['the model', WEIGHTS],
  ['the model and the rules', /\.(safetensors|wasm)$/],
] as const) {
  test(`the opening stands before ${what}, says so, and is what the model then says`, async ({
    player,
    page,
  }) => {
    const deliver = await hold(player, missing);
    await page.goto('?device=cpu');
    await player.settled();
    await expect(page.locator('ol-headline')).toContainText(NOTE);
    await expect(player.badge).toHaveAccessibleName(/loading|ing the|ing of|MB/);
    expect(await page.evaluate(() => performance.getEntriesByName('live'))).toEqual([]);
    const before = await shown(player);
    expect(await player.features.count()).toBeGreaterThan(5);

    deliver();
    await page.waitForFunction(() => performance.getEntriesByName('live').length > 0);
    await expect(page.locator('ol-headline')).not.toContainText(NOTE);
    await expect(player.badge).toHaveAccessibleName(/CPU/);
    await player.settled();
    expectSameButForRounding(await shown(player), before);
  });
}

test('what the page chooses without it is the same', async ({ player, page }) => {
  const deliver = await hold(player, WEIGHTS);
  await page.goto('?device=cpu');
  await player.settled();
  await expect(page.locator('ol-headline')).toContainText(NOTE);
  const built = await shown(player);
  deliver();
  await page.context().route(BUILT, (route) => route.fulfill({ status: 404 }));
  await page.goto('?device=cpu');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('knows when');
  await player.settled();
  await expect(page.locator('ol-feature-list .tells').first()).not.toBeEmpty();
  expectSameButForRounding(await shown(player), built);
});

test('it can be played through, and a move leads on from it, before the model is there', async ({
  player,
  page,
}) => {
  const deliver = await hold(player, WEIGHTS);
  await page.goto('?device=cpu');
  await player.settled();
  const count = page.locator('ol-feature-list .count');
  const before = await count.innerText();
  await page.keyboard.press('ArrowRight');
  await expect(count).not.toHaveText(before);
  await expect(count).toContainText(/\d+ of 315/);
  await expect(player.button('Read transcript')).toBeEnabled();
  const move = player.board.getByRole('gridcell', { name: /legal move, model \d[^,]*$/ }).first();
  await move.click();
  await expect(page.locator('ol-feature-list')).toContainText('You can play already');
  deliver();
  await player.analysed();
});

test('of another model than that beside the page it is not believed', async ({ player, page }) => {
  await page.context().route(BUILT, async (route) => {
    const built = await (await route.fetch()).json();
    await route.fulfill({ json: { ...built, hash: 'another', feature: 3, ply: 20 } });
  });
  await page.goto('?device=cpu');
  await page.waitForFunction(() => performance.getEntriesByName('live').length > 0);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('knows when');
  await expect(page.locator('ol-feature-panel h2 .number')).not.toHaveText('3');
  await expect(page.locator('ol-headline')).not.toContainText(NOTE);
  await player.settled();
});

test('a link to anything else does not ask for it', async ({ player, page }) => {
  const asked: string[] = [];
  page.on('request', (request) => BUILT.test(request.url()) && asked.push(request.url()));
  await player.open('transcript=f5d6&device=cpu');
  await player.analysed();
  await page.goto('?model=control&device=cpu');
  await player.analysed();
  expect(asked).toEqual([]);
});
