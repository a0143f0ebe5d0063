import { createHash } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';

/** The recipes that each layer has, with the figures that the manifest gives them. */
export const RECIPES = [
  { recipe: 'standard', l0: 120, fvu: 0.08, contents: 9 },
  { recipe: 'matryoshka', l0: 40, fvu: 0.12, contents: 31 },
  { recipe: 'p-anneal', l0: 33.4, fvu: 0.15, contents: 27 },
] as const;

/** Where the feature `feature` is strongest, and what it tells, in the cards of {@link manySaes}. */
export function cardOf(feature: number) {
  return { seed: SEED + (feature % 50), ply: 10 + (feature % 40), label: feature % 256, auroc: 0.9375 };
}

/** The seed of the first game of the cards' corpus: beyond 32 bits. */
const SEED = 2 ** 32 + 7;
const GAMES = 1000;

interface Sae {
  id: string;
  /** What it reads and writes, by TransformerLens' names. */
  config: { reads: string[]; features: number };
  training: Record<string, unknown>;
  metrics: Record<string, number>;
  files: { path: string; bytes: number; sha256: string }[];
  cards?: unknown;
}

/**
 * Serves the page's bundle as if it had an SAE of each recipe in each layer, with cards: all with the
 * weights of its first. The SAE that it opens with is the first of its own layer.
 */
export async function manySaes(context: BrowserContext): Promise<void> {
  let cards: Buffer | null = null;
  await context.route(/\/manifest\.json$/, async (route) => {
    const manifest = await (await route.fetch()).json();
    const first: Sae = manifest.dictionaries[0];
    const file = cardsFile(first.config.features);
    cards = file;
    const sha256 = createHash('sha256').update(file).digest('hex');
    const entry = {
      games: GAMES,
      seed: SEED,
      first_ply: 5,
      last_ply: 55,
      positions: 51 * GAMES,
      file: { path: `cards-test-${sha256.slice(0, 8)}.safetensors`, bytes: file.length, sha256 },
    };
    const layers: number[] = Array.from({ length: manifest.model.config.layers }, (_, layer) => layer);
    const own = Number(/^blocks\.(\d+)\./.exec(first.config.reads[0] ?? '')?.[1]);
    manifest.dictionaries = [own, ...layers.filter((layer) => layer !== own)].flatMap((layer) =>
      RECIPES.map(({ recipe, l0, fvu, contents }) => ({
        ...first,
        id: `l${layer}-${recipe}`,
        config: { ...first.config, reads: [tap(layer)], writes: [tap(layer)] },
        training: { ...first.training, sparsity: { kind: recipe } },
        metrics: { ...first.metrics, l0, fvu, contents_over_0_9: contents },
        cards: entry,
      })),
    );
    await route.fulfill({ json: manifest });
  });
  await context.route(/\/cards-test-/, (route) => route.fulfill({ body: cards ?? Buffer.alloc(0) }));
}

/** The residual stream after a layer. */
function tap(layer: number): string {
  return `blocks.${layer}.hook_resid_post`;
}

/** Cards of so many features, as the bundle's format has them. */
function cardsFile(features: number): Buffer {
  const labels = 2;
  const boards = 3;
  const all = Array.from({ length: features }, (_, feature) => feature);
  const tensors: [string, string, number[], ArrayBufferView][] = [
    ['density', 'F32', [features], new Float32Array(features).fill(0.125)],
    ['max', 'F32', [features], new Float32Array(features).fill(4.5)],
    [
      'labels.board.1.auroc',
      'F32',
      [features, labels],
      Float32Array.from(all.flatMap((f) => [cardOf(f).auroc, 0.75])),
    ],
    ['labels.board.1.f1_threshold', 'F32', [features], new Float32Array(features).fill(0.3)],
    ['labels.board.1.f1', 'F32', [features], new Float32Array(features).fill(0.875)],
    [
      'board_game',
      'U32',
      [features, boards],
      Uint32Array.from(all.flatMap((f) => [0, 1, 2].map((more) => cardOf(f).seed - SEED + more))),
    ],
    ['board_activation', 'F32', [features, boards], Float32Array.from(all.flatMap(() => [4.5, 4.25, 4]))],
    ['labels.board.1.positions', 'U32', [256], new Uint32Array(256).fill(40)],
    ['labels.board.1.best_feature', 'I32', [256], new Int32Array(256).fill(3)],
    ['labels.board.1.best_auroc', 'F32', [256], new Float32Array(256).fill(0.95)],
    [
      'labels.board.1.best_interval',
      'F32',
      [256, 2],
      new Float32Array(512).map((_, at) => (at % 2 ? 0.96 : 0.94)),
    ],
    [
      'labels.board.1.label',
      'U16',
      [features, labels],
      Uint16Array.from(all.flatMap((f) => [cardOf(f).label, 64])),
    ],
    ['labels.board.1.f1_label', 'U16', [features], Uint16Array.from(all.map((f) => cardOf(f).label))],
    [
      'board_ply',
      'U8',
      [features, boards],
      Uint8Array.from(all.flatMap((f) => Array(3).fill(cardOf(f).ply))),
    ],
  ];
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, dtype, shape, { byteLength }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + byteLength] };
    end += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const data = tensors.map(([, , , { buffer, byteOffset, byteLength }]) =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
  );
  return Buffer.concat([length, json, ...data]);
}
