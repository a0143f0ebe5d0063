/** A square, `8 · row + column`; a1 is 0, top-left in print. */
export type Square = number;

/** A player. */
export type Side = 'black' | 'white';

/** A place in a block where an activation can be read. */
export type Site =
  | 'resid_pre'
  | 'resid_mid'
  | 'resid_post'
  | 'attn_out'
  | 'mlp_in'
  | 'mlp_post'
  | 'mlp_out'
  | 'z'
  | 'pattern';

/** Which engine to run on. `auto` takes WebGPU only on real hardware that passes a self-test. */
export type Device = 'auto' | 'gpu' | 'cpu';

/** One position of a game: the board after `ply` moves. */
export interface Position {
  /** Moves played so far, 0 to 60. */
  ply: number;
  /** The move that led here; null at ply 0. */
  move: Square | null;
  /** The discs that it turned. */
  flipped: Square[];
  /** Whether the other player's turn was skipped after it (no legal move). */
  skipped: boolean;
  /** 64 squares: 0 empty, 1 black, 2 white. */
  board: Uint8Array;
  /** Null when the game is over. */
  toMove: Side | null;
  /** Where the player to move may play, ascending. */
  legal: Square[];
  /** Discs on the board. */
  score: { black: number; white: number };
}

/** A game, replayed. */
export interface Replay {
  /** The moves, `f5d6c3…`. */
  transcript: string;
  /** Ply 0 to the last: one more than there are moves. */
  positions: Position[];
}

/** What the model expects next at one position. */
export interface NextMove {
  /** Probability of a move on each of the 64 squares; 0 on those that no token names. Sums to 1 less the mass on tokens that are no square. */
  probabilities: Float32Array;
  /** Probability on squares where no legal move is. */
  illegalMass: number;
  /** The square of the largest probability. */
  top: Square;
  /** Whether `top` is a legal move. */
  topIsLegal: boolean;
  /** KL(uniform over the legal moves ‖ model), in nats. */
  klFromUniform: number;
}

/** Activations of one site of one layer. */
export interface Activations {
  site: Site;
  /** Counted from 0. */
  layer: number;
  /** `[plies, d_model]`; of the pattern `[plies, heads, context]`. Row 0 is ply 1: the model has no token before the first move. */
  shape: number[];
  data: Float32Array;
}

/** Activations of an SAE's features. */
export interface Features {
  /** The SAE's id. */
  sae: string;
  /** `[plies, F]`; row 0 is ply 1. */
  shape: [number, number];
  data: Float32Array;
}

/** The model's logits. */
export interface Logits {
  /** `[plies, vocab]`; row 0 is ply 1. */
  shape: [number, number];
  data: Float32Array;
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
export interface AnalyseOptions extends CallOptions {
  /** Sites to bring; none by default. */
  sites?: Site[];
  /** Layers to bring them of, counted from 0; all by default. */
  layers?: number[];
  /** Id of the SAE to encode; none by default. Its weights are fetched when first asked for. */
  sae?: string | null;
  /** Whether to bring the logits of all tokens; not by default. */
  logits?: boolean;
}

/** What a run of the model brought, and what it took. */
export interface Run {
  /** In the order of sites, then layers. */
  activations: Activations[];
  features: Features | null;
  logits: Logits | null;
  /** Rows that had to be computed; the others stood from the last call. */
  computed: number;
  /** Time the engine took, without transfers to the page. */
  milliseconds: number;
  engine: Engine;
}

/** A game as the model sees it. */
export interface Analysis extends Replay, Run {
  /** By ply, as `positions`; null where the model says nothing: at ply 0, and once the game is over or the context is full. */
  nextMoves: (NextMove | null)[];
}

/** One more move as the model sees it. The arrays hold its row alone (`[1, …]`), or none past the context (`[0, …]`). */
export interface AppendedMove extends Run {
  /** The game so far. */
  transcript: string;
  position: Position;
  nextMove: NextMove | null;
}

/** The engine that is running. */
export interface Engine {
  kind: 'gpu' | 'cpu';
  /** The GPU's adapter, or how the CPU computes (`WebAssembly SIMD`, `WebAssembly relaxed SIMD`). */
  name: string;
  /** Why not WebGPU, in plain words; null when it is. */
  reason: string | null;
}

/** Facts about a loaded model. */
export interface ModelInfo {
  name: string;
  layers: number;
  heads: number;
  dModel: number;
  context: number;
  parameters: number;
}

/** Facts about an SAE of the bundle. */
export interface SaeInfo {
  id: string;
  /** What it is, in words. */
  title: string;
  site: Site;
  /** Counted from 0. */
  layer: number;
  /** `standard`, `gated`, `topk`, `jump_relu`. */
  architecture: string;
  /** How it was trained, which may be more than its architecture tells: `matryoshka`. */
  recipe: string;
  /** Whether the decoder is the encoder's transpose. */
  tied: boolean;
  features: number;
  /** What its training or measurement wrote down: L0, FVU … */
  metrics: Record<string, number>;
  /** Bytes of its weights, which are fetched when it is first asked for. */
  bytes: number;
  /** What its features' cards were measured over; null if it has none. */
  cards: Corpus | null;
}

/** Random games, and the positions of them that something was measured over. */
export interface Corpus {
  games: number;
  /** The seed of the first; each further game has the next number. */
  seed: number;
  /** Activations are read after the moves `firstPly` to `lastPly`. */
  firstPly: number;
  lastPly: number;
  positions: number;
}

/** What a label says of its square, seen by the player to move next. */
export type Plane = 'own' | 'enemy' | 'empty' | 'legal';

/** A statement about a position: what is on a square, or that a move there is legal. */
export interface Label {
  plane: Plane;
  square: Square;
}

/** What was measured on one feature. */
export interface FeatureCard {
  corpus: Corpus;
  /** Share of the positions where it is active. */
  density: number;
  /** Its largest activation. */
  max: number;
  /** The labels that it tells best, best first: `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)`. */
  labels: (Label & { auroc: number })[];
  /** The label that "above `threshold` · max" predicts best. */
  f1: (Label & { threshold: number; f1: number }) | null;
  /** Where it is most active, strongest first: after `ply` moves of the random game of `seed`. */
  boards: { seed: number; ply: number; activation: number }[];
}

/** The label that each feature of an SAE tells best. */
export interface BestLabels {
  /** `[F]`: 64 · plane + square, the planes in the order own, enemy, empty, legal. */
  label: Uint8Array;
  /** `[F]`; 0 where none is known. */
  auroc: Float32Array;
}

/** The feature that tells a label best. */
export interface BestFeature {
  feature: number;
  auroc: number;
  /** The bounds of its 95 % interval, from a bootstrap over games. */
  interval: [number, number];
}

/** What is known of an SAE's features over a corpus of games. */
export interface FeatureStatistics {
  /** Games of the corpus. */
  games: number;
  /** Largest activation of each feature over the corpus, `[F]`. */
  max: Float32Array;
  /** Share of positions where each feature is active, `[F]`. */
  density: Float32Array;
}

/** How far loading has come. */
export interface Progress {
  /** What is happening now. */
  phase: 'code' | 'manifest' | 'weights' | 'engine' | 'ready';
  /** Bytes of weights here so far, cached ones included. */
  loaded: number;
  /** Bytes of weights in all; 0 until the manifest is here. */
  total: number;
}

/** How a bundle is to be loaded. */
export interface LoadOptions extends CallOptions {
  /** `auto` by default. */
  device?: Device;
}
