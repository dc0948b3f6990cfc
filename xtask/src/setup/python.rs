//! Python with the tools that build and test the Python package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cached::{Cached, persistently, remove};
use super::debian;
use crate::process::{checked, output, succeeds, version};
use crate::workspace::{TaskResult, root};

/// The tools, with their versions.
const REQUIREMENTS: &str = "bindings-python/requirements-dev.txt";
/// Ends a line of it that may fail.
const OPTIONAL: &str = "# optional";
/// The oldest Python that the package supports.
const VERSION_MIN: [u32; 2] = [3, 10];
/// What an optional tool is imported as.
const OPTIONAL_MODULES: &[&str] = &["uvloop", "matplotlib", "aioquic", "enet"];
/// Names a Python to use instead of `python3` on PATH.
const PYTHON_VARIABLE: &str = "GAMESOCKETS_PYTHON";

/// A virtual environment.
#[derive(Clone, Debug)]
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// Its interpreter.
    pub(crate) fn python(&self) -> PathBuf {
        let place = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
        self.folder.join(place)
    }

    /// `python -m <module>`: tools are best started so.
    pub(crate) fn module(&self, module: &str) -> Command {
        let mut command = self.command();
        command.args(["-m", module]);
        command
    }

    /// The interpreter, with this environment alone.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(self.python());
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").env("VIRTUAL_ENV", &self.folder);
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1").env("PYTHONNOUSERSITE", "1");
        command
    }

    /// Whether a module can be imported: optional tools may be absent.
    pub(crate) fn has(&self, module: &str) -> bool {
        succeeds(self.command().args(["-c", &format!("import {module}")]))
    }

    /// Which one it is, in words, and which optional tools are absent.
    pub(crate) fn describe(&self) -> String {
        let absent: Vec<&str> = OPTIONAL_MODULES.iter().copied().filter(|module| !self.has(module)).collect();
        let absent = if absent.is_empty() { String::new() } else { format!(", without {}", absent.join(", ")) };
        format!("{}{absent}", self.python().display())
    }

    fn site_packages(&self) -> Result<PathBuf, String> {
        let program = "import sysconfig; print(sysconfig.get_path('purelib'))";
        Ok(PathBuf::from(output(self.command().args(["-c", program]))?.trim()))
    }
}

/// The environment with the tools, made when it is missing or when the list of tools has changed.
pub(crate) fn python() -> Result<Venv, String> {
    let interpreter = interpreter()?;
    let path = root().join(REQUIREMENTS);
    let requirements = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    // An environment belongs to the interpreter that made it.
    let identity = output(Command::new(&interpreter).args(["-c", "import sys; print(sys.version, sys.base_prefix)"]))?;
    let stamp = format!("{identity}{requirements}");
    let folder = Cached { name: "python", stamp: &stamp, in_place: true }.provide(|folder| {
        println!("Installing {REQUIREMENTS} with pip ...");
        persistently(folder, || {
            make_venv(&interpreter, folder)?;
            let (required, optional) = split(&requirements);
            let venv = Venv { folder: folder.to_path_buf() };
            checked(venv.module("pip").args(["install", "--quiet", "--retries", "5"]).args(&required))?;
            install_optional(&venv, &optional);
            Ok(())
        })
    })?;
    Ok(Venv { folder })
}

/// A new environment in `folder` that sees the tools, but has nothing of its own yet.
pub(crate) fn fresh_venv(folder: &Path) -> Result<Venv, String> {
    let tools = python()?;
    remove(folder)?;
    checked(tools.module("venv").arg("--without-pip").arg(folder))?;
    let venv = Venv { folder: folder.to_path_buf() };
    let link = venv.site_packages()?.join("tools.pth");
    let text = format!("{}\n", tools.site_packages()?.display());
    fs::write(&link, text).map_err(|error| format!("{}: {error}", link.display()))?;
    Ok(venv)
}

/// Installs wheels (or projects to build) into an environment, with nothing else from anywhere.
pub(crate) fn pip_install(venv: &Venv, packages: &[&Path]) -> TaskResult {
    let mut pip = python()?.module("pip");
    pip.arg("--python").arg(venv.python()).args(["install", "--quiet", "--no-deps", "--no-index"]);
    checked(pip.args(["--no-build-isolation", "--force-reinstall"]).args(packages))
}

/// The Python that environments are made from, and that small tasks use.
pub(super) fn interpreter() -> Result<PathBuf, String> {
    let named = std::env::var_os(PYTHON_VARIABLE).map(PathBuf::from);
    let advice = format!("install Python 3.10 or newer and let {PYTHON_VARIABLE} name it");
    let python = match named {
        Some(path) => path,
        None => debian::program("python3", &["python3", "python3-venv", "python3-pip"], &advice)?,
    };
    let found = output(Command::new(&python).arg("--version"))?;
    if version(&found).as_slice() < VERSION_MIN.as_slice() {
        return Err(format!("{} is {}: {advice}", python.display(), found.trim()));
    }
    if !succeeds(Command::new(&python).args(["-c", "import venv, ensurepip, pip"])) {
        let missing = format!("{} lacks venv or pip", python.display());
        debian::install(&["python3-venv", "python3-pip"], &missing, &advice)?;
    }
    Ok(python)
}

fn make_venv(interpreter: &Path, folder: &Path) -> TaskResult {
    checked(Command::new(interpreter).args(["-m", "venv"]).arg(folder))
}

fn install_optional(venv: &Venv, requirements: &[&str]) {
    let install = |names: &[&str]| {
        let mut pip = venv.module("pip");
        output(pip.args(["install", "--quiet", "--retries", "5"]).args(names)).is_ok()
    };
    // Together is quicker than one by one, which finds out who is to blame.
    if requirements.is_empty() || install(requirements) {
        return;
    }
    for requirement in requirements.iter().filter(|requirement| !install(&[requirement])) {
        println!("{requirement} cannot be installed here; what needs it is left out");
    }
}

/// The requirements, and those that may fail.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (optional, required): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.ends_with(OPTIONAL));
    (required, optional.into_iter().map(|line| line.trim_end_matches(OPTIONAL).trim_end()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_that_may_fail_are_told_apart() {
        let (required, optional) = split("# tools\na==1\n\nb==2; python_version < \"3.11\"\nc==3  # optional\n");
        assert_eq!(required, ["a==1", "b==2; python_version < \"3.11\""]);
        assert_eq!(optional, ["c==3"]);
    }
}
