import { expect, test } from './player-page.js';

/** The weights' files; not the manifest. */
const WEIGHTS = /models\/small\/.*\.safetensors/;
const MANIFEST = /models\/small\/manifest\.json/;

test('the board can be played before the weights are there', async ({ player, page }) => {
  let deliver = () => {};
  const delivered = new Promise<void>((resolve) => {
    deliver = resolve;
  });
  await page.context().route(WEIGHTS, async (route) => {
    await delivered;
    await route.continue();
  });
  await player.open();
  await player.playable();
  await player.play('f5', 'd6');
  await expect(page.locator('ol-feature-list')).toContainText('You can play already');
  await expect(page.getByRole('progressbar', { name: 'Loading the model' })).toBeVisible();
  await expect(player.badge).toHaveAccessibleName(/ of .*MB/);
  deliver();
  await player.analysed();
  await expect(page.getByRole('progressbar')).toHaveCount(0);
});

test('a missing file is named, the game stays, and trying again helps', async ({ player, page }) => {
  await page.context().route(WEIGHTS, (route) => route.fulfill({ status: 404, body: 'not here' }));
  await player.open('transcript=f5d6');
  const alert = player.alert('The model could not be loaded');
  await expect(alert).toContainText('.safetensors');
  await expect(alert).toContainText('models/');
  await player.play('c3');
  await page.context().unroute(WEIGHTS);
  await player.button('Try again').click();
  await player.analysed();
  await expect(alert).toHaveCount(0);
  await expect(player.moves).toHaveCount(3);
});

test('a damaged file is not believed', async ({ player, page }) => {
  await page.context().route(WEIGHTS, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await player.open('transcript=f5');
  await expect(player.alert('The model could not be loaded')).toContainText('not what was published');
  await expect(player.moves).toHaveCount(1);
});

test('a manifest from the future is refused in plain words', async ({ player, page }) => {
  await page.context().route(MANIFEST, async (route) => {
    const manifest = await (await route.fetch()).json();
    await route.fulfill({ json: { ...manifest, format: '99.0' } });
  });
  await player.open('transcript=f5');
  await expect(player.alert('The model could not be loaded')).toContainText('newer than this page');
});

test('no connection: the page says so and goes on when it is back', async ({ player, page }) => {
  await page.context().route(MANIFEST, (route) => route.abort('internetdisconnected'));
  await player.open();
  await player.playable();
  await expect(player.alert('The model could not be loaded')).toContainText('connection');
  await player.play('f5');
  await page.context().unroute(MANIFEST);
  await player.button('Try again').click();
  await player.analysed();
});

test('where the program is missing, the page names it and does not blame the browser', async ({
  player,
  page,
}) => {
  await page.context().route(/\.wasm$/, (route) => route.fulfill({ status: 404 }));
  await player.open('transcript=f5');
  const alert = player.alert('could not be loaded');
  await expect(alert).toContainText(/\.wasm .*404/);
  await expect(alert).toContainText('copy its whole folder');
  await expect(alert).not.toContainText('SIMD');
  await page.context().unroute(/\.wasm$/);
  await player.button('Try again').click();
  await player.analysed();
  await expect(player.moves).toHaveCount(1);
});

test('without WebAssembly the page says what it needs', async ({ player, page }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  await player.open('transcript=f5');
  await expect(player.alert('could not be loaded')).toContainText('needs WebAssembly with SIMD');
});

test('a worker that broke is replaced by trying again', async ({ player, page }) => {
  await player.open('transcript=f5');
  await player.analysed();
  for (const worker of page.workers()) {
    await worker.evaluate(() => {
      setTimeout(() => {
        throw new Error('crashed');
      });
    });
  }
  await expect.poll(() => page.workers().length).toBe(0);
  await player.square('d6').click();
  const rules = player.alert('The game could not be changed');
  await expect(rules).toBeVisible();
  await player.button('Try again').click();
  await expect(rules).toHaveCount(0);
  await player.play('d6');
  const model = player.alert('The model could not be run');
  await expect(model).toBeVisible();
  await player.button('Try again').click();
  await player.analysed();
  await expect(model).toHaveCount(0);
  await expect(player.moves).toHaveCount(2);
});

test('without WebGPU the CPU computes, and the badge says why', async ({ player, page }) => {
  await player.open('transcript=f5d6');
  await player.analysed();
  await expect(player.badge).toHaveAccessibleName(/CPU · WebAssembly .*SIMD · [\d.]+\sms/);
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toContainText('Why not WebGPU:');
});

test('where WebGPU is asked for and there is none, the CPU is one press away', async ({ player }) => {
  await player.open('transcript=f5d6&device=gpu');
  await expect(player.alert('The model could not be loaded')).toContainText(/WebGPU/);
  await player.button('Run on the CPU').click();
  await player.analysed();
  await expect(player.badge).toHaveAccessibleName(/CPU/);
  await expect(player.moves).toHaveCount(2);
});
