import type { Lens } from '../../lens.js';
import type { BestFeature, CardBoard, DictionaryInfo, FeatureCard } from '../../types.js';
import { StillBundle } from '../still/manifest.js';
import type {
  AtlasSource,
  Available,
  BoardPicture,
  BoardsOfFeature,
  Choice,
  Control,
  FigureData,
  FigureDefinition,
  Similar,
  SimilarFeature,
} from './definition.js';
import { chosen, seeds } from './dictionaries.js';
import { boardLabel, isPlayed } from './labels.js';
import { type Figures, fromMetrics, type LabelFigures, type Measurement } from './measured.js';

/** Questions that are asked of the lens at once. */
const AT_ONCE = 64;

/** Bundles by their lens: figures of one page share what was fetched. */
const sources = new WeakMap<Lens, FigureSource>();

/** What figures draw from, of the bundle of `lens`. */
export function sourceOf(lens: Lens): FigureSource {
  const known = sources.get(lens);
  if (known) return known;
  const source = new FigureSource(lens);
  sources.set(lens, source);
  return source;
}

/** What a bundle says, asked for once. */
export class FigureSource {
  readonly #lens: Lens;
  readonly #asked = new Map<string, Promise<unknown>>();

  constructor(lens: Lens) {
    this.#lens = lens;
  }

  /** All that `definition` draws from. */
  async gather(definition: FigureDefinition, choice: Choice, control: string | null): Promise<FigureData> {
    const { dictionaries, neurons, model } = this.#lens;
    const available: Available = { dictionaries, neurons, choice };
    const needs = (part: FigureDefinition['parts'][number]) => definition.parts.includes(part);
    const ids = definition.subjects(available);
    const closely = ids.length === 1;
    const [registry, atlas, measured, untrained] = await Promise.all([
      this.#once('registry', () => this.#lens.figures()),
      needs('atlas') ? this.#atlas() : null,
      Promise.all(ids.map(async (id) => [id, await this.#measured(id, closely, needs('labels'))] as const)),
      needs('control') && control !== null
        ? this.#once(`control ${control}`, () => controlAt(control))
        : null,
    ]);
    const known = measured.flatMap(([id, found]) => (found ? [[id, found] as const] : []));
    const data: FigureData = {
      model,
      dictionaries,
      neurons,
      measured: new Map(known),
      registry,
      atlas,
      boards: null,
      similar: null,
      control: untrained,
      choice,
    };
    if (needs('boards')) data.boards = await this.#boards(data);
    if (needs('similar')) data.similar = await this.#similar(choice);
    return data;
  }

  /** What is known of a dictionary: all of it, or the numbers that stand for the whole. */
  async #measured(id: string, closely: boolean, labels: boolean): Promise<Measurement | null> {
    const info = [...this.#lens.dictionaries, ...this.#lens.neurons].find((one) => one.id === id);
    if (!info) return null;
    const whole = fromMetrics(info.metrics, info.cards?.seed ?? null);
    const written = closely ? await this.#written(info) : null;
    const found = written ?? whole;
    if (!found || !labels || found.figures.detection?.labels) return found;
    const told = await this.#labels(info);
    const { detection } = found.figures;
    if (!told || !detection) return found;
    return { ...found, figures: { ...found.figures, detection: { ...detection, labels: told } } };
  }

  /** What `measure` wrote of a dictionary. */
  async #written({ id, cards, metrics }: DictionaryInfo): Promise<Measurement | null> {
    const results = await this.#once(`results ${id}`, () => this.#lens.dictionaryResults(id));
    if (!results) return null;
    const games = cards?.games ?? metrics['games'] ?? 0;
    return { on: { games, seed: cards?.seed ?? null }, figures: results as unknown as Figures };
  }

  /** How well the best feature tells each label: of the atlas, which is one file, or of the dictionary's cards. */
  async #labels({ id }: DictionaryInfo): Promise<LabelFigures[] | null> {
    const atlas = await this.#atlas();
    const source = atlas?.find((source) => source.kind === 'dictionary' && source.id === id);
    if (source) return source.labels;
    const best = await this.#once(`best ${id}`, () => this.#lens.bestFeatures(id));
    return best?.filter(({ set }) => set === 'board').map(toldBy) ?? null;
  }

  async #atlas(): Promise<AtlasSource[] | null> {
    return this.#once('atlas', async () => {
      const atlas = await this.#lens.atlas('board');
      if (!atlas) return null;
      const { labels, sources, auroc, low, high, feature } = atlas;
      return sources.map(({ kind, id }, at) => ({
        kind,
        id,
        labels: labels.flatMap(({ name }, label) => {
          const cell = at * labels.length + label;
          const value = auroc[cell] ?? Number.NaN;
          const bound = (of: Float32Array) => {
            const found = of[cell] ?? Number.NaN;
            return Number.isNaN(found) ? null : found;
          };
          return Number.isNaN(value)
            ? []
            : [
                {
                  label: name,
                  feature: feature[cell] ?? -1,
                  auroc: { value, low: bound(low), high: bound(high) },
                },
              ];
        }),
      }));
    });
  }

  /** The boards of the feature that tells the label best. */
  async #boards(data: FigureData): Promise<BoardsOfFeature | null> {
    const dictionary = chosen(data);
    const labels = dictionary && data.measured.get(dictionary.id)?.figures.detection?.labels;
    if (!labels) return null;
    const told = bestLabel(labels, data.choice.label);
    if (!told) return null;
    const { id } = dictionary;
    const card = await this.#once(`card ${id} ${told.feature}`, () => this.#lens.card(id, told.feature));
    if (!card) return null;
    const { top, random } = boardsOf(card);
    const { label, feature, auroc } = told;
    return { dictionary: id, feature, label, auroc: auroc.value, top, random };
  }

  /** The features of one seed beside those of another. */
  async #similar(choice: Choice): Promise<Similar | null> {
    const all = seeds(this.#lens.dictionaries);
    const one = all.find(({ id }) => id === choice.dictionary) ?? all[0];
    const other = all.find((dictionary) => dictionary !== one);
    if (!one || !other) return null;
    return this.#once(`similar ${one.id} ${other.id}`, async () => {
      const best = await this.#lens.bestLabels(one.id);
      if (!best) return null;
      const alive = [...best.auroc.keys()].filter((feature) => (best.auroc[feature] ?? 0) > 0);
      const features: SimilarFeature[] = [];
      for (let from = 0; from < alive.length; from += AT_ONCE) {
        const found = alive.slice(from, from + AT_ONCE).map(async (feature): Promise<SimilarFeature[]> => {
          const options = { by: 'decoder', among: other.id, count: 1 } as const;
          const [found] = await this.#lens.nearest(one.id, feature, options);
          const auroc = best.auroc[feature] ?? 0;
          return found
            ? [
                {
                  feature,
                  nearest: found.feature,
                  cosine: found.cosine,
                  auroc,
                  label: best.name[feature] ?? null,
                },
              ]
            : [];
        });
        features.push(...(await Promise.all(found)).flat());
      }
      return { dictionary: one.id, other: other.id, features };
    });
  }

  /** Asks once; what failed is asked again. */
  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) as Promise<T> | undefined;
    if (asked) return asked;
    const asking = ask();
    this.#asked.set(key, asking);
    asking.catch(() => this.#asked.delete(key));
    return asking;
  }
}

/** The numbers of the bundle of a model that was never trained, from its manifest; null if there is none. */
export async function controlAt(address: string): Promise<Control | null> {
  try {
    const { manifest } = await StillBundle.at(new URL(address, document.baseURI).href);
    const dictionaries = manifest.dictionaries.flatMap(({ id, metrics = {} }) => {
      const measured = fromMetrics(metrics, null);
      return measured ? [{ id, measured }] : [];
    });
    return { name: manifest.name, dictionaries };
  } catch {
    // A figure without this baseline is still a figure.
    return null;
  }
}

/** The label asked for, else the content of own or opponent that is told best, else any. */
export function bestLabel(labels: readonly LabelFigures[], asked: string | null): LabelFigures | undefined {
  if (asked !== null) return labels.find(({ label }) => label === asked);
  const best = (planes: readonly string[]) =>
    labels
      .filter(({ label }) => {
        const read = boardLabel(label);
        return read !== null && isPlayed(read) && planes.includes(read.plane);
      })
      .reduce<LabelFigures | undefined>(
        (best, one) => (best && best.auroc.value >= one.auroc.value ? best : one),
        undefined,
      );
  return best(['own', 'opponent']) ?? best(['empty', 'legal']);
}

/** A board in the view of the player to move. */
export function pictureOf({
  seed,
  activation,
  position,
}: Pick<CardBoard, 'seed' | 'activation' | 'position'>): BoardPicture {
  const own = position.toMove === 'white' ? 2 : 1;
  const squares = Array.from(position.board, (disc) =>
    disc === 0 ? ('empty' as const) : disc === own ? ('own' as const) : ('opponent' as const),
  );
  return { seed, ply: position.ply, activation, squares, toMove: position.toMove };
}

function boardsOf({ boards }: FeatureCard): Pick<BoardsOfFeature, 'top' | 'random'> {
  const few = (all: readonly CardBoard[]) => all.slice(0, 8).map(pictureOf);
  return { top: few(boards.strongest), random: few(boards.random) };
}

function toldBy({ label, feature, auroc, interval: [low, high] }: BestFeature): LabelFigures {
  return { label: label.name, feature, auroc: { value: auroc, low, high } };
}
