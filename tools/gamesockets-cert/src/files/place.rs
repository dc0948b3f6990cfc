//! Putting a whole file in its place: it is written beside, and appears under its name when it is complete. Whoever is cut
//! off in between, by a full disk or a lost machine, still has what was there before.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{exists, named, random};
use crate::Outcome;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Whom the system lets read new files.
    All,
    Owner,
}

/// Makes a file that does not exist yet.
pub(super) fn new_file(path: &Path, contents: &[u8], readers: Readers) -> Outcome {
    let beside = Beside::write(path, contents, readers)?;
    // Unlike a rename, this never replaces what somebody else has put there a moment ago.
    match fs::hard_link(&beside.path, path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(exists(path)),
        // Not every file system has links.
        Err(_) if fs::symlink_metadata(path).is_ok() => Err(exists(path)),
        Err(_) => beside.rename(path),
    }
}

/// Replaces a file; a link goes on pointing to it.
pub(super) fn over(path: &Path, contents: &[u8]) -> Outcome {
    let path = fs::canonicalize(path).map_err(|error| named(path, &error))?;
    let beside = Beside::write(&path, contents, Readers::All)?;
    if let Ok(metadata) = fs::metadata(&path) {
        // As far as the system lets us.
        let _ = fs::set_permissions(&beside.path, metadata.permissions());
    }
    beside.rename(&path)
}

/// A complete file beside the one that it is to be; gone when it was not needed.
struct Beside {
    path: PathBuf,
}

impl Beside {
    fn write(target: &Path, contents: &[u8], readers: Readers) -> Outcome<Self> {
        let number: String = random()?[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".{number}.new"));
        let beside = Self { path: name.into() };
        beside.fill(contents, readers).map_err(|error| named(target, &error))?;
        Ok(beside)
    }

    fn fill(&self, contents: &[u8], readers: Readers) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if readers == Readers::Owner {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let mut file = options.open(&self.path)?;
        #[cfg(windows)]
        if readers == Readers::Owner {
            // While there is nothing in it.
            for_its_owner_only(&self.path)?;
        }
        file.write_all(contents)?;
        file.sync_all()
    }

    fn rename(&self, target: &Path) -> Outcome {
        fs::rename(&self.path, target).map_err(|error| named(target, &error))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may have been renamed.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes away what is inherited from the folder and gives all rights to the owner (S-1-3-4, by its number: names are
/// translated), by the program that every Windows has for it.
#[cfg(windows)]
fn for_its_owner_only(path: &Path) -> io::Result<()> {
    let root = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let program = Path::new(&root).join(r"System32\icacls.exe");
    let output = std::process::Command::new(program)
        .arg(path)
        .args(["/inheritance:r", "/grant:r", "*S-1-3-4:F"])
        .output()
        .map_err(|error| io::Error::other(format!("icacls.exe, which protects keys, does not run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("it cannot be protected: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
