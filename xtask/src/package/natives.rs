//! Native libraries by platform, as .NET names it.

use std::path::PathBuf;

/// A native library, and the platform it is for.
pub(super) struct Native {
    /// As .NET names it: `linux-x64`.
    pub(super) platform: String,
    pub(super) file: PathBuf,
}

/// The platforms that are known, and how the library is called there.
const PLATFORMS: &[(&str, &str)] = &[
    ("linux-x64", "libgamesockets_ffi.so"),
    ("linux-arm64", "libgamesockets_ffi.so"),
    ("osx-x64", "libgamesockets_ffi.dylib"),
    ("osx-arm64", "libgamesockets_ffi.dylib"),
    ("win-x64", "gamesockets_ffi.dll"),
    ("win-arm64", "gamesockets_ffi.dll"),
    ("android-arm64", "libgamesockets_ffi.so"),
    ("ios-arm64", "libgamesockets_ffi.a"),
];

/// What .NET calls the machine this runs on.
pub(super) fn host_platform() -> String {
    let system = match std::env::consts::OS {
        "macos" => "osx",
        "windows" => "win",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{system}-{processor}")
}

/// How the native library is called on a platform.
pub(super) fn file_name(platform: &str) -> Result<&'static str, String> {
    let found = PLATFORMS.iter().find(|(name, _)| *name == platform).map(|(_, file)| *file);
    let known: Vec<&str> = PLATFORMS.iter().map(|(name, _)| *name).collect();
    found.ok_or_else(|| format!("the platform `{platform}` is not known; there are {}", known.join(", ")))
}
