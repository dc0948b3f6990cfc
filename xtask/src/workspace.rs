//! Where the workspace lies, and the small file helpers the tasks share.

use std::path::{Path, PathBuf};

/// What a task answers: nothing, or the text the user has to read.
pub(crate) type TaskResult = Result<(), String>;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}
