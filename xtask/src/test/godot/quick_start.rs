//! The README's quick start for Godot, followed to the letter in a new folder.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::watch;
use crate::setup;
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, root, target};

const SECTION: &str = "## Godot 4\n";
/// Where the README has cargo's folder, seen from the new one.
const TARGET: &str = "../gamesockets/target/";
/// Before what the last command prints.
const PRINTS: &str = "# prints: ";
/// An optimised library may have to be built.
const LIMIT: Duration = Duration::from_secs(1800);

/// Does what the README says, and sees the message arrive.
pub(super) fn quick_start(totals: &mut Totals) -> TaskResult {
    let followed = follow();
    totals.add(followed.is_ok().into(), followed.is_err().into());
    followed
}

fn follow() -> TaskResult {
    let readme = fs::read_to_string(root().join("README.md")).map_err(|error| format!("README.md: {error}"))?;
    let steps = commands(&readme)?;
    let printed = promise(&steps).ok_or("the README's quick start for Godot does not say what it prints")?;
    // Only where cargo was told of another folder is the README's not the true one.
    let steps = match env::var_os("CARGO_TARGET_DIR") {
        Some(_) => steps.replace(TARGET, &format!("{}/", target().display())),
        None => steps,
    };
    let folder = env::temp_dir().join(format!("gamesockets-quick-start-{}", std::process::id()));
    let result = in_folder(&folder, &steps, &printed);
    // What is left behind lies among temporary files.
    let _ = fs::remove_dir_all(&folder);
    result
}

/// Runs the steps in an empty folder that has the repository and a home beside it.
fn in_folder(folder: &Path, steps: &str, printed: &str) -> TaskResult {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let (home, programs) = (folder.join("home"), folder.join("programs"));
    for folder in [&home, &programs] {
        fs::create_dir_all(folder).map_err(named)?;
    }
    link(&root(), &folder.join("gamesockets")).map_err(named)?;
    setup::unzip()?;
    // The README's `godot` is the one that is tested.
    link(&setup::godot()?, &programs.join("godot")).map_err(named)?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path)));
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-eu", "-c", steps]).env("PATH", path.map_err(|error| error.to_string())?);
    // Godot writes there.
    shell.env("XDG_DATA_HOME", &home).env("XDG_CONFIG_HOME", &home).env("XDG_CACHE_HOME", &home);
    let mut has_arrived = false;
    // The command is the whole script: too long for an error.
    watch(&mut shell, LIMIT, |line| has_arrived |= line == printed)
        .map_err(|_| "a command of the README's quick start failed; its own words are above")?;
    if has_arrived { Ok(()) } else { Err(format!("\"{printed}\" was not printed")) }
}

#[cfg(unix)]
fn link(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "the quick start is tested with a Unix shell"))
}

/// The section's commands as one shell script, which writes the files that stand between them.
fn commands(readme: &str) -> Result<String, String> {
    let section = readme.split_once(SECTION).ok_or("README.md has no section on Godot")?.1;
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut script = String::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap_or_default();
        if language == "sh" {
            script.push_str(text);
        } else if let Some((name, _)) = text.strip_prefix("# ").and_then(|text| text.split_once(".gd\n")) {
            script.push_str(&format!("cat > {name}.gd <<'END-OF-FILE'\n{text}END-OF-FILE\n"));
        }
    }
    Ok(script)
}

/// What the commands promise to print.
fn promise(steps: &str) -> Option<String> {
    steps.lines().find_map(|line| line.split_once(PRINTS)).map(|(_, text)| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_becomes_a_script() {
        let readme = "# x\n```sh\nrm\n```\n## Godot 4\n```sh\ncd hello\n```\nthis:\n```gdscript\n# a.gd\nquit()\n```\n\
                      ```gdscript\nno file\n```\n```sh\ngodot # prints: hello \n```\n## End\n```sh\nno\n```\n";
        let steps = commands(readme).expect("a section");
        assert_eq!(
            steps,
            "cd hello\ncat > a.gd <<'END-OF-FILE'\n# a.gd\nquit()\nEND-OF-FILE\ngodot # prints: hello \n"
        );
        assert_eq!(promise(&steps).as_deref(), Some("hello"));
        assert!(commands("# x").is_err());
    }
}
