//! `cargo xtask package`: the bindings as their users get them, in `target/package/`.

pub(crate) mod archive;
pub(crate) mod godot;

use std::path::PathBuf;

use crate::workspace::{TaskResult, target};

/// Write a binding as a package that its users install.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    binding: Binding,
}

#[derive(clap::Subcommand)]
enum Binding {
    Godot(godot::Args),
}

/// Makes the package and says where it is.
pub(crate) fn run(args: &Args) -> TaskResult {
    match &args.binding {
        Binding::Godot(args) => godot::run(args),
    }
}

/// The folder for packages.
pub(crate) fn folder() -> PathBuf {
    target().join("package")
}
