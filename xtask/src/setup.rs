//! `cargo xtask setup`: what the tests need besides Rust, brought into the cache folder once.
//!
//! What is installed on the machine and recent enough is used. The rest is fetched: Valve's library, Godot and mono from
//! Debian's packages, unpacked into a *sysroot*, a folder which nothing on the host sees; .NET and Python's tools from the
//! registries of npm and pip. A step of the tests asks for what it needs, and only that is fetched.

mod cached;
mod debian;
mod dotnet;
mod godot;
pub(crate) mod python;
mod registry;
mod sysroot;
mod valve;

pub(crate) use dotnet::{dotnet, dotnet9, mono, nunit};
pub(crate) use godot::{godot, unzip, xvfb};
pub(crate) use python::python;
pub(crate) use valve::valve;

use std::path::PathBuf;
use std::process::Command;

use crate::process::succeeds;
use crate::workspace::{TaskResult, root};

/// Fetch what the tests need besides Rust into the cache folder.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these parts; by default all but the display.
    parts: Vec<Part>,
}

/// What can be fetched on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Components of the Rust toolchain.
    Rust,
    /// Valve's library.
    Valve,
    /// Godot 4.
    Godot,
    /// Python's tools.
    Python,
    /// A .NET SDK, the runtimes of .NET 9 and mono, and NUnit.
    Dotnet,
    /// A display that nobody sees, for pictures of a running scene; only by name.
    Display,
}

const PARTS: &[Part] = &[Part::Rust, Part::Valve, Part::Godot, Part::Python, Part::Dotnet];
/// Names a folder to use instead of `.cache` at the root of the repository.
const CACHE_VARIABLE: &str = "GAMESOCKETS_CACHE";

/// Makes sure of each part, and says where it is. Quick when there is nothing to do.
pub(crate) fn run(args: &Args) -> TaskResult {
    let parts = if args.parts.is_empty() { PARTS } else { &args.parts };
    let errors = parts.iter().filter_map(|part| provide(*part).err());
    let errors: Vec<String> = errors.collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// The folder for what is fetched; it may be kept between runs.
pub(crate) fn cache() -> PathBuf {
    let folder = std::env::var_os(CACHE_VARIABLE).map_or_else(|| root().join(".cache"), PathBuf::from);
    // Programs are started from there with other working folders.
    std::path::absolute(&folder).unwrap_or(folder)
}

/// The components of the Rust toolchain that the tests use.
pub(crate) fn rust() -> TaskResult {
    toolchain_component("fmt", "rustfmt")?;
    toolchain_component("clippy", "clippy")
}

fn provide(part: Part) -> TaskResult {
    match part {
        Part::Rust => rust()?,
        Part::Valve => println!("Valve's library: {}", valve()?),
        Part::Godot => println!("Godot: {}", godot()?.display()),
        Part::Python => println!("Python: {}", python()?.describe()),
        Part::Display => println!("Display: {}", xvfb()?.display()),
        Part::Dotnet => {
            println!(".NET SDK: {}", dotnet()?.describe());
            match dotnet9() {
                Ok(runtime) => println!(".NET 9: {}", runtime.describe()),
                Err(reason) => println!(".NET 9: absent: {reason}"),
            }
            println!("mono: {}", mono()?.display());
            println!("NUnit: {}", nunit()?.display());
        }
    }
    Ok(())
}

/// Adds a component of the Rust toolchain where it is missing.
fn toolchain_component(subcommand: &str, component: &str) -> TaskResult {
    let present = || succeeds(Command::new("cargo").args([subcommand, "--version"]));
    if present() {
        return Ok(());
    }
    println!("Adding the Rust component {component} ...");
    if succeeds(Command::new("rustup").args(["component", "add", component])) && present() {
        return Ok(());
    }
    Err(format!("`cargo {subcommand}` is missing: install the Rust component {component}"))
}
