import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';

import { StaticServer } from '../support/static-server.js';
import { expect, type PlayerPage, test } from './player-page.js';

const DATA = path.resolve(import.meta.dirname, '../data');

/** A file that is dropped: its path, in a folder or alone, and what is in it. */
interface Dropped {
  path: string;
  bytes: Buffer;
}

/** A file of the test data, written by the library whose file it is: see `import/families.py`. */
function data(name: string): Dropped {
  return { path: path.basename(name), bytes: readFileSync(path.join(DATA, name)) };
}

/** Drops files on the page, as from the desktop. */
async function drop(page: Page, ...files: Dropped[]): Promise<void> {
  const given = files.map(({ path, bytes }) => [path, bytes.toString('base64')] as const);
  const transfer = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const [name, bytes] of given)
      transfer.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name));
    return transfer;
  }, given);
  await page.locator('body').dispatchEvent('dragover', { dataTransfer: transfer });
  await page.locator('body').dispatchEvent('drop', { dataTransfer: transfer });
}

function dialog(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Open files of your own' });
}

/** The choice that answers a question. */
function answer(page: Page, name: string): Locator {
  return dialog(page).getByRole('combobox', { name });
}

function openIt(page: Page): Locator {
  return dialog(page).getByRole('button', { name: 'Open it' });
}

/** The model that the header says is in view. */
function inView(page: Page) {
  return page.getByRole('group', { name: 'Model' }).getByRole('button', { pressed: true });
}

test.beforeEach(async ({ player }) => {
  await player.open('transcript=f5d6c3&device=cpu');
  await player.analysed();
});

/** Opens the model of 2 layers whose heads nothing tells: it was never trained. */
async function openTiny(player: PlayerPage): Promise<void> {
  await drop(player.page, data('import/mingpt.ckpt'));
  await answer(player.page, 'The number of attention heads').selectOption('4');
  await openIt(player.page).click();
  await expect(inView(player.page)).toHaveText('mingpt');
}

test('a checkpoint of minGPT is dropped, its heads are told by how it plays, and it plays and stays', async ({
  player,
  page,
}) => {
  await drop(page, data('model.safetensors'));
  await expect(dialog(page)).toContainText('minGPT (Li et al.): 8 layers of width 128');
  const heads = answer(page, 'The number of attention heads');
  await expect(heads).toHaveValue('8');
  await expect(dialog(page)).toContainText('positions of random games');

  // A wrong number is refused, with what was found under it.
  await heads.selectOption('4');
  await expect(dialog(page)).toContainText(/With 4 heads [\d.]+ % of its first choices .* illegal, with 8/);
  await expect(openIt(page)).toBeDisabled();
  await heads.selectOption('8');
  await openIt(page).click();

  await expect(dialog(page)).toHaveCount(0);
  await expect(page).toHaveURL(/model=kept%3A[0-9a-f]{16}.*transcript=f5d6c3/);
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await expect(inView(page)).toHaveText('model');
  await player.play('d3');
  await page.reload();
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3', 'd3']);
  await player.badge.click();
  await expect(page.getByRole('group', { name: 'Engine' })).toContainText('8 layers, width 128');
});

test('where nothing tells the heads they are asked for, and a kept bundle can be removed', async ({
  player,
  page,
}) => {
  await drop(page, data('import/mingpt.ckpt'));
  await expect(dialog(page)).toContainText('Say first the number of attention heads of mingpt.ckpt');
  await expect(dialog(page)).toContainText('choose the one that you know');
  await expect(openIt(page)).toBeDisabled();
  await answer(page, 'The number of attention heads').selectOption('4');
  await openIt(page).click();
  await expect(inView(page)).toHaveText('mingpt');
  await player.analysed();

  await inView(page).click();
  const kept = page.getByRole('list', { name: 'Kept in this browser' });
  await expect(kept.getByRole('listitem')).toHaveCount(1);
  await kept.getByRole('button', { name: 'Remove mingpt' }).click();
  await expect(inView(page)).toHaveText('small 8×128');
  await player.analysed();
  await expect(kept).toHaveCount(0);
  await page.goBack();
  await expect(player.alert('This browser does not keep the bundle')).toBeVisible();
  await player.expectMoves(['f5', 'd6', 'c3']);
});

test('a TransformerLens model, SAEs of SAELens and dictionary_learning and a probe become one bundle', async ({
  player,
  page,
}) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mine-'));
  for (const name of [
    'transformer-lens.pth',
    'saelens-topk',
    'dictionary-learning-AutoEncoder',
    'resid_1_linear.pth',
  ])
    cpSync(path.join(DATA, 'import', name), path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, 'README.md'), 'What is no weights is passed over.');
  await player.button('your own …').click();
  await page.locator('ol-own-bundles #folder').setInputFiles(folder);
  const part = (name: string) => dialog(page).getByRole('region', { name: new RegExp(`${name}$`) });
  await expect(part('saelens-topk/sae_weights.safetensors')).toContainText(
    'SAELens: 32 features of 16 values',
  );
  await expect(part('dictionary-learning-AutoEncoder/ae.pt')).toContainText('dictionary_learning');
  await expect(part('resid_1_linear.pth')).toContainText('ajyl');
  await openIt(page).click();
  await expect(inView(page)).toHaveText('transformer-lens');
  await player.analysed();
  await player.expectMoves(['f5', 'd6', 'c3']);
  await expect(page.getByRole('list', { name: 'Kept in this browser' })).toHaveCount(0);
});

test('a pickled object of Huben plays from its start token on, with the SAE in the same file', async ({
  player,
  page,
}) => {
  await drop(page, data('import/huben-sae.pt'));
  await expect(dialog(page)).toContainText('Huben');
  await openIt(page).click();
  await expect(inView(page)).toHaveText('huben-sae');
  await player.analysed();
  await player.play('d3');
  await player.expectMoves(['f5', 'd6', 'c3', 'd3']);
});

test('a dictionary without a model is added to the model in view, where it explains most', async ({
  player,
  page,
}) => {
  await drop(page, data('model.safetensors'));
  await expect(answer(page, 'The number of attention heads')).toHaveValue('8');
  await openIt(page).click();
  await expect(inView(page)).toHaveText('model');
  await player.analysed();

  // Its name says nothing of the layer: what it explains of each place does.
  const sae = { ...data('sae-layer6-tied.safetensors'), path: 'mine.safetensors' };
  await drop(page, data('import/only.pth'), sae);
  await expect(dialog(page)).toContainText('only.pth is of no family that is known');
  const reads = answer(page, 'The activation that is read');
  await expect(reads).toHaveValue('blocks.5.hook_resid_post');
  await expect(dialog(page)).toContainText('It is added to model');
  await reads.selectOption('blocks.0.hook_resid_pre');
  await expect(openIt(page)).toBeDisabled();
  await reads.selectOption('blocks.5.hook_resid_post');
  await openIt(page).click();
  await expect(inView(page)).toHaveText('model and more');
  await player.analysed();
  await expect(page).toHaveURL(/model=kept/);
  await page.reload();
  await player.analysed();
});

test('a downloaded bundle is a zip that the page opens again', async ({ player, page }) => {
  await openTiny(player);
  await player.analysed();
  await inView(page).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download mingpt as a bundle' }).click();
  const saved = await coming;
  expect(saved.suggestedFilename()).toBe('mingpt.zip');
  const bytes = readFileSync(await saved.path());
  const address = page.url();
  await page.getByRole('button', { name: 'Remove mingpt' }).click();
  await expect(inView(page)).toHaveText('small 8×128');
  await drop(page, { path: 'mingpt.zip', bytes });
  await expect(dialog(page)).toContainText('othello-lens bundle');
  await openIt(page).click();
  await player.analysed();
  expect(new URL(page.url()).searchParams.get('model')).toBe(new URL(address).searchParams.get('model'));
});

test('what is no model says what it is, and the game goes on', async ({ player, page }) => {
  const whole = data('import/mingpt.ckpt');
  const cases: [Dropped, RegExp][] = [
    [
      data('import/cases/lfs-pointer.safetensors'),
      /Git LFS pointer, not the file itself: fetch that with `git lfs pull`/,
    ],
    [
      { path: 'page.ckpt', bytes: Buffer.from('<!doctype html><title>Sign in</title>') },
      /HTML page.*download the file itself/,
    ],
    [
      { ...whole, path: 'cut.ckpt', bytes: whole.bytes.subarray(0, whole.bytes.length / 2) },
      /cut\.ckpt: the zip cannot be read/,
    ],
    [{ path: 'nothing.pth', bytes: Buffer.alloc(0) }, /nothing\.pth is empty/],
    [
      { path: 'cfg.zip', bytes: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
      /cfg\.zip is a zip without a file/,
    ],
  ];
  for (const [file, says] of cases) {
    await drop(page, file);
    await expect(dialog(page).getByRole('alert')).toContainText(says);
    await expect(openIt(page)).toHaveCount(0);
    await dialog(page).getByRole('button', { name: 'Close' }).click();
  }
  // Another model's SAE, wider than the model in view.
  await drop(page, { ...data('sae-layer6-tied.safetensors'), path: 'sae.safetensors' });
  await player.board.waitFor();
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await player.play('d3');
  await expect(inView(page)).toHaveText('small 8×128');
});

test('features of one’s own dictionary are measured in the page, and their cards are kept with the bundle', async ({
  page,
}) => {
  const names = ['transformer-lens.pth', 'saelens-topk/cfg.json', 'saelens-topk/sae_weights.safetensors'];
  await drop(page, ...names.map((name) => ({ ...data(`import/${name}`), path: name })));
  await openIt(page).click();
  await expect(inView(page)).toHaveText('transformer-lens');
  await page.getByRole('link', { name: 'Features', exact: true }).click();
  await page.getByRole('link', { name: 'All features' }).click();
  const features = page.getByRole('region', { name: 'All features' });
  await expect(features).toContainText('Nothing was measured on these features yet');
  const before = page.url();
  await features.getByRole('spinbutton', { name: 'Random games' }).fill('12');
  await features.getByRole('button', { name: 'Measure the features' }).click();

  // The same place of another bundle, which has the cards; the address of the one without them leads to it.
  await expect(features.getByRole('grid')).toContainText('AUROC');
  expect(page.url()).not.toBe(before);
  const after = page.url();
  await page.goto(before);
  await expect(features.getByRole('grid')).toContainText('AUROC');
  await page.goto(after);
  await expect(inView(page)).toHaveText('transformer-lens');
  await page.reload();
  await expect(features.getByRole('grid')).toContainText('AUROC');
  await inView(page).click();
  const kept = page.getByRole('list', { name: 'Kept in this browser' });
  await expect(kept.getByRole('listitem')).toHaveCount(1);

  // What the features know answers a question.
  await page.getByRole('link', { name: 'By label' }).click();
  await page.getByRole('combobox', { name: 'Ask which feature knows it' }).fill('own c4');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('region', { name: 'Answer' })).toContainText(
    'The best of each of 1 dictionary, over',
  );
});

test('a file of weights is opened by its address, and an address that has none says so', async ({
  player,
  page,
}) => {
  const host = await StaticServer.start({ '/weights/': path.join(DATA, 'import') });
  try {
    const address = page.getByRole('textbox', { name: 'Address of a bundle’s folder, or of a file' });
    await player.button('your own …').click();
    await address.fill(`${host.origin}/weights/lost.pth`);
    await address.press('Enter');
    await expect(dialog(page).getByRole('alert')).toContainText('lost.pth');
    await dialog(page).getByRole('button', { name: 'Close' }).click();

    await player.button('your own …').click();
    await address.fill(`${host.origin}/weights/mingpt.ckpt`);
    await address.press('Enter');
    await expect(dialog(page)).toContainText('minGPT (Li et al.): 2 layers of width 16');
    await answer(page, 'The number of attention heads').selectOption('4');
    await openIt(page).click();
    await expect(inView(page)).toHaveText('mingpt');
    await player.analysed();
    await player.expectMoves(['f5', 'd6', 'c3']);
  } finally {
    await host.close();
  }
});
