import { LensError } from '../../error.js';
import { type Measured, StillBundle, type StillDictionary } from './manifest.js';
import { RemoteTensors, type Values } from './remote-tensors.js';

/** What is known of a feature without computing anything: a row of the file of cards. */
export interface FeatureStill {
  /** The bundle's name. */
  bundle: string;
  dictionary: StillDictionary;
  feature: number;
  /** What it was measured over; null where nothing was. */
  corpus: Measured | null;
  /** The share of positions at which it is active. */
  density: number | null;
  /** Its largest activation. */
  max: number | null;
  /** The label that it tells best, of all sets. */
  best: StillLabel | null;
  /** The AUROC of each square, of each class of label; NaN where there is none. */
  maps: Readonly<Record<string, Float32Array>>;
}

/** How well a feature tells a label. */
export interface StillLabel {
  name: string;
  auroc: number;
  /** The bounds of its 95 % interval, where they were measured. */
  interval: readonly [number, number] | null;
}

/** From which AUROC on a feature is said to tell a label; what lies below is the label that it tells least badly. */
export const TELLS = 0.6;

/** The set of the board's contents and legal moves, and the classes of its labels in their order. */
const BOARD = 'labels.board.1';
const CLASSES = ['own', 'opponent', 'empty', 'legal'];

/**
 * Reads what the bundle at `address` knows of a feature: its manifest, and one row of the cards.
 *
 * @throws a `LensError` that names the dictionary or the feature that there is not.
 */
export async function readFeature(
  address: string,
  id: string,
  feature: number,
  signal?: AbortSignal,
): Promise<FeatureStill> {
  const bundle = await StillBundle.at(address);
  signal?.throwIfAborted();
  const dictionary = bundle.dictionary(id);
  const { features } = dictionary.config;
  if (!Number.isInteger(feature) || feature < 0 || feature >= features)
    throw new LensError(
      'bad_argument',
      `There is no feature ${feature} in ${id}, whose features are 0 to ${features - 1}.`,
      { argument: 'feature', found: String(feature), expected: `0 to ${features - 1}` },
    );
  const corpus = dictionary.cards ?? dictionary.statistics ?? null;
  const still = { bundle: bundle.manifest.name, dictionary, feature, corpus };
  if (!corpus) return { ...still, density: null, max: null, best: null, maps: {} };
  const file = await RemoteTensors.open(bundle.file(corpus.file), signal);
  const sets = labelSets(file);
  const names = sets.flatMap((set) =>
    ['label', 'auroc', 'interval', 'map'].map((column) => `${set}.${column}`),
  );
  const row = await file.rows(['density', 'max', ...names], feature);
  return {
    ...still,
    density: row.get('density')?.[0] ?? null,
    max: row.get('max')?.[0] ?? null,
    best: bestOf(file, sets, row),
    maps: mapsOf(row.get(`${BOARD}.map`)),
  };
}

/** The maps of the board's classes, whose AUROCs are stored as 255ths; 0 is none. */
function mapsOf(stored: Values | undefined): Record<string, Float32Array> {
  if (stored?.length !== 64 * CLASSES.length) return {};
  return Object.fromEntries(
    CLASSES.map((name, at) => {
      const bytes = stored.subarray(64 * at, 64 * (at + 1));
      return [name, Float32Array.from(bytes, (byte) => (byte === 0 ? Number.NaN : byte / 255))];
    }),
  );
}

/** What the tensors of each set of labels begin with, `labels.board.1`. */
function labelSets(file: RemoteTensors): string[] {
  return file.names().flatMap((name) => /^(labels\.\w+\.\d+)\.auroc$/.exec(name)?.[1] ?? []);
}

function bestOf(file: RemoteTensors, sets: string[], row: Map<string, Values>): StillLabel | null {
  const labels = sets.flatMap((set): StillLabel[] => {
    const auroc = row.get(`${set}.auroc`)?.[0];
    const number = row.get(`${set}.label`)?.[0];
    if (!auroc || number === undefined) return [];
    const name = labelName(file.metadata, set, number);
    const [low, high] = row.get(`${set}.interval`) ?? [];
    const interval = low === undefined || !high ? null : ([low, high] as const);
    return name === null ? [] : [{ name, auroc, interval }];
  });
  return labels.reduce<StillLabel | null>(
    (best, label) => (best && best.auroc >= label.auroc ? best : label),
    null,
  );
}

/**
 * The name of a label: what the file says, or, of the first version of the set `board`, what its number says,
 * `64 · class + square`.
 */
function labelName(metadata: Readonly<Record<string, string>>, set: string, number: number): string | null {
  const listed = names(metadata[set]);
  if (listed) return listed[number] ?? null;
  if (set !== BOARD) return null;
  const square = `${'abcdefgh'.charAt(number % 8)}${Math.floor((number % 64) / 8) + 1}`;
  return `${CLASSES[Math.floor(number / 64)]} ${square}`;
}

function names(json: string | undefined): string[] | null {
  if (json === undefined) return null;
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) && list.every((name) => typeof name === 'string') ? list : null;
  } catch {
    return null;
  }
}
