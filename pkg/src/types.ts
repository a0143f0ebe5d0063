// What the wasm gives and takes is declared beside the Rust that makes it, in `src/wasm`.
export type {
  Activations,
  Analysis,
  AppendedMove,
  Atlas,
  AtlasSource,
  BestFeature,
  BestLabels,
  BrokenGame,
  BundleResults,
  CardBoard,
  CardBoards,
  Corpus,
  CorrelatedFeature,
  Device,
  DictionaryFigures,
  DictionaryInfo,
  DirectionKind,
  Engine,
  EngineKind,
  Estimate,
  FeatureCard,
  FeatureStatistics,
  FeatureSum,
  Features,
  FeatureTable,
  FigureInfo,
  FigureUnit,
  FigureValue,
  FileGame,
  GameFile,
  ImportCandidate,
  ImportFact,
  ImportItem,
  ImportPart,
  ImportQuestion,
  ImportRanking,
  ImportRequest,
  Label,
  LabelPrediction,
  LabelScore,
  LabelSetInfo,
  Logits,
  Measured,
  MeasuredValue,
  ModelInfo,
  NearFeature,
  NextMove,
  Position,
  ProbeCosine,
  ProbeCosines,
  PublishedValue,
  Reading,
  ReadingOffer,
  RefusedFile,
  Replay,
  RocPoints,
  Run,
  Score,
  SetScores,
  Side,
  Site,
  SplitHistogram,
  Square,
  SquareMaps,
  StudiedLabel,
  Study,
  StudyPrediction,
  SumPart,
  Tap,
} from './wasm/lab/simd128/othello_lens.js';

import type {
  AnalysisRequest,
  Device,
  DictionaryInfo,
  Engine,
  MeasureRequest,
  ModelInfo,
  NearestRequest,
  StudyRequest,
  SumRequest,
} from './wasm/lab/simd128/othello_lens.js';

/** How far loading has come. */
export interface Progress {
  /** What is happening now. */
  phase:
    | 'code'
    | 'manifest'
    | 'weights'
    | 'engine'
    | 'ready'
    | 'games'
    | 'files'
    | 'features'
    | 'labels'
    | 'regressions';
  /** Bytes of weights here so far, cached ones included, which come while the code does; of what is measured how many are done, of a file of games and of `files` that are imported their bytes. */
  loaded: number;
  /** Bytes of weights in all, 0 until the manifest is here; of what is measured how many there are. */
  total: number;
}

/** Told of progress. */
export type OnProgress = (progress: Progress) => void;

/** What every call that takes time can be given. */
export interface CallOptions {
  /** Ends the call: it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told of the bytes of a file that is fetched because this call is the first to need it. */
  onProgress?: OnProgress;
}

/** How a file of games is to be read. */
export interface ReadGamesOptions extends CallOptions {
  /** How squares are meant where the file leaves it open: the `name` of one of the readings that were offered. */
  readAs?: string;
}

/** What `analyse` is to bring besides the next-move distribution. */
export interface AnalyseOptions extends AnalysisRequest, CallOptions {}

/**
 * What a dictionary does in a chunk of eight games: one array of `[games, plies, _]` each, in which a game has
 * as many plies as the model reads, at most 60. Behind the end of a game the values do not matter.
 */
export interface ChunkActivations {
  /** The features, F wide. */
  features: Float32Array;
  /** The activation that is reconstructed, as wide as the dictionary writes. */
  target: Float32Array;
  /** The reconstruction, of the same width. */
  reconstruction: Float32Array;
}

/** How a dictionary is to be measured. */
export interface MeasureOptions extends MeasureRequest, CallOptions {
  /**
   * How many workers share the games, 1 to 16, each with the model in its memory; they are kept until the lens is
   * disposed of. It is one by default, and for `activations`.
   */
  workers?: number;
  /** Activations to measure in place of those that the model has, a chunk after the other. */
  activations?: ChunkActivations[];
}

/** How a feature is to be studied. */
export interface StudyOptions extends StudyRequest, CallOptions {
  /** How many workers share the games, as of `measure`. */
  workers?: number;
}

/** Which features are near to one. */
export interface NearestOptions extends NearestRequest, CallOptions {}

/** How a feature is to be explained by others. */
export interface SumOptions extends SumRequest, CallOptions {}

/** How a bundle is to be loaded. */
export interface LoadOptions extends CallOptions {
  /** `auto` by default. */
  device?: Device;
}

/** What is known once a bundle is loaded. */
export interface Loaded {
  model: ModelInfo;
  /** The SHA-256 of the first file of the model's weights: what tells it from another of the same name. */
  hash: string;
  dictionaries: DictionaryInfo[];
  neurons: DictionaryInfo[];
  engine: Engine;
}

/** A bundle that this browser keeps until it is removed. */
export interface KeptBundle {
  /** What `Lens.load` takes: `kept:` and the beginning of its hash. */
  address: string;
  name: string;
  /** Where the bundle lies to which this one adds; null where it stands alone. */
  base: string | null;
  layers: number;
  dModel: number;
  dictionaries: number;
  probes: number;
  /** Bytes of all its files. */
  bytes: number;
}

/** A file to be imported. */
export interface ImportFile {
  /** Its path, as `folder/cfg.json`: files in one folder belong together. */
  path: string;
  file: Blob;
}
