//! Debian's packages: on the host, where it is Debian and this is root, and the mirror it fetches them from.

use std::process::{Command, Stdio};

use crate::process::{checked, on_path, output, succeeds};
use crate::workspace::TaskResult;

/// Makes sure of a program, by installing Debian's packages if need be.
/// `otherwise` says what to do where there is no apt.
pub(super) fn program(name: &str, packages: &[&str], otherwise: &str) -> Result<std::path::PathBuf, String> {
    if let Some(path) = on_path(name) {
        return Ok(path);
    }
    install(packages, &format!("`{name}` is missing"), otherwise)?;
    on_path(name).ok_or_else(|| format!("{} installed, but there is still no `{name}` on PATH", packages.join(" ")))
}

/// Installs packages on the host; `missing` says for want of what.
pub(super) fn install(packages: &[&str], missing: &str, otherwise: &str) -> TaskResult {
    let names = packages.join(" ");
    if !succeeds(Command::new("apt-get").arg("--version")) {
        return Err(format!("{missing}, and there is no apt-get to install {names}: {otherwise}"));
    }
    if !is_root() {
        return Err(format!("{missing}: run `sudo apt-get install {names}`, then this again; or {otherwise}"));
    }
    println!("Installing {names} ...");
    let options = ["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0", "-qq"];
    checked(Command::new("apt-get").args(options).arg("update"))?;
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(options);
    command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    checked(command.stdout(Stdio::null()))
}

/// The mirror that apt itself uses for the host's own suite.
pub(super) fn mirror() -> Result<String, String> {
    let targets =
        || output(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(RELEASE)"]));
    let suite = suite()?;
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
pub(super) fn suite() -> Result<String, String> {
    let release = std::fs::read_to_string("/etc/os-release").map_err(|error| format!("/etc/os-release: {error}"))?;
    let field = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    match (field("ID").as_deref(), field("VERSION_CODENAME")) {
        (Some("debian"), Some(suite)) => Ok(suite),
        _ => Err("this is not a Debian release, so Debian's packages cannot be fetched".to_owned()),
    }
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
