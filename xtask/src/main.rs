//! Development tasks of gamesockets: `cargo xtask --help`.

fn main() {}
