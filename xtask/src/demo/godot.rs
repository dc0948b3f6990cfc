//! The examples for Godot, with the addon as it is built here.

use std::env;

use crate::godot::{Project, install_addon};
use crate::process::checked;
use crate::workspace::{TaskResult, root};

/// The examples, from the root of the repository: a project in each folder.
const EXAMPLES: &str = "examples/godot";

/// Run an example for Godot: echo, chat or arena. Without a display it has no window.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Which one.
    #[arg(default_value = "arena")]
    name: String,
    /// Its arguments; the head of its script lists them.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Builds the addon, lays it into the example's project and starts it.
pub(super) fn run(args: &Args) -> TaskResult {
    let folder = root().join(EXAMPLES).join(&args.name);
    if !folder.join("project.godot").is_file() {
        return Err(format!("there is no example \"{}\" for Godot: {EXAMPLES} has echo, chat and arena", args.name));
    }
    // Unoptimised, since the release build takes minutes; these programs do not notice.
    install_addon(&folder, false)?;
    let project = Project::open(&folder)?;
    let has_display = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|variable| env::var_os(variable).is_some());
    let mut command = if has_display { project.windowed() } else { project.headless() };
    checked(command.arg("--").args(&args.arguments))
}
