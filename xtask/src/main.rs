//! The project's own commands: `cargo xtask serve | test | build | bench | check`.
fn main() {}
