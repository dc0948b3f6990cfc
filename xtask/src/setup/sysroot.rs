//! A folder with Debian packages and the loader that runs programs with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::workspace::TaskResult;

/// The Debian suite that has every package below.
const SUITE: &str = "forky";
/// What is unpacked, with everything it depends on.
const PACKAGES: &[&str] = &["libgamenetworkingsockets1debian1"];
/// How the library's file is named in its package; a version follows.
const VERSIONED_LIBRARY: &str = "libGameNetworkingSockets.so.";
/// Raise when the steps below change what they leave behind.
const RECIPE: u32 = 1;
/// Folders no program needs at run time.
const DISPENSABLE: &[&str] = &["dev", "tmp", "var", "usr/share", "usr/sbin", "usr/bin"];
/// Downloads may fail once; the mirror is asked this many times.
const ATTEMPTS: u32 = 3;

/// Starts a program that was built on the host with the sysroot's loader and libraries.
/// `LD_LIBRARY_PATH` would not do: children of the program would mix both C libraries.
const RUN_SCRIPT: &str = r#"#!/bin/sh
# run PROGRAM ARGS...: starts a program built on the host with this folder's loader and libraries.
here=$(dirname "$(readlink -f "$0")")
libraries=$(echo "$here"/usr/lib/*-linux-gnu)
loader=$(echo "$libraries"/ld-linux*.so.*)
exec "$loader" --inhibit-cache --library-path "$libraries" --argv0 "$1" "$@"
"#;

/// Answers with the sysroot's folder in `cache`, after making it if it is missing or of an older recipe.
pub(super) fn provide(cache: &Path) -> Result<PathBuf, String> {
    let folder = cache.join("sysroot");
    let stamp = format!("recipe {RECIPE}, {SUITE}: {}\n", PACKAGES.join(" "));
    if fs::read_to_string(folder.join("stamp")).is_ok_and(|found| found == stamp) {
        return Ok(folder);
    }
    let started = Instant::now();
    let mmdebstrap = Mmdebstrap::find_or_install()?;
    let mirror = debian_mirror()?;
    println!("Unpacking {} of Debian {SUITE} from {mirror} ...", PACKAGES.join(", "));
    let unfinished = cache.join(format!("sysroot.{}", std::process::id()));
    let result = mmdebstrap
        .unpack(&mirror, &unfinished)
        .and_then(|()| finish(&unfinished, &stamp))
        .and_then(|()| replace(&unfinished, &folder));
    if result.is_err() {
        // What is half made is of no use to anyone; the error that matters is already known.
        let _ = fs::remove_dir_all(&unfinished);
    }
    result?;
    println!("Unpacked in {:.1} s", started.elapsed().as_secs_f64());
    Ok(folder)
}

/// Debian's tool that resolves, fetches and unpacks packages; it is known to be installed.
struct Mmdebstrap;

impl Mmdebstrap {
    fn find_or_install() -> Result<Self, String> {
        if succeeds(Command::new("mmdebstrap").arg("--version")) {
            return Ok(Self);
        }
        let advice = "Valve's library is not installed, and fetching it needs Debian's mmdebstrap";
        if !succeeds(Command::new("apt-get").arg("--version")) {
            return Err(format!(
                "{advice}, which needs apt-get. Where there is none, install GameNetworkingSockets yourself and \
                 let GAMESOCKETS_VALVE_LIB name its libGameNetworkingSockets.so"
            ));
        }
        if !is_root() {
            return Err(format!("{advice}: run `sudo apt-get install mmdebstrap`, then this again"));
        }
        println!("Installing mmdebstrap ...");
        let options = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3", "-qq"];
        checked(Command::new("apt-get").args(options).arg("update"))?;
        let mut install = Command::new("apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive").args(options);
        install.args(["-o", "Dpkg::Use-Pty=0", "install", "--yes", "--no-install-recommends", "mmdebstrap"]);
        checked(install.stdout(std::process::Stdio::null()))?;
        Ok(Self)
    }

    fn unpack(&self, mirror: &str, folder: &Path) -> TaskResult {
        fs::create_dir_all(folder.parent().unwrap_or(folder))
            .map_err(|error| format!("{}: cannot be made: {error}", folder.display()))?;
        let mut result = Ok(());
        for _ in 0..ATTEMPTS {
            let mut command = Command::new("mmdebstrap");
            command.args(["--quiet", "--variant=extract"]);
            command.arg(format!("--include={}", PACKAGES.join(",")));
            // Frozen mirrors serve lists whose date has passed; their signatures are checked all the same.
            command.arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
            command.arg("--aptopt=Acquire::Languages \"none\"");
            command.arg("--aptopt=Acquire::Retries \"3\"");
            command.arg(SUITE).arg(folder).arg(mirror);
            result = checked(&mut command);
            if result.is_ok() {
                break;
            }
            let _ = fs::remove_dir_all(folder);
        }
        result
    }
}

/// The mirror that apt itself uses for the host's own suite.
fn debian_mirror() -> Result<String, String> {
    let targets = || {
        let mut command = Command::new("apt-get");
        command.args(["indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(RELEASE)"]);
        let output = command.output().map_err(|error| format!("apt-get indextargets: {error}"))?;
        Ok::<_, String>(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let suite = host_suite()?;
    let wanted = |listing: &str| {
        let line = listing.lines().find(|line| line.ends_with(&format!(" main {suite}")))?;
        line.split(' ').next().map(|uri| uri.trim_end_matches('/').to_owned())
    };
    if let Some(mirror) = wanted(&targets()?) {
        return Ok(mirror);
    }
    // A fresh image knows no index yet.
    if is_root() {
        checked(Command::new("apt-get").args(["update", "-qq"]))?;
    }
    wanted(&targets()?).ok_or_else(|| {
        format!("apt knows no mirror for Debian {suite}: check its sources, run `apt-get update`, then this again")
    })
}

/// The host's Debian suite, such as `bookworm`.
fn host_suite() -> Result<String, String> {
    let release = fs::read_to_string("/etc/os-release").map_err(|error| format!("/etc/os-release: {error}"))?;
    let field = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    match (field("ID").as_deref(), field("VERSION_CODENAME")) {
        (Some("debian"), Some(suite)) => Ok(suite),
        _ => Err("this is not a Debian release, so Debian's packages of Valve's library cannot be fetched: install \
                  GameNetworkingSockets yourself and let GAMESOCKETS_VALVE_LIB name its libGameNetworkingSockets.so"
            .to_owned()),
    }
}

/// Leaves only what programs need, adds the `run` script, and marks the folder as complete.
fn finish(folder: &Path, stamp: &str) -> TaskResult {
    for name in DISPENSABLE {
        // Not every package set has every one of them.
        let _ = fs::remove_dir_all(folder.join(name));
    }
    let failed = |what: &str, error: std::io::Error| format!("{}: {what}: {error}", folder.display());
    unversioned_name(folder)?;
    let script = folder.join("run");
    fs::write(&script, RUN_SCRIPT).map_err(|error| failed("cannot write `run`", error))?;
    checked(Command::new("chmod").arg("+x").arg(&script))?;
    fs::write(folder.join("stamp"), stamp).map_err(|error| failed("cannot write `stamp`", error))
}

/// Adds `libGameNetworkingSockets.so`, which otherwise comes with the development package.
fn unversioned_name(folder: &Path) -> TaskResult {
    let versioned = |library: &fs::DirEntry| library.file_name().to_string_lossy().starts_with(VERSIONED_LIBRARY);
    let triples = fs::read_dir(folder.join("usr/lib")).map_err(|error| format!("usr/lib: {error}"))?;
    let folders = triples.flatten().filter_map(|triple| fs::read_dir(triple.path()).ok());
    let Some(library) = folders.flat_map(Iterator::flatten).find(versioned) else {
        return Err("the packages do not contain Valve's library".to_owned());
    };
    let link = library.path().with_file_name(super::LIBRARY);
    checked(Command::new("ln").arg("-s").arg(library.file_name()).arg(link))
}

fn replace(new: &Path, old: &Path) -> TaskResult {
    if old.exists() {
        fs::remove_dir_all(old).map_err(|error| format!("{}: cannot be removed: {error}", old.display()))?;
    }
    fs::rename(new, old).map_err(|error| format!("{}: cannot be put in place: {error}", old.display()))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Runs a command to its end; the error names it.
fn checked(command: &mut Command) -> TaskResult {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} failed ({status}); its own words are above")),
        Err(error) => Err(format!("{program} cannot be started: {error}")),
    }
}
