//! Folders of the cache: made once, whole or not at all, by one process at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::workspace::TaskResult;

/// Lies in each finished folder and says what it was made from.
const STAMP: &str = "stamp";
/// A download may fail once; it is tried this many times.
const ATTEMPTS: u32 = 3;

/// A folder of the cache.
pub(super) struct Cached<'a> {
    pub(super) name: &'a str,
    /// What the folder is made from. A folder made from anything else is made anew.
    pub(super) stamp: &'a str,
    /// Make the folder where it will stay, since it holds its own path; else it is made beside and then renamed.
    pub(super) in_place: bool,
}

impl Cached<'_> {
    /// Answers with the folder, after `make` has filled it if it was missing, half made or of an older recipe.
    pub(super) fn provide(&self, make: impl FnOnce(&Path) -> TaskResult) -> Result<PathBuf, String> {
        let cache = super::cache();
        let folder = cache.join(self.name);
        if self.is_ready(&folder) {
            return Ok(folder);
        }
        fs::create_dir_all(&cache).map_err(|error| format!("{}: cannot be made: {error}", cache.display()))?;
        // Kept until the end of this function; the system gives it back also when the process is killed.
        let _lock = lock(&cache.join(format!("{}.lock", self.name)))?;
        if self.is_ready(&folder) {
            return Ok(folder);
        }
        let started = Instant::now();
        let workplace = if self.in_place { folder.clone() } else { cache.join(format!("{}.unfinished", self.name)) };
        remove(&workplace)?;
        let stamp = workplace.join(STAMP);
        make(&workplace)?;
        fs::write(&stamp, self.stamp).map_err(|error| format!("{}: {error}", stamp.display()))?;
        if !self.in_place {
            remove(&folder)?;
            fs::rename(&workplace, &folder)
                .map_err(|error| format!("{}: cannot be put in place: {error}", folder.display()))?;
        }
        println!("{}: made in {:.1} s", folder.display(), started.elapsed().as_secs_f64());
        Ok(folder)
    }

    fn is_ready(&self, folder: &Path) -> bool {
        fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == self.stamp)
    }
}

/// Does something that needs the network, again if it fails; `clean` is where a failure leaves its mess.
pub(super) fn persistently(clean: &Path, mut attempt: impl FnMut() -> TaskResult) -> TaskResult {
    let mut result = Ok(());
    for number in 1..=ATTEMPTS {
        result = attempt();
        let Err(error) = &result else { break };
        remove(clean)?;
        if number < ATTEMPTS {
            println!("{error}\nTrying again ...");
        }
    }
    result
}

/// Removes a folder, or makes sure that there is none.
pub(super) fn remove(folder: &Path) -> TaskResult {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: cannot be removed: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn lock(path: &Path) -> Result<fs::File, String> {
    let failed = |error: std::io::Error| format!("{}: cannot be locked: {error}", path.display());
    let file = fs::File::create(path).map_err(failed)?;
    if file.try_lock().is_err() {
        println!("Waiting for another process that fills this folder ...");
        file.lock().map_err(failed)?;
    }
    Ok(file)
}
