//! Runs models, SAEs and probes over many games and hands what comes out to [`score`](crate::score).
