//! The Godot addon as a zip: unpacked in a project's folder, it is installed.

use std::fs;
use std::path::PathBuf;

use super::{archive, licenses, read};
use crate::cdylib;
use crate::godot::{ADDON, Extension, addon_files, install_addon};
use crate::workspace::TaskResult;

/// Write the Godot addon as a zip with the library built here, and those named.
#[derive(Default, clap::Args)]
pub(crate) struct Args {
    /// Build without optimisation.
    #[arg(long)]
    pub(crate) debug: bool,
    /// A library built elsewhere, such as `windows.x86_64=gamesockets_godot.dll`; the .gdextension names the platforms.
    #[arg(long = "library", value_name = "PLATFORM=FILE")]
    pub(crate) libraries: Vec<String>,
    /// Lay the addon into this project instead, to try it.
    #[arg(long, value_name = "PROJECT")]
    pub(crate) install: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> TaskResult {
    if let Some(project) = &args.install {
        install_addon(project, !args.debug)?;
        println!("The addon is in {}", project.join(ADDON).display());
        return Ok(());
    }
    let archive = build(args)?;
    let size = fs::metadata(&archive).map_or(0, |data| data.len());
    println!("{} ({} KiB)", archive.display(), size / 1024);
    Ok(())
}

/// Makes the archive and answers with its path.
pub(crate) fn build(args: &Args) -> Result<PathBuf, String> {
    let extension = Extension::read()?;
    let mut libraries = vec![(crate::godot::host_platform(), cdylib::build("gamesockets-godot", !args.debug)?)];
    for library in &args.libraries {
        let (platform, file) = library.split_once('=').ok_or_else(|| format!("`{library}` is not PLATFORM=FILE"))?;
        libraries.retain(|(earlier, _)| earlier != platform);
        libraries.push((platform.to_owned(), PathBuf::from(file)));
    }
    let platforms: Vec<&str> = libraries.iter().map(|(platform, _)| platform.as_str()).collect();
    let mut files = addon_files()?;
    files.retain(|(path, _)| path != Extension::FILE);
    files.push((Extension::FILE.to_owned(), extension.narrowed(&platforms).into_bytes()));
    files.push(("LICENSES-OF-DEPENDENCIES.txt".to_owned(), licenses("gamesockets-godot")?.into_bytes()));
    for (platform, file) in &libraries {
        files.push((extension.library(platform)?.to_owned(), read(file)?));
    }
    let files = files.into_iter().map(|(path, contents)| (format!("{ADDON}/{path}"), contents)).collect();
    let kind = if args.debug { "-debug" } else { "" };
    let archive = super::folder().join(format!("gamesockets-godot-{}{kind}.zip", env!("CARGO_PKG_VERSION")));
    archive::pack(&archive, files)?;
    Ok(archive)
}
