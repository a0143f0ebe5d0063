// Measures the package in headless Chromium. `cargo xtask bench web` prepares what it needs and runs it:
// the site and the package built for release, the bundles and ONNX files under target/bench-web.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { chromium } from 'playwright-core';
import sirv from 'sirv';

import { violations } from './axe.js';
import { embedBytes } from './embed-bytes.js';
import { median, record, recordRatio, root } from './figures.js';
import { interactionToNextPaint, watchInteractions } from './inp.js';
import { CATEGORIES, scores } from './lighthouse.js';
import { nodes, scrub, slowStart } from './page-speed.js';

const ARTEFACTS = '/target/bench-web';
const bundle = (size) => `${ARTEFACTS}/bundles/${size}/`;
const model = (size) => `${ARTEFACTS}/${size}.onnx`;

const { OTHELLO_LENS } = process.env;

const cases = {
  'parity.web.cpu': () => parity('cpu'),
  'parity.web.gpu': () => parity('gpu'),
  'web.cpu.8x128.vs_ort': (name) => againstOrt(name, '8x128', 'cpu', 41),
  'web.cpu.8x512.vs_ort': (name) => againstOrt(name, '8x512', 'cpu', 21),
  'web.gpu.8x128.vs_ort': (name) => againstOrt(name, '8x128', 'gpu', 13),
  'web.append.8x512.vs_full': append,
  'perft10.wasm.vs_native': perft,
  'memory.wasm.8x128': (name) => memory(name, '/dist/models/small/', 2000),
  'memory.wasm.8x512': (name) => memory(name, bundle('8x512'), 20),
  'size.wasm.brotli': (name) => size(name, '.wasm'),
  'size.js.brotli': (name) => size(name, '.js'),
  'size.first_view': firstView,
  'embed.bytes': stillBytes,
  'import.page.8x512': importing,
  'figures.f1.2workers': figuresInWorkers,
  'page.first_features': firstFeatures,
  'page.inp.reproducing': reproducing,
  'page.first_features.slow': slowly,
  'page.scrub.p98': scrubbing,
  'page.dom': dom,
  'page.table.long_tasks': tableLongTasks,
  'axe.violations': axeViolations,
  'lighthouse.performance': lighthouseScores,
};

/** The figures that a case records beside the one that it is named after. */
const BESIDE = {
  'memory.wasm.8x128': ['memory.wasm.8x128.growth'],
  'import.page.8x512': ['import.page.8x512.memory'],
  'figures.f1.2workers': ['figures.f1.scaling'],
  'page.first_features.slow': ['page.live.slow'],
  'lighthouse.performance': ['lighthouse.accessibility', 'lighthouse.best_practices'],
};

/** The cases that record a figure whose name begins with one of `prefixes`; without any, all. */
function casesOf(prefixes) {
  const named = Object.entries(cases).map((each) => ({ each, names: [each[0], ...(BESIDE[each[0]] ?? [])] }));
  const begins = (prefix) => (name) => name.startsWith(prefix);
  for (const prefix of prefixes)
    if (!named.some(({ names }) => names.some(begins(prefix))))
      throw new Error(`no figure begins with ${prefix}`);
  const isWanted = ({ names }) => prefixes.some((prefix) => names.some(begins(prefix)));
  return named.filter((each) => prefixes.length === 0 || isWanted(each)).map(({ each }) => each);
}

const wanted = casesOf(process.argv.slice(2));

const server = createServer(sirv(root, { dev: true, etag: true }));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH,
  args: [
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
});

/** Calls a function of `page/cases.js` in a page of its own. */
async function inPage(name, ...values) {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(message.text());
  });
  try {
    await page.goto(`${origin}/benches/web/page/index.html`);
    return await page.evaluate(
      async ([name, values]) => (await import('/benches/web/page/cases.js'))[name](...values),
      [name, values],
    );
  } finally {
    await page.close();
  }
}

async function parity(device) {
  const { difference, tensor, compared, engine } = await inPage('parity', bundle('8x128'), device);
  expectEngine(engine, device);
  await record({
    name: `parity.web.${device}`,
    value: difference,
    unit: 'of max |x|',
    peer: 'float64',
    n: compared,
  });
  console.log(`${''.padEnd(26)} worst: ${tensor}; ${engine.name}`);
}

async function againstOrt(name, sizeName, device, rounds) {
  const { pairs, difference, engine, peer } = await inPage('againstOrt', {
    bundle: bundle(sizeName),
    model: model(sizeName),
    device,
    rounds,
  });
  expectEngine(engine, device);
  await recordRatio(name, pairs, `onnxruntime-web ${peer}`);
  const inside = median(pairs.map((pair) => pair.engine)).toFixed(2);
  console.log(
    `${''.padEnd(26)} ${inside} ms of it in the engine; logits differ by ${difference.toExponential(1)}`,
  );
}

async function append(name) {
  const { pairs } = await inPage('append', { bundle: bundle('8x512'), device: 'cpu', rounds: 21 });
  await recordRatio(name, pairs, 'the full pass of 59 tokens');
}

async function perft(name) {
  const depth = 10;
  const run = promisify(execFile);
  const native = async () => {
    const [, leaves, milliseconds] = /(\d+) leaves\s+(\S+) ms/
      .exec((await run(OTHELLO_LENS, ['perft', String(depth)])).stdout)
      .map(Number);
    return { leaves, milliseconds };
  };
  const pairs = [];
  const page = await browser.newPage();
  await page.goto(`${origin}/benches/web/page/index.html`);
  const wasm = () =>
    page.evaluate(async (depth) => (await import('/benches/web/page/cases.js')).perft(depth), depth);
  for (let round = -1; round < 11; round++) {
    const [ours, theirs] = [await wasm(), await native()];
    if (ours.leaves !== theirs.leaves)
      throw new Error(`${ours.leaves} leaves in wasm, ${theirs.leaves} natively`);
    if (round >= 0) pairs.push({ ours: ours.milliseconds, theirs: theirs.milliseconds });
  }
  await page.close();
  await recordRatio(name, pairs, 'the native build', 'of its speed');
}

async function memory(name, address, analyses) {
  const { loaded, settled, peak } = await inPage('memory', { bundle: address, analyses });
  await record({ name, value: peak, unit: 'bytes', n: analyses });
  const grown = peak - settled;
  console.log(`${''.padEnd(26)} ${loaded} when loaded; grown by ${grown} after the first 20 analyses`);
  if (analyses >= 2000) await record({ name: `${name}.growth`, value: grown, unit: 'bytes', n: analyses });
}

/** The report's first figure, measured in the page by two workers, and by one. */
async function figuresInWorkers(name) {
  const { pairs, dictionary, games } = await inPage('figuresInWorkers', '/dist/models/small/', 2000, 3);
  const seconds = pairs.map(({ ours }) => ours / 1000);
  await record({ name, value: median(seconds), unit: 's', n: pairs.length });
  console.log(`${''.padEnd(26)} ${games} games, ${dictionary}`);
  await recordRatio('figures.f1.scaling', pairs, 'one worker');
}

async function size(name, extension) {
  const site = path.join(root, 'dist');
  const all = await readdir(site, { recursive: true });
  // What other sites embed is there once more, in a folder of its own.
  const files = all.filter((file) => file.endsWith(extension) && !file.startsWith('package'));
  if (files.length === 0) throw new Error(`dist holds no ${extension} file`);
  const total = await compressedSize(files.map((file) => path.join(site, file)));
  await record({ name, value: total, unit: 'bytes', n: files.length });
}

/** The bytes of files as a host sends them in brotli, together; each is printed. */
async function compressedSize(files) {
  let total = 0;
  for (const file of files) {
    const bytes = await readFile(file);
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_MAX_WINDOW_BITS } = constants;
    const params = { [BROTLI_PARAM_QUALITY]: 11, [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS };
    const compressed = brotliCompressSync(bytes, { params }).length;
    console.log(
      `${''.padEnd(26)} ${path.relative(root, file)}: ${bytes.length} bytes, ${compressed} as brotli`,
    );
    total += compressed;
  }
  return total;
}

/** The code that a visitor of the page has downloaded once it is live; weights and measurements are not code. */
async function firstView(name) {
  const page = await browser.newPage({ reducedMotion: 'reduce', serviceWorkers: 'block' });
  const files = new Set();
  page.on('response', (response) => files.add(new URL(response.url()).pathname));
  await page.goto(`${origin}/dist/index.html?device=cpu`);
  await live(page);
  await page.close();
  const code = [...files].filter((file) => /\.(html|js|css|wasm)$/.test(file));
  if (!code.some((file) => file.endsWith('.wasm'))) throw new Error('the page ran no wasm');
  const total = await compressedSize(code.map((file) => path.join(root, file)));
  await record({ name, value: total, unit: 'bytes', n: code.length });
}

/** Waits until the model itself says what `page` shows. */
function live(page) {
  return page.waitForFunction(() => performance.getEntriesByName('live').length > 0);
}

/** What a reader of a post downloads for the still picture of a feature. */
async function stillBytes(name) {
  const page = await browser.newPage();
  const { bytes, files } = await embedBytes(page, `${origin}/benches/web/page/embed.html`, async () => {
    await page.locator('othello-feature').getByText('AUROC').first().waitFor();
  });
  await page.close();
  for (const [file, size] of files) console.log(`${''.padEnd(26)} ${file}: ${size} bytes as brotli`);
  await record({ name, value: bytes, unit: 'bytes', n: files.size });
}

/**
 * From a checkpoint of 100 MB that is given to the page, by way of the questions that its file leaves open, to the first
 * features of the model in it.
 */
async function importing(name) {
  const folder = path.join(root, ARTEFACTS, 'import');
  const file = path.join(folder, 'model.safetensors');
  if (!existsSync(file)) {
    const bundle = path.join(root, 'models/full');
    await promisify(execFile)(OTHELLO_LENS, [
      'bundle',
      'export',
      bundle,
      '--to',
      'transformer-lens',
      '--out',
      folder,
    ]);
  }
  const times = [];
  for (let round = 0; round < 3; round++) {
    const context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(`${origin}/dist/?transcript=f5d6c3&device=cpu`);
    await live(page);
    await page.getByRole('button', { name: 'your own …' }).click();
    const begin = performance.now();
    await page.locator('ol-own-bundles #files').setInputFiles(file);
    const dialog = page.getByRole('dialog', { name: 'Open files of your own' });
    await dialog.locator('button.main:enabled').click({ timeout: 120_000 });
    await page.locator('ol-site-header button[aria-pressed=true]', { hasText: 'model' }).waitFor();
    await page.locator('ol-feature-list [role=option]').first().waitFor({ timeout: 120_000 });
    times.push((performance.now() - begin) / 1000);
    await context.close();
  }
  await record({ name, value: median(times), unit: 's', n: times.length });
  const bytes = await inPage('importMemory', `${ARTEFACTS}/import/model.safetensors`);
  await record({ name: `${name}.memory`, value: bytes, unit: 'bytes', n: 1 });
}

/** From opening the page to the first features, each time in a fresh profile: nothing is cached. */
async function firstFeatures(name) {
  const times = [];
  for (let round = 0; round < 7; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const start = performance.now();
    await page.goto(`${origin}/dist/?transcript=f5d6c3`, { waitUntil: 'commit' });
    await live(page);
    times.push(performance.now() - start);
    await context.close();
  }
  await record({ name, value: median(times), unit: 'ms', n: times.length });
}

/** How soon the page answers while a figure is measured in it: typing, opening, choosing, going through tables. */
async function reproducing(name) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await watchInteractions(page);
  await page.goto(`${origin}/dist/figures.html?figure=f1&device=cpu`);
  const figure = page.locator('othello-figure');
  await figure.locator('.panel svg').first().waitFor();
  await figure.getByLabel('games').fill('16000');
  await figure.getByLabel('workers').fill('2');
  await figure.getByRole('button', { name: 'Reproduce', exact: true }).click();
  const bar = figure.getByRole('progressbar', { name: 'Games measured' });
  await bar.waitFor();
  await page.waitForFunction((bar) => Number(bar.ariaValueNow) >= 1, await bar.elementHandle());
  // What came before the measurement is not asked for.
  await page.evaluate(() => globalThis.interactions.clear());
  let count = 0;
  const summaries = figure.locator('summary');
  for (let round = 0; round < 12; round++) {
    await summaries.nth(round % 2).click();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    count += 4;
    await page.waitForTimeout(200);
  }
  if ((await bar.count()) === 0) throw new Error('the measurement was over before the page had been used');
  const value = await interactionToNextPaint(page, count);
  await figure.getByRole('button', { name: 'Cancel', exact: true }).click();
  await context.close();
  await record({ name, value, unit: 'ms', n: count });
}

/** Over a slow line: what was computed when the site was built comes first, the model's own answer later. */
async function slowly(name) {
  const rounds = await slowStart(browser, 3);
  const { length: n } = rounds;
  await record({ name, value: median(rounds.map(({ features }) => features)), unit: 'ms', n });
  await record({ name: 'page.live.slow', value: median(rounds.map(({ live }) => live)), unit: 'ms', n });
}

async function scrubbing(name) {
  const views = await scrub(browser, origin);
  const worst = Math.max(...Object.values(views).map(({ p98 }) => p98));
  const n = Object.values(views).reduce((sum, view) => sum + view.n, 0);
  await record({ name, value: worst, unit: 'ms', n });
  for (const [view, { p98, median }] of Object.entries(views))
    console.log(`${''.padEnd(26)} ${view}: ${p98} ms, median ${median} ms`);
}

async function dom(name) {
  await record({ name, value: await nodes(browser, origin), unit: 'nodes' });
}

/** Long tasks while the table of 1,024 features is scrolled from end to end and back, a wheel's turn a frame. */
async function tableLongTasks(name) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${origin}/dist/features.html?table=features&device=cpu`);
  await page.getByRole('grid', { name: /^Features of/ }).waitFor();
  await page.waitForTimeout(500);
  const { tasks, frames, rows } = await page.evaluate(async () => {
    const find = (root, selector) => {
      for (const element of root.querySelectorAll('*')) {
        if (element.matches(selector)) return element;
        const found = element.shadowRoot && find(element.shadowRoot, selector);
        if (found) return found;
      }
      return null;
    };
    const table = find(document, 'ol-data-table');
    const scroller = table.renderRoot.querySelector('.scroller');
    let tasks = 0;
    const observer = new PerformanceObserver((list) => {
      tasks += list.getEntries().length;
    });
    observer.observe({ type: 'longtask' });
    let frames = 0;
    for (const step of [240, -240]) {
      const end = step > 0 ? scroller.scrollHeight - scroller.clientHeight : 0;
      while (Math.abs(scroller.scrollTop - end) > 1) {
        scroller.scrollTop += step;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        frames += 1;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    observer.disconnect();
    return { tasks, frames, rows: table.rows.length };
  });
  await page.close();
  console.log(`${''.padEnd(26)} ${rows} rows, ${frames} frames`);
  await record({ name, value: tasks, unit: 'tasks above 50 ms', n: frames });
}

/** What axe finds in every view, in all colours and at all widths. */
async function axeViolations(name) {
  const { found, pages } = await violations(browser, origin);
  for (const violation of found) console.log(`${''.padEnd(26)} ${violation}`);
  await record({ name, value: found.length, unit: 'violations', n: pages });
}

/** Of each category the score of the view that has the lowest. */
async function lighthouseScores() {
  const views = Object.entries(await scores(3));
  for (const [view, { scores, faults }] of views) {
    const each = CATEGORIES.map((category) => `${category} ${scores[category]}`).join(', ');
    console.log(`${''.padEnd(26)} ${view}: ${each}${faults.map((fault) => `; ${fault}`).join('')}`);
  }
  for (const category of CATEGORIES) {
    const value = Math.min(...views.map(([, { scores }]) => scores[category]));
    await record({
      name: `lighthouse.${category.replace('-', '_')}`,
      value,
      unit: 'of 100',
      n: views.length,
    });
  }
}

function expectEngine(engine, device) {
  if (engine.kind !== device) throw new Error(`asked for ${device}, got ${engine.kind}: ${engine.reason}`);
}

try {
  for (const [name, measure] of wanted) await measure(name);
} finally {
  await browser.close();
  server.close();
}
