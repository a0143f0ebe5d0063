import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';
import type { Plugin } from 'vite';

import type { LoadedBundle, Question } from '../../pkg/src/protocol.js';
import { Service } from '../../pkg/src/service.js';
import * as relaxed from '../../pkg/src/wasm/lens/relaxed/othello_lens.js';
import * as simd128 from '../../pkg/src/wasm/lens/simd128/othello_lens.js';
import { writeArrays } from '../src/state/arrays.js';
import type { Built } from '../src/state/built.js';
import { BUNDLES } from '../src/state/bundles.js';
import { best } from '../src/state/choice.js';
import { openingOf, type Source } from '../src/state/opening.js';
import { lastResidual } from '../src/state/taps.js';

/** What the page imports. */
const MODULE = 'virtual:built';

/**
 * Lets the engine answer, when the site is built, what the page opens with, and puts the answer beside the page.
 * Importing `virtual:built` gives its address; while the page is worked on there is none, and that is null.
 */
export function built(root: string): Plugin {
  let building = false;
  return {
    name: 'built',
    configResolved({ command }) {
      building = command === 'build';
    },
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : null),
    async load(id) {
      if (id !== `\0${MODULE}`) return null;
      if (!building) return 'export default null;';
      const source = writeArrays(await answers(root));
      const file = this.emitFile({ type: 'asset', name: 'opening.json', source });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}

/** What the engine answers for the bundle that the page opens with. */
async function answers(root: string): Promise<Built> {
  const server = createServer(sirv(root, { dev: true }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await ask(root, `http://127.0.0.1:${port}/${BUNDLES[0].path}`);
  } finally {
    server.close();
  }
}

async function ask(root: string, url: string): Promise<Built> {
  // What a page asks of its worker; Node has no such workers, and needs none.
  const service = new Service({ relaxed, simd128 });
  const { signal } = new AbortController();
  const answer = (question: Question) => service.answer(question, { signal, tell: () => {} });
  const call = (target: 'lens' | 'rules', method: string, ...args: unknown[]): Promise<unknown> =>
    answer({ what: 'call', target, method, args });

  const program = await readFile(join(root, 'pkg/dist/othello_lens_simd128.wasm'));
  await answer({ what: 'start', code: { variant: 'simd128', module: await WebAssembly.compile(program) } });
  const loaded = await answer({ what: 'load', url, device: 'cpu', manifest: null });
  const { model, hash, dictionaries, neurons } = loaded as LoadedBundle;
  const taps = [lastResidual(model)];
  const source = {
    bestFeatures: (dictionary) => call('lens', 'bestFeatures', dictionary),
    card: (dictionary, feature) => call('lens', 'card', dictionary, feature),
    analyse: (transcript, options) => call('lens', 'analyse', transcript, { ...options, taps }),
    randomGame: (seed) => call('rules', 'randomGame', BigInt(seed)),
  } as Source;

  const dictionary = best(dictionaries);
  const opening = dictionary && (await openingOf(source, dictionary, null));
  if (!opening || opening.feature === null) throw new Error(`of ${url} no feature is known to open with`);
  const { feature, transcript, ply } = opening;
  const { id } = dictionary;
  const analysis = await source.analyse(transcript, { dictionary: id });
  return {
    hash,
    model,
    dictionaries,
    neurons,
    dictionary: id,
    feature,
    ply,
    // Of the same sources the same file is built.
    analysis: { ...analysis, milliseconds: 0 },
    statistics: await call('lens', 'statistics', id),
    labels: await call('lens', 'bestLabels', id),
    bestFeatures: await source.bestFeatures(id),
    card: await source.card(id, feature),
    effect: await call('lens', 'directEffect', id, feature),
  } as Built;
}
