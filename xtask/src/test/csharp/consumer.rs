//! The .nupkg as its users have it: a new project that references it, and the programs of the READMEs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::scratch;
use crate::process::{Background, output};
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, files_below, root};
use crate::{package, setup};

const LIMIT: Duration = Duration::from_secs(120);
/// Every program of theirs sends it over the network, and prints what arrives.
const EXPECTED: &str = "hello";

/// Builds the packages, and runs the programs of the READMEs from projects that have nothing but the package.
pub(super) fn packaged(totals: &mut Totals) -> TaskResult {
    let packages = package::csharp::build(&package::csharp::Args { debug: true, ..Default::default() })?;
    let folder = packages.nupkg.parent().unwrap_or(&packages.nupkg).to_path_buf();
    let mut programs = Vec::new();
    for readme in ["bindings-csharp/README.md", "README.md"] {
        let text = fs::read_to_string(root().join(readme)).map_err(|error| format!("{readme}: {error}"))?;
        programs.extend(blocks(&text).map(|block| (readme, block.to_owned())));
    }
    if programs.is_empty() {
        return Err("no README has a program in C#".to_owned());
    }
    let mut failures = Vec::new();
    for (index, (readme, program)) in programs.iter().enumerate() {
        let result = try_out(index, program, &folder);
        println!("{} {readme}", if result.is_ok() { "ok" } else { "FAILED" });
        totals.add(result.is_ok().into(), result.is_err().into());
        failures.extend(result.err().map(|error| format!("{readme}: {error}")));
    }
    let result = unity(&packages.unity);
    println!("{} Unity's package", if result.is_ok() { "ok" } else { "FAILED" });
    totals.add(result.is_ok().into(), result.is_err().into());
    failures.extend(result.err().map(|error| format!("Unity's package: {error}")));
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Compiles what Unity would compile, with stand-ins for Unity, and looks for what Unity would miss.
fn unity(archive: &Path) -> TaskResult {
    let folder = scratch("csharp-unity")?;
    let package = folder.join("package");
    package::archive::unpack(archive, &package)?;
    let files = files_below(&package)?;
    let seen = files.iter().filter(|path| !path.contains('~') && !path.ends_with(".meta"));
    let orphans: Vec<&String> = seen.filter(|path| !files.contains(&format!("{path}.meta"))).collect();
    if !orphans.is_empty() {
        return Err(format!("without .meta, Unity ignores {orphans:?}"));
    }
    let project = UNITY_PROJECT.replace("STUBS", &root().join("bindings-csharp/UnityStubs").display().to_string());
    fs::write(folder.join("Unity.csproj"), project).map_err(|error| format!("Unity.csproj: {error}"))?;
    let mut build = setup::dotnet()?.command();
    output(build.current_dir(&folder).args(["build", "--nologo", "--verbosity", "quiet"])).map(drop)
}

/// Restores, builds, publishes and runs a program, from the build and from what was published.
fn try_out(index: usize, program: &str, packages: &Path) -> TaskResult {
    let project = scratch(&format!("csharp-consumer-{index}"))?;
    let write =
        |name: &str, text: &str| fs::write(project.join(name), text).map_err(|error| format!("{name}: {error}"));
    write("Consumer.csproj", &PROJECT.replace("VERSION", env!("CARGO_PKG_VERSION")))?;
    write("NuGet.Config", &SOURCE.replace("FOLDER", &packages.display().to_string()))?;
    write("Program.cs", program)?;
    let published = project.join("published");
    // Not the package of the same version from an earlier time.
    let cache = project.join("packages");
    let dotnet = |arguments: &[&str]| -> Result<Command, String> {
        let mut command = setup::dotnet()?.command();
        command.current_dir(&project).env("NUGET_PACKAGES", &cache).args(arguments);
        Ok(command)
    };
    output(&mut dotnet(&["build", "--nologo", "--verbosity", "quiet"])?)?;
    run(&mut dotnet(&["bin/Debug/netcoreapp3.1/Consumer.dll"])?)?;
    let publish = ["publish", "--nologo", "--verbosity", "quiet", "--configuration", "Release", "--output"];
    output(dotnet(&publish)?.arg(&published))?;
    // Away from where it was built: nothing but its folder is there to help.
    let elsewhere = project.with_extension("published");
    let _ = fs::remove_dir_all(&elsewhere);
    fs::rename(&published, &elsewhere).map_err(|error| format!("{}: {error}", published.display()))?;
    fs::remove_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    run(setup::dotnet()?.command().arg(elsewhere.join("Consumer.dll")))
}

fn run(command: &mut Command) -> TaskResult {
    let lines = Background::start(command, "")?.finish(LIMIT)?;
    if lines.iter().any(|line| line.contains(EXPECTED)) {
        return Ok(());
    }
    Err(format!("\"{EXPECTED}\" is missing in:\n{}", lines.join("\n")))
}

/// What is between ```` ```csharp ```` and ```` ``` ````.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split("```csharp\n").skip(1).filter_map(|rest| rest.split("```").next())
}

const PROJECT: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>netcoreapp3.1</TargetFramework>
    <RollForward>Major</RollForward>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="GameSockets" Version="VERSION" />
  </ItemGroup>
</Project>
"#;

const UNITY_PROJECT: &str = r#"<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.1</TargetFramework>
    <LangVersion>8.0</LangVersion>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
  </PropertyGroup>
  <ItemGroup>
    <Compile Include="package/**/*.cs;STUBS/*.cs" />
  </ItemGroup>
</Project>
"#;

const SOURCE: &str = r#"<configuration>
  <packageSources>
    <add key="built" value="FOLDER" />
  </packageSources>
</configuration>
"#;

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn programs_are_found_in_a_readme() {
        let text = "# A\n```sh\nls\n```\n```csharp\nfirst();\n```\nwords\n```csharp\nsecond();\n```\n";
        assert_eq!(blocks(text).collect::<Vec<_>>(), ["first();\n", "second();\n"]);
    }
}
