//! `cargo xtask bench csharp`: what a message costs a thread in C#, beside a plain socket.

use crate::process::{checked, output};
use crate::workspace::{TaskResult, root};
use crate::{cdylib, setup};

const FOLDER: &str = "bindings-csharp/Bench";

/// Measures an optimised library, on each .NET that is here, and prints what came out.
pub(super) fn run() -> TaskResult {
    let library = cdylib::build("gamesockets-ffi", true)?;
    let sdk = setup::dotnet()?;
    let folder = root().join(FOLDER);
    let mut build = sdk.command();
    build.current_dir(&folder).args(["build", "--nologo", "--verbosity", "quiet", "--configuration", "Release"]);
    output(build.arg(format!("-p:NativeLibrary={}", library.display())))?;
    let program = folder.join("bin/Release/netcoreapp3.1/GameSockets.Bench.dll");
    println!("{}", sdk.describe());
    checked(sdk.command().arg(&program))?;
    match setup::dotnet9() {
        Ok(newer) if newer.version() != sdk.version() => {
            println!("\n{}", newer.describe());
            checked(newer.command().arg(&program))
        }
        _ => Ok(()),
    }
}
