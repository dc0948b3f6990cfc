//! The C# package: a .nupkg for .NET, and a package for Unity's Package Manager.

use std::fs;
use std::path::{Path, PathBuf};

use super::natives::{Native, file_name, host_platform};
use super::{licenses, unity};
use crate::process::output;
use crate::setup;
use crate::workspace::{TaskResult, root};
use crate::{cdylib, package};

/// Write the C# package as .nupkg and for Unity, with the native library built here and those named.
#[derive(Default, clap::Args)]
pub(crate) struct Args {
    /// Build without optimisation.
    #[arg(long)]
    pub(crate) debug: bool,
    /// A native library built elsewhere, such as `win-x64=gamesockets_ffi.dll`, by the names of .NET's platforms.
    #[arg(long = "library", value_name = "RID=FILE")]
    pub(crate) libraries: Vec<String>,
}

/// What is written.
pub(crate) struct Packages {
    pub(crate) nupkg: PathBuf,
    pub(crate) unity: PathBuf,
}

/// The package of the native library.
const NATIVE_PACKAGE: &str = "gamesockets-ffi";
pub(super) fn run(args: &Args) -> TaskResult {
    let packages = build(args)?;
    for file in [packages.nupkg, packages.unity] {
        let size = fs::metadata(&file).map_or(0, |data| data.len());
        println!("{} ({} KiB)", file.display(), size / 1024);
    }
    Ok(())
}

/// Makes both packages.
pub(crate) fn build(args: &Args) -> Result<Packages, String> {
    let natives = natives(args)?;
    let licenses = licenses(NATIVE_PACKAGE)?;
    Ok(Packages { nupkg: nupkg(&natives, &licenses)?, unity: unity::build(&natives, &licenses)? })
}

fn natives(args: &Args) -> Result<Vec<Native>, String> {
    let mut natives = vec![Native { platform: host_platform(), file: cdylib::build(NATIVE_PACKAGE, !args.debug)? }];
    for library in &args.libraries {
        let (platform, file) = library.split_once('=').ok_or_else(|| format!("`{library}` is not RID=FILE"))?;
        file_name(platform)?;
        natives.retain(|earlier| earlier.platform != platform);
        natives.push(Native { platform: platform.to_owned(), file: PathBuf::from(file) });
    }
    Ok(natives)
}

/// `dotnet pack`, with the libraries where it looks for them.
fn nupkg(natives: &[Native], licenses: &str) -> Result<PathBuf, String> {
    let stage = package::folder().join("csharp");
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(|error| format!("{}: {error}", stage.display()))?;
    }
    let libraries = stage.join("runtimes");
    for native in natives {
        let target = libraries.join(&native.platform).join("native").join(file_name(&native.platform)?);
        copy(&native.file, &target)?;
    }
    let list = stage.join("LICENSES-OF-DEPENDENCIES.txt");
    fs::write(&list, licenses).map_err(|error| format!("{}: {error}", list.display()))?;
    let nupkg = package::folder().join(format!("GameSockets.{}.nupkg", env!("CARGO_PKG_VERSION")));
    // Otherwise an old one could be taken for the new one.
    let _ = fs::remove_file(&nupkg);
    let mut pack = setup::dotnet()?.command();
    pack.current_dir(root().join("bindings-csharp/GameSockets"));
    pack.args(["pack", "--nologo", "--verbosity", "quiet", "--configuration", "Release", "--output"]);
    pack.arg(package::folder()).arg(format!("-p:NativeLibraries={}", libraries.display()));
    output(&mut pack)?;
    if nupkg.is_file() {
        return Ok(nupkg);
    }
    Err(format!("{} was not made: do the versions of the workspace and of bindings-csharp agree?", nupkg.display()))
}

fn copy(source: &Path, target: &Path) -> TaskResult {
    let made = fs::create_dir_all(target.parent().unwrap_or(target));
    made.and_then(|()| fs::copy(source, target)).map(drop).map_err(|error| format!("{}: {error}", source.display()))
}
