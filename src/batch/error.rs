use crate::gpt::{Tap, WeightsError};

/// A pass over many games that cannot be run. Nothing has been computed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NativeError {
    /// The weights contradict their config.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The games have no plies, or more than the model has positions for.
    #[error("games of {plies} plies were given; the model reads 1 to {context}")]
    Plies {
        /// How many a game was said to have.
        plies: usize,
        /// How many positions there are.
        context: usize,
    },
    /// The values given are not those of whole games.
    #[error("{found} {what} were given, which is no multiple of {of_a_game} a game")]
    NotWholeGames {
        /// Tokens or values.
        what: &'static str,
        /// How many were given.
        found: usize,
        /// How many a game has.
        of_a_game: usize,
    },
    /// Not one target a token.
    #[error("{targets} targets were given for {tokens} tokens")]
    TargetCount {
        /// How many targets were given.
        targets: usize,
        /// For how many tokens.
        tokens: usize,
    },
    /// A token beyond the vocabulary.
    #[error("game {game}, ply {ply}: the token is {token}; the vocabulary has tokens 0..{vocab}")]
    NoSuchToken {
        /// The game, counted from 0.
        game: usize,
        /// The ply, counted from 0.
        ply: usize,
        /// As given.
        token: u32,
        /// How many there are.
        vocab: usize,
    },
    /// A target that names a token beyond the vocabulary.
    #[error("game {game}, ply {ply}: the target {target:#x} names a token beyond the vocabulary, 0..{vocab}")]
    NoSuchTarget {
        /// The game, counted from 0.
        game: usize,
        /// The ply, counted from 0.
        ply: usize,
        /// As given.
        target: u64,
        /// How many tokens there are.
        vocab: usize,
    },
    /// Every target is empty: a mean over no positions.
    #[error("every target is empty; there is no loss to take the mean of")]
    NoTargets,
    /// A tap that this pass does not come by: beyond the last block, before the block that the pass
    /// starts from, or an attention pattern.
    #[error("the pass does not come by {tap:?}; it reads and replaces vectors of blocks {first}..{layers}")]
    NoSuchTap {
        /// As asked for.
        tap: Tap,
        /// The block that the pass starts from.
        first: usize,
        /// How many blocks there are.
        layers: usize,
    },
    /// The pass is to start from a block beyond the last; `layers` itself starts at the final norm.
    #[error("the pass is to start from block {layer}; the model has {layers}")]
    NoSuchLayer {
        /// As asked for.
        layer: usize,
        /// How many blocks there are.
        layers: usize,
    },
    /// Weights or a gradient are of a model of another config.
    #[error("weights or gradient are of another model than the optimiser's")]
    OtherConfig,
}
