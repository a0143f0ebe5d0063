import type { Code } from './code.js';
import type {
  AnalyseOptions,
  Analysis,
  AppendedMove,
  BestFeature,
  BestLabels,
  CallOptions,
  Device,
  Engine,
  FeatureCard,
  FeatureStatistics,
  ModelInfo,
  OnProgress,
  Replay,
  SaeInfo,
  Square,
} from './types.js';

/** Names one call, so that it can be told to stop. */
export type CallId = number;

/** What is known once a bundle is loaded. */
export interface Loaded {
  model: ModelInfo;
  saes: SaeInfo[];
  engine: Engine;
}

/** The options of an analysis that can cross to the worker. */
export type PlainAnalyseOptions = Omit<AnalyseOptions, keyof CallOptions>;

/** What the worker does for the classes of this package; each method's errors are `LensError`s. */
export interface Service {
  start(code: Code): Promise<void>;
  /** Makes the call of that number stop at the next chance. */
  abort(call: CallId): void;

  replay(transcript: string): Replay;
  randomGame(seed: bigint): Replay;
  perft(depth: number): bigint;

  load(call: CallId, url: string, device: Device, onProgress: OnProgress): Promise<Loaded>;
  analyse(
    call: CallId,
    transcript: string,
    options: PlainAnalyseOptions,
    onProgress: OnProgress | null,
  ): Promise<Analysis>;
  append(call: CallId, move: Square | string): Promise<AppendedMove>;
  directEffect(call: CallId, sae: string, feature: number): Promise<Float32Array>;
  statistics(call: CallId, sae: string): Promise<FeatureStatistics | null>;
  card(call: CallId, sae: string, feature: number): Promise<FeatureCard | null>;
  bestLabels(call: CallId, sae: string): Promise<BestLabels | null>;
  bestFeatures(call: CallId, sae: string): Promise<(BestFeature | null)[] | null>;
  memory(): number;
  destroyDevice(): void;
}
