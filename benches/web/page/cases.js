// What the bench measures, inside the page. `run.js` calls these through the browser.
import { Importer, Lens, Othello } from '/pkg/dist/index.js';
import { openOrt } from './ort.js';
import { safetensors } from './safetensors.js';

const SITES = ['resid_pre', 'resid_mid', 'resid_post', 'attn_out', 'mlp_out'];
const GOLDEN = '/tests/data';

/** These sites of every layer. */
function tapsOf(sites, { layers }) {
  return sites.flatMap((site) => Array.from({ length: layers }, (_, layer) => ({ site, layer })));
}

async function golden() {
  const [tensors, features, { games }] = await Promise.all([
    safetensors(`${GOLDEN}/golden.safetensors`),
    safetensors(`${GOLDEN}/sae-golden.safetensors`),
    fetch(`${GOLDEN}/golden.json`).then((response) => response.json()),
  ]);
  return { tensors, features, games };
}

/** max |Δ| / max |x|, `x` being `expected`. */
function relativeDifference(found, expected) {
  if (found.length !== expected.length) {
    throw new Error(`${found.length} numbers where ${expected.length} were expected`);
  }
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  const relative = difference / largest;
  if (!Number.isFinite(relative)) throw new Error('the numbers are not finite');
  return relative;
}

/** Part `index` of a tensor whose first axis is the game. */
function part({ shape, data }, index) {
  const size = data.length / shape[0];
  return data.subarray(index * size, (index + 1) * size);
}

async function timed(run) {
  const start = performance.now();
  const value = await run();
  return { milliseconds: performance.now() - start, value };
}

/** Everything that the golden file holds, from the public API; the largest relative difference. */
export async function parity(bundle, device) {
  const { tensors, features, games } = await golden();
  const lens = await Lens.load(bundle, { device });
  const [dictionary] = lens.dictionaries;
  const taps = tapsOf(SITES, lens.model);
  const worst = { difference: 0, tensor: '' };
  let compared = 0;
  const compare = (tensor, found, expected) => {
    compared += expected.length;
    const difference = relativeDifference(found, expected);
    if (difference > worst.difference) Object.assign(worst, { difference, tensor });
  };
  for (const [game, transcript] of games.entries()) {
    const analysis = await lens.analyse(transcript, { taps, dictionary: dictionary.id, logits: true });
    for (const { site, layer, data } of analysis.activations) {
      const name = `blocks.${layer}.${site}`;
      compare(name, data, part(tensors.get(name), game));
    }
    if (analysis.activations.length !== taps.length) {
      throw new Error(`${analysis.activations.length} activations came back`);
    }
    compare('logits', analysis.logits.data, part(tensors.get('logits'), game));
    compare('features', analysis.features.data, part(features.get('activations'), game));
  }
  const { engine } = lens;
  lens.dispose();
  return { ...worst, compared, engine };
}

/**
 * Whole games, ours and ONNX Runtime's in turns. Two games that part at the first move alternate, so
 * that no row of ours stands from the run before.
 */
export async function againstOrt({ bundle, model, device, rounds }) {
  const { tensors, games } = await golden();
  const tokens = tensors.get('tokens');
  const inputs = games.map((transcript, game) => ({ transcript, tokens: [...part(tokens, game)] }));
  const lens = await Lens.load(bundle, { device });
  const ort = await openOrt(model, device);

  const ours = async (input) => {
    const { milliseconds, value } = await timed(() => lens.analyse(input.transcript, { logits: true }));
    if (value.computed !== input.tokens.length) throw new Error(`only ${value.computed} rows were computed`);
    return { milliseconds, logits: value.logits.data, engine: value.milliseconds };
  };
  const theirs = async (input) => {
    const { milliseconds, value } = await timed(() => ort.run(input.tokens));
    return { milliseconds, logits: value };
  };

  let difference = 0;
  for (const input of [...inputs, ...inputs]) {
    const [mine, other] = [await ours(input), await theirs(input)];
    difference = Math.max(difference, relativeDifference(mine.logits, other.logits));
  }
  if (!(difference < 1e-3)) throw new Error(`the two disagree by ${difference}: not the same function`);

  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const input = inputs[round % inputs.length];
    if (round % 4 < 2) {
      const mine = await ours(input);
      pairs.push({
        ours: mine.milliseconds,
        engine: mine.engine,
        theirs: (await theirs(input)).milliseconds,
      });
    } else {
      const other = await theirs(input);
      const mine = await ours(input);
      pairs.push({ ours: mine.milliseconds, engine: mine.engine, theirs: other.milliseconds });
    }
  }
  const { engine } = lens;
  lens.dispose();
  await ort.close();
  return { pairs, difference, engine, peer: ort.version };
}

/** The last move of the context appended, against the whole game at once. */
export async function append({ bundle, device, rounds }) {
  const { games } = await golden();
  const lens = await Lens.load(bundle, { device });
  const context = lens.model.context;
  const pairs = [];
  for (let round = -2; round < rounds; round++) {
    const game = Math.abs(round) % games.length;
    const transcript = games[game].slice(0, 2 * context);
    // The other game first: of two games that part at the first move no row of one serves the other.
    const other = () => lens.analyse(games[1 - game].slice(0, 2));
    await other();
    const full = await timed(() => lens.analyse(transcript, { logits: true }));
    await other();
    await lens.analyse(transcript.slice(0, -2), { logits: true });
    const appended = await timed(() => lens.append(transcript.slice(-2)));
    if (full.value.computed !== context || appended.value.computed !== 1) {
      throw new Error(`${full.value.computed} rows for a game, ${appended.value.computed} for a move`);
    }
    // The first rounds warm up.
    if (round >= 0) pairs.push({ ours: appended.milliseconds, theirs: full.milliseconds });
  }
  lens.dispose();
  return { pairs };
}

/** Bytes of wasm memory after loading and after many analyses; the memory never shrinks, so the last is the peak. */
export async function memory({ bundle, analyses, settle = 20 }) {
  const othello = await Othello.start();
  const lens = await Lens.load(bundle, { device: 'cpu' });
  const dictionary = lens.dictionaries[0]?.id ?? null;
  const taps = tapsOf(['resid_post', 'pattern'], lens.model);
  const loaded = await lens.memory();
  let settled = loaded;
  for (let seed = 0; seed < analyses; seed++) {
    const { transcript } = await othello.randomGame(seed);
    await lens.analyse(transcript, { taps, dictionary, logits: true });
    if (seed + 1 === settle) settled = await lens.memory();
  }
  const peak = await lens.memory();
  lens.dispose();
  othello.dispose();
  return { loaded, settled, peak };
}

/** Bytes of wasm memory that a checkpoint takes while it becomes a bundle, and as the lens of that. */
export async function importMemory(address) {
  const importer = await Importer.open([new URL(address, location.href)]);
  const [{ questions }] = importer.items;
  const answers = {};
  for (const { fact, options } of questions) {
    const ranking = await importer.rank(0, fact, [{ item: 0, answers }]);
    answers[fact] = ranking?.clear ?? options[0];
  }
  const { address: kept } = await importer.keep({ name: 'bench', parts: [{ item: 0, answers }] });
  const importing = await importer.memory();
  importer.dispose();
  const lens = await Lens.load(kept, { device: 'cpu' });
  await lens.analyse('f5d6c3', { dictionary: lens.neurons[0].id });
  const playing = await lens.memory();
  lens.dispose();
  return Math.max(importing, playing);
}

let rules;

/** One perft, timed in the page. */
export async function perft(depth) {
  rules ??= await Othello.start();
  const { milliseconds, value } = await timed(() => rules.perft(depth));
  return { milliseconds, leaves: Number(value) };
}

/** The dictionary that is placed as the report's: tied, after its layer 6. */
const AS_REPORTED = 'blocks.5.hook_resid_post-standard-0.25-tied-f1024-s0';

/**
 * The AUROC histograms and densities of the report over so many games, by two workers and by one, in turns; whether
 * both say the same is looked at too.
 */
export async function figuresInWorkers(bundle, games, rounds) {
  const lens = await Lens.load(bundle, { device: 'cpu' });
  const measure = (workers, games) =>
    lens.measure(AS_REPORTED, { games, workers, figures: ['histograms'] }).then(JSON.stringify);
  // The workers are started, and the weights are here, before the clock runs.
  await measure(2, 16);
  const pairs = [];
  for (let round = 0; round < rounds; round++) {
    const two = await timed(() => measure(2, games));
    const one = await timed(() => measure(1, games));
    if (one.value !== two.value) throw new Error('two workers measure something else than one');
    pairs.push({ ours: two.milliseconds, theirs: one.milliseconds });
  }
  lens.dispose();
  return { pairs, dictionary: AS_REPORTED, games };
}
