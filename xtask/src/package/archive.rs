//! Zip archives that are the same, byte by byte, when what is in them is.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::workspace::TaskResult;

/// Writes the files, sorted by path and without their times.
pub(crate) fn pack(archive: &Path, mut files: Vec<(String, Vec<u8>)>) -> TaskResult {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", archive.display());
    files.sort();
    fs::create_dir_all(archive.parent().unwrap_or(archive)).map_err(|error| named(&error))?;
    let unfinished = archive.with_extension("unfinished");
    let mut writer = ZipWriter::new(fs::File::create(&unfinished).map_err(|error| named(&error))?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, contents) in files {
        let started = writer.start_file(&path, options);
        started.map_err(|error| named(&error))?;
        writer.write_all(&contents).map_err(|error| named(&error))?;
    }
    writer.finish().map_err(|error| named(&error))?;
    fs::rename(&unfinished, archive).map_err(|error| named(&error))
}

/// Unpacks an archive into a folder that has nothing else in it afterwards.
pub(crate) fn unpack(archive: &Path, folder: &Path) -> TaskResult {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", archive.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let file = fs::File::open(archive).map_err(|error| named(&error))?;
    let mut reader = ZipArchive::new(file).map_err(|error| named(&error))?;
    reader.extract(folder).map_err(|error| named(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_archive() {
        let folder = std::env::temp_dir().join(format!("gamesockets-archive-{}", std::process::id()));
        let (first, second) = (folder.join("a.zip"), folder.join("b.zip"));
        let files = [("x/b".to_owned(), b"later".repeat(100)), ("a".to_owned(), b"first".to_vec())];
        pack(&first, files.to_vec()).expect("written");
        pack(&second, files.iter().rev().cloned().collect()).expect("written");
        assert_eq!(fs::read(&first).expect("there"), fs::read(&second).expect("there"));
        unpack(&first, &folder.join("out")).expect("read back");
        assert_eq!(fs::read(folder.join("out/x/b")).expect("unpacked"), files[0].1);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
