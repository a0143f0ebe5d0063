import type { PlotOptions } from '@observablehq/plot';

import type { DictionaryInfo, FigureInfo, ModelInfo } from '../../types.js';
import type { BoardPlace, Estimate, Measurement } from './measured.js';

/** The marks that figures are drawn with. */
export type PlotModule = typeof import('./plot.js');

/** What a number of a table is, which decides how it is printed and how near two measurements of it must be. */
export type Unit = 'auroc' | 'share' | 'count' | 'positions' | 'number' | 'nats';

/** A column of a table: of text, or of numbers of one unit. */
export interface Column {
  title: string;
  unit?: Unit;
  /** Names what a row is of: with the other such columns of its table it tells rows apart. */
  names?: boolean;
}

/** What stands in a table. */
export type Cell = string | number | Estimate | null;

/** Numbers of a figure. */
export interface Table {
  title: string;
  columns: Column[];
  rows: Cell[][];
}

/** One of the pictures that a figure consists of. */
export interface Panel {
  title: string;
  /** Takes the whole width where two others would stand side by side. */
  wide?: boolean;
  /** Height of the picture over its width; a function where it depends on the width in pixels. */
  ratio: number | ((width: number) => number);
  /** What is drawn, `width` pixels wide. */
  options(plot: PlotModule, width: number): PlotOptions;
}

/** A colour of a legend, and what has it. */
export interface Legend {
  text: string;
  colour: string;
  shape: 'area' | 'line' | 'dashed' | 'dot' | 'square' | 'triangle' | 'cross' | 'ring' | 'diamond';
}

/** What others have found, or what chance or a baseline gives, beside what we have. */
export interface Beside {
  what: string;
  ours: string;
  theirs: string;
  /** What theirs was measured on. */
  on: string;
  source: string;
  url: string | null;
}

/** A figure, ready to be drawn. */
export interface Drawing {
  /** What it shows, in one sentence with its numbers. */
  finding: string;
  panels: Panel[];
  legend: Legend[];
  /** Baselines beside ours; what others have published follows from the registry and {@link FigureDefinition.published}. */
  beside: Beside[];
  /** All numbers that are drawn; the first table is the short one. */
  tables: Table[];
  /** What of the figure cannot be drawn, in a sentence each. */
  missing: string[];
}

/** What a figure is asked to be about. */
export interface Choice {
  /** The dictionary; null leaves it to the figure. */
  dictionary: string | null;
  /** The label, such as `own c4`; null leaves it to the figure. */
  label: string | null;
}

/** A position, in the view of the player to move. */
export interface BoardPicture extends BoardPlace {
  /** `own`, `opponent` or `empty` of each of the 64 squares. */
  squares: ('own' | 'opponent' | 'empty')[];
  toMove: 'black' | 'white' | null;
}

/** The boards of one feature. */
export interface BoardsOfFeature {
  dictionary: string;
  feature: number;
  label: string;
  auroc: number | null;
  top: BoardPicture[];
  random: BoardPicture[];
}

/** A feature, its nearest in another dictionary, and how well it tells its best label. */
export interface SimilarFeature {
  feature: number;
  nearest: number;
  cosine: number;
  auroc: number;
  /** Null where it tells its best label no better than by chance. */
  label: string | null;
}

/** Features of one dictionary beside those of another. */
export interface Similar {
  dictionary: string;
  other: string;
  features: SimilarFeature[];
}

/** How well the best feature, neuron or probe of a source tells each content. */
export interface AtlasSource {
  kind: 'dictionary' | 'neurons' | 'probe';
  id: string;
  /** By label. */
  labels: { label: string; auroc: Estimate; feature: number }[];
}

/** The bundle of the model that was never trained. */
export interface Control {
  name: string;
  dictionaries: { id: string; measured: Measurement }[];
}

/** All that figures draw from. */
export interface FigureData {
  model: ModelInfo;
  dictionaries: readonly DictionaryInfo[];
  neurons: readonly DictionaryInfo[];
  /** What there is on dictionaries, by id. */
  measured: ReadonlyMap<string, Measurement>;
  registry: readonly FigureInfo[];
  atlas: readonly AtlasSource[] | null;
  boards: BoardsOfFeature | null;
  similar: Similar | null;
  control: Control | null;
  choice: Choice;
}

/** What a figure draws from besides the numbers of dictionaries. */
export type Part = 'labels' | 'atlas' | 'boards' | 'similar' | 'control';

/** The dictionaries that there are. */
export type Available = Pick<FigureData, 'dictionaries' | 'neurons' | 'choice'>;

/** One figure: what it asks, what it draws from, how it is drawn. */
export interface FigureDefinition {
  /** Its name in addresses and attributes: `f1`. */
  name: string;
  /** What it asks, in one sentence. */
  question: string;
  /** The figures of the registry whose numbers it draws: their meanings, formulas and published values are shown. */
  registry: readonly string[];
  /** The numbers of these that it draws; all where it is left out. */
  values?: readonly string[];
  /** What `lens.measure` must be asked for besides what it always measures. */
  measures: readonly string[];
  /** The figure of a study or of directions alone needs no games. */
  needsNoGames?: boolean;
  parts: readonly Part[];
  /** Whether the reader chooses the label that it is of. */
  ofLabel?: boolean;
  /** The ids of the dictionaries that it is about, of those that there are. */
  subjects(available: Available): string[];
  /** Values that others have published besides those of the registry. */
  published?: readonly Beside[];
  draw(data: FigureData): Drawing;
}
