// A figure without the engine: what a manifest says of its dictionaries is enough for the figures of many, and the
// first tables of those of one.
import type { DictionaryInfo, Tap } from '../../types.js';
import { StillBundle, type StillDictionary } from '../still/manifest.js';
import type { Choice, FigureData, FigureDefinition } from './definition.js';
import { fromMetrics } from './measured.js';
import { controlAt } from './source.js';

/** What of a dictionary's training its manifest tells. */
interface Training {
  seed?: number;
  sparsity?: { kind?: string; k?: number; penalty?: number };
}

/** What `definition` draws from the manifest of the bundle at `address`. */
export async function stillData(
  address: string,
  definition: FigureDefinition,
  choice: Choice,
  control: string | null,
): Promise<FigureData> {
  const [{ manifest }, untrained] = await Promise.all([
    StillBundle.at(address),
    control !== null && definition.parts.includes('control') ? controlAt(control) : null,
  ]);
  const dictionaries = manifest.dictionaries.map(infoOf);
  const ids = definition.subjects({ dictionaries, neurons: [], choice });
  const measured = ids.flatMap((id) => {
    const dictionary = dictionaries.find((one) => one.id === id);
    const found = dictionary && fromMetrics(dictionary.metrics, dictionary.cards?.seed ?? null);
    return found ? [[id, found] as const] : [];
  });
  return {
    model: { name: manifest.name, layers: 0, heads: 0, dModel: 0, context: 0, parameters: 0 },
    dictionaries,
    neurons: [],
    measured: new Map(measured),
    registry: [],
    atlas: null,
    boards: null,
    similar: null,
    control: untrained,
    choice,
  };
}

/** What the engine would say of a dictionary, as far as figures ask. */
function infoOf({
  id,
  config,
  metrics = {},
  cards,
  training,
}: StillDictionary & { training?: Training }): DictionaryInfo {
  const { seed, sparsity } = training ?? {};
  const taps = (names: readonly string[]) => names.map(tapOf) as [Tap, ...Tap[]];
  return {
    id,
    title: id,
    reads: taps(config.reads),
    writes: taps(config.writes),
    place: '',
    architecture: config.architecture.kind,
    formula: '',
    letters: '',
    recipe: sparsity?.kind ?? config.architecture.kind,
    tied: config.tied ?? false,
    features: config.features,
    strength: sparsity?.k ?? sparsity?.penalty ?? null,
    seed: seed ?? null,
    metrics,
    bytes: 0,
    cards: cards ? { ...cards, firstPly: 0, lastPly: 0 } : null,
  };
}

/** `blocks.5.hook_resid_post`; of other sites the layer is what figures ask for. */
function tapOf(name: string): Tap {
  const [, layer = '0', rest = ''] = /^blocks\.(\d+)\.(.*)$/.exec(name) ?? [];
  const site = rest.replace(/^hook_/, '') as Tap['site'];
  return { name, site, layer: Number(layer) };
}
