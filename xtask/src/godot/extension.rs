//! `gamesockets.gdextension`: which library Godot loads on which platform.

use std::fs;

use super::{ADDON, SOURCE_PROJECT};
use crate::workspace::root;

/// The file as it is in the sources, where it names every platform.
pub(crate) struct Extension {
    text: String,
}

impl Extension {
    pub(crate) const FILE: &str = "gamesockets.gdextension";
    /// The folder with the libraries, one folder per platform in it.
    pub(crate) const LIBRARIES: &str = "bin/";

    pub(crate) fn read() -> Result<Self, String> {
        let path = root().join(SOURCE_PROJECT).join(ADDON).join(Self::FILE);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { text })
    }

    /// Each platform by Godot's name, such as `linux.x86_64`, with its library's path from the addon's folder.
    pub(crate) fn platforms(&self) -> Vec<(&str, &str)> {
        let lines = self.text.lines().skip_while(|line| line.trim() != "[libraries]").skip(1);
        let lines = lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with(';'));
        lines.filter_map(entry).collect()
    }

    /// Where the library of a platform belongs.
    pub(crate) fn library(&self, platform: &str) -> Result<&str, String> {
        let platforms = self.platforms();
        let found = platforms.iter().find(|(name, _)| *name == platform);
        found.map(|(_, path)| *path).ok_or_else(|| {
            let names: Vec<&str> = platforms.iter().map(|(name, _)| *name).collect();
            format!("{} names no platform `{platform}`; it names {}", Self::FILE, names.join(", "))
        })
    }

    /// Where the library that is built here belongs.
    pub(crate) fn host_library(&self) -> Result<&str, String> {
        self.library(&host_platform())
    }

    /// The file for a package that has the libraries of these platforms only. The others stay as comments:
    /// Godot would complain of a file that is not there only on a platform that needs it, but in words less clear.
    pub(crate) fn narrowed(&self, present: &[&str]) -> String {
        let absent = |line: &&str| entry(line).is_some_and(|(_, path)| self.is_library(path, present));
        let lines = self.text.lines().map(|line| match Some(line).filter(|line| absent(line)) {
            Some(line) => format!("; not in this package: {line}\n"),
            None => format!("{line}\n"),
        });
        lines.collect()
    }

    /// Whether the path is that of a platform which is not among those present.
    fn is_library(&self, path: &str, present: &[&str]) -> bool {
        self.platforms().iter().any(|(name, library)| *library == path && !present.contains(name))
    }
}

/// Godot's name for the platform this program runs on.
pub(crate) fn host_platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    };
    match std::env::consts::OS {
        "macos" => "macos".to_owned(),
        system => format!("{system}.{architecture}"),
    }
}

/// `name = "value"`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), value.trim().strip_prefix('"')?.strip_suffix('"')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_has_a_library_of_its_own() {
        let extension = Extension::read().expect("the file is there");
        let platforms = extension.platforms();
        assert!(platforms.len() >= 5, "{platforms:?}");
        for (index, (name, path)) in platforms.iter().enumerate() {
            assert!(path.starts_with(Extension::LIBRARIES), "{name}: {path}");
            assert!(platforms[..index].iter().all(|(_, earlier)| earlier != path), "{path} twice");
        }
        assert!(extension.library("plan9").expect_err("no such platform").contains("linux.x86_64"));
    }

    #[test]
    fn a_package_names_only_the_libraries_it_has() {
        let text = "[configuration]\nentry_symbol = \"f\"\n[libraries]\na.x = \"bin/a\"\nb.x = \"bin/b\"\n[icons]\nc = \"i\"\n";
        let extension = Extension { text: text.to_owned() };
        assert_eq!(extension.platforms(), [("a.x", "bin/a"), ("b.x", "bin/b")]);
        let narrowed = Extension { text: extension.narrowed(&["b.x"]) };
        assert_eq!(narrowed.platforms(), [("b.x", "bin/b")]);
        assert!(
            narrowed.text.contains("\n; not in this package: a.x = \"bin/a\"\n") && narrowed.text.contains("c = \"i\"")
        );
    }
}
