//! `cargo xtask setup`: what the tests need besides Rust, brought into the cache folder once.
//!
//! The only such thing is Valve's library, for the interop tests. Where it is installed, that copy is used. Elsewhere it is
//! unpacked from Debian's packages into a *sysroot*: a folder with its own loader and C library, which nothing on the host
//! sees (Debian stable has neither the library nor a C library recent enough for it).

mod sysroot;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{TaskResult, root};

/// Fetch what the tests need besides Rust (Valve's library) into the cache folder.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Names a copy of Valve's library to use instead of any other.
const LIBRARY_VARIABLE: &str = "GAMESOCKETS_VALVE_LIB";
/// Names a folder to use instead of `.cache` at the root of the repository.
const CACHE_VARIABLE: &str = "GAMESOCKETS_CACHE";
/// The file name of Valve's library, without the version that follows it.
const LIBRARY: &str = "libGameNetworkingSockets.so";

/// Makes sure of everything, and says where it is. Quick when there is nothing to do.
pub(crate) fn run(_args: &Args) -> TaskResult {
    toolchain_component("fmt", "rustfmt")?;
    toolchain_component("clippy", "clippy")?;
    println!("Valve's library: {}", valve_library()?);
    Ok(())
}

/// The folder for what is fetched; it may be kept between runs.
pub(crate) fn cache() -> PathBuf {
    std::env::var_os(CACHE_VARIABLE).map_or_else(|| root().join(".cache"), PathBuf::from)
}

/// Finds Valve's library or fetches it; answers with the words that say where.
fn valve_library() -> Result<String, String> {
    if let Some(path) = std::env::var_os(LIBRARY_VARIABLE) {
        return if Path::new(&path).is_file() {
            Ok(format!("{} ({LIBRARY_VARIABLE})", Path::new(&path).display()))
        } else {
            Err(format!(
                "{LIBRARY_VARIABLE} names {}, which is not a file: name {LIBRARY} itself, or unset the variable",
                Path::new(&path).display()
            ))
        };
    }
    if let Some(line) = installed_library() {
        return Ok(format!("{line} (installed)"));
    }
    let folder = sysroot::provide(&cache())?;
    Ok(format!("in {}", folder.display()))
}

/// The loader's own word on whether the library is installed.
fn installed_library() -> Option<String> {
    let listing = Command::new("ldconfig").arg("-p").output().ok()?;
    let listing = String::from_utf8_lossy(&listing.stdout).into_owned();
    let line = listing.lines().find(|line| line.trim_start().starts_with(LIBRARY))?;
    Some(line.rsplit("=> ").next().unwrap_or(line).trim().to_owned())
}

/// Adds a component of the Rust toolchain where it is missing.
fn toolchain_component(subcommand: &str, component: &str) -> TaskResult {
    let present = || {
        let answer = Command::new("cargo").args([subcommand, "--version"]).output();
        answer.is_ok_and(|output| output.status.success())
    };
    if present() {
        return Ok(());
    }
    println!("Adding the Rust component {component} ...");
    let added = Command::new("rustup").args(["component", "add", component]).status();
    if added.is_ok_and(|status| status.success()) && present() {
        return Ok(());
    }
    Err(format!("`cargo {subcommand}` is missing: install the Rust component {component}"))
}
