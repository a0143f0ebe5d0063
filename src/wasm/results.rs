//! TypeScript's names for what a bundle holds of measurements: the JSON that the types of `src/figures` write, a file a
//! figure. The page's own parser reads it.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const RESULTS: &str = r"
/** A number with its 95 % interval, over `n` positions. */
export interface Estimate {
    value: number;
    low: number;
    high: number;
    n: number;
}

/** The features that tell a label best. */
export interface LabelFigures {
    /** The label's name in its set. */
    label: string;
    /** The feature with the best AUROC. */
    feature: number;
    auroc: Estimate;
    /** The feature with the best F1, above a share of its largest activation. */
    f1: { feature: number; threshold: number; value: number } | null;
}

/** A feature and how similar it is to another. */
export interface SimilarTo {
    feature: number;
    similarity: number;
}

/** The direction of a feature that is closest to one of a probe. */
export interface ClosestDirection {
    cosine: number;
    index: number;
}

/** What a model does with something in place of an activation; the numbers are those of the figure `splice`. */
export type SpliceFigures = Record<string, Estimate>;

/** All that was measured on a dictionary, by figure; what was not measured is not there. */
export interface DictionaryFigures {
    sparsity?: {
        l0: Estimate;
        dead: Estimate;
        /** Features by their density, on a logarithmic scale up to 1. */
        densities: { dead: number; bins: number[]; per_decade: number };
    };
    fvu?: { fvu: Estimate; fvu_variance: Estimate };
    /** How many labels of the set `board` some feature tells with an AUROC above 0.9. */
    detection?: {
        contents: Estimate;
        own: Estimate;
        opponent: Estimate;
        empty: Estimate;
        inner: Estimate;
        middle: Estimate;
        outer: Estimate;
        legality: Estimate;
        labels: LabelFigures[];
        /** Of each plane the best AUROC on each of the 64 squares. */
        maps: Record<string, (number | null)[]>;
    };
    further_labels?: { set: string; version: number; over_0_9: Estimate; labels: LabelFigures[] }[];
    coverage?: { of_192: Estimate; of_128: Estimate; threshold: number; f1_over_0_9: number };
    splice?: { scored: SpliceFigures; by_ply: SpliceFigures[] };
    board_reconstruction?: { f1: Estimate; threshold: number; high_precision_labels: number };
    /** By probe; directions of the probe at `classes · square + class`. */
    cosines?: Record<
        string,
        {
            decoder: ClosestDirection[];
            encoder: ClosestDirection[];
            random: ClosestDirection[];
            mean: [number, number, number];
        }
    >;
    threshold_curve?: {
        threshold: number;
        any: number;
        l0: number;
        fvu: number | null;
        precision: number | null;
        features: number;
    }[];
    /** Of the best feature of each label: false and true positive rates, from (0, 0) to (1, 1). */
    roc?: { label: string; feature: number; points: [number, number][] }[];
    /** Of the best feature of each content, by what the square holds: own, opponent, empty. */
    histograms?: {
        label: string;
        feature: number;
        histogram: { max: number; classes: { zero: number; bins: number[] }[] };
    }[];
    /** One entry a feature. */
    boards?: { top: GamePlace[]; quarters: GamePlace[][] }[];
    /** One entry a feature. */
    neighbours?: { cosine: SimilarTo[]; jaccard: SimilarTo[]; correlation: SimilarTo[] }[];
    k_sparse?: {
        label: string;
        probes: { features: number[]; accuracy: number; f1: number; auroc: number | null }[];
        failure: string | null;
    }[];
    feature_sum?: {
        label: string;
        terms: [number, number][];
        learning_aurocs: number[];
        auroc: number | null;
        alone: number | null;
    }[];
}

/** A position of a random game, and what a feature is there. */
export interface GamePlace {
    seed: number;
    ply: number;
    activation: number;
}

/** The games of a measurement as its files name them. */
export interface MeasuredGames {
    games: number;
    seed: number;
    first_ply: number;
    last_ply: number;
    positions: number;
}

/** How well the model predicts the next move. */
export interface MoveFigures {
    loss: Estimate;
    kl_from_uniform: Estimate;
    illegal_top1: Estimate;
    illegal_mass: Estimate;
}

/** What was measured on the model and on each probe of a bundle, and how. */
export interface BundleResults {
    method: {
        games: MeasuredGames;
        learning_games: MeasuredGames | null;
        bootstrap: { draws: number; seed: number; confidence: number };
    };
    model: { next_move?: { all: MoveFigures; by_ply: (MoveFigures | null)[] } };
    probes: {
        id: string;
        tap: string;
        /** What it tells apart on each square: `own`, `opponent`, `empty`, `black`, `white`. */
        classes: string[];
        figures: {
            board_accuracy?: {
                accuracy: Estimate;
                whole_boards: Estimate;
                squares: (number | null)[];
                recall: (number | null)[];
            };
            /** How well it tells labels of the set `board`, which it was trained on. */
            probe_detection?: { label: string; auroc: Estimate; f1: number }[];
        };
    }[];
    /** The mean over the features of one dictionary of the largest cosine similarity to one of the other. */
    similarities: { dictionary: string; other: string; mean_max_cosine: number }[];
}
";
