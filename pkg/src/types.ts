// What the wasm gives and takes is declared beside the Rust that makes it, in `src/wasm`.
export type {
  Activations,
  Analysis,
  AppendedMove,
  BestFeature,
  BestLabels,
  CardBoard,
  Corpus,
  Device,
  DictionaryInfo,
  Engine,
  EngineKind,
  FeatureCard,
  FeatureStatistics,
  Features,
  Label,
  LabelPrediction,
  LabelScore,
  Logits,
  ModelInfo,
  NextMove,
  Position,
  Replay,
  Run,
  Score,
  SetScores,
  Side,
  Site,
  Square,
  Tap,
} from './wasm/simd128/othello_lens.js';

import type {
  AnalysisRequest,
  Device,
  DictionaryInfo,
  Engine,
  ModelInfo,
} from './wasm/simd128/othello_lens.js';

/** How far loading has come. */
export interface Progress {
  /** What is happening now. */
  phase: 'code' | 'manifest' | 'weights' | 'engine' | 'ready';
  /** Bytes of weights here so far, cached ones included. */
  loaded: number;
  /** Bytes of weights in all; 0 until the manifest is here. */
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

/** What `analyse` is to bring besides the next-move distribution. */
export interface AnalyseOptions extends AnalysisRequest, CallOptions {}

/** How a bundle is to be loaded. */
export interface LoadOptions extends CallOptions {
  /** `auto` by default. */
  device?: Device;
}

/** What is known once a bundle is loaded. */
export interface Loaded {
  model: ModelInfo;
  dictionaries: DictionaryInfo[];
  neurons: DictionaryInfo[];
  engine: Engine;
}
