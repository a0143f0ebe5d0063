//! Training on native cores or, through burn, on other devices: transformers, probes and SAEs.
