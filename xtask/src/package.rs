//! `cargo xtask package`: the bindings as their users get them, in `target/package/`.

pub(crate) mod archive;
pub(crate) mod csharp;
pub(crate) mod godot;
mod natives;
mod unity;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::output;
use crate::workspace::{TaskResult, root, target};

/// Write a binding as a package that its users install.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    binding: Binding,
}

#[derive(clap::Subcommand)]
enum Binding {
    Godot(godot::Args),
    Csharp(csharp::Args),
}

/// Makes the package and says where it is.
pub(crate) fn run(args: &Args) -> TaskResult {
    match &args.binding {
        Binding::Godot(args) => godot::run(args),
        Binding::Csharp(args) => csharp::run(args),
    }
}

/// The folder for packages.
pub(crate) fn folder() -> PathBuf {
    target().join("package")
}

/// What is linked into the library, with its licence and where its source is.
fn licenses(package: &str) -> Result<String, String> {
    let mut tree = Command::new("cargo");
    tree.current_dir(root()).args(["tree", "--package", package, "--edges", "normal,no-proc-macro"]);
    let listing = output(tree.args(["--prefix", "none", "--format", "{p}|{l}|{r}"]))?;
    // Packages of the workspace are shown with their folder.
    let mut lines: Vec<String> = listing
        .lines()
        .filter_map(|line| {
            let mut parts = line.trim_end_matches(" (*)").split('|');
            let (package, license, source) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
            (!package.contains('(')).then(|| format!("{package}: {license}; {source}\n"))
        })
        .collect();
    lines.sort();
    lines.dedup();
    Ok(format!("The library contains these packages, unchanged, under their licences:\n\n{}", lines.concat()))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
