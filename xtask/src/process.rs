//! Running other programs: to their end, with their failure in words.

mod background;
mod heartbeat;

pub(crate) use background::Background;
pub(crate) use heartbeat::Heartbeat;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::workspace::TaskResult;

/// Runs a command to its end, its output passed on; the error names it.
pub(crate) fn checked(command: &mut Command) -> TaskResult {
    let program = command.get_program().to_string_lossy().into_owned();
    let _heartbeat = Heartbeat::of(&command_line(command));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} failed ({status}); its own words are above")),
        Err(error) => Err(format!("{program} cannot be started: {error}")),
    }
}

/// Runs a program to its end, or to `limit`; its output is passed on and shown to `each_line`.
pub(crate) fn watch(command: &mut Command, limit: Duration, mut each_line: impl FnMut(&str)) -> TaskResult {
    observe(command, limit, |line| {
        println!("{line}");
        each_line(line);
    })
}

/// Runs a program to its end, or to `limit`; its output is shown to `each_line` only.
pub(crate) fn observe(command: &mut Command, limit: Duration, mut each_line: impl FnMut(&str)) -> TaskResult {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let _heartbeat = Heartbeat::of(&command_line(command));
    let mut child = command.spawn().map_err(|error| format!("{program} cannot be started: {error}"))?;
    let lines = lines_of(&mut child);
    let end = Instant::now() + limit;
    // The channel closes when both outputs do: at the program's end.
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(line) => each_line(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // It may have ended by itself in this moment.
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program} was not done after {} s and has been ended", limit.as_secs()));
            }
        }
    }
    let status = child.wait().map_err(|error| format!("{program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", command_line(command))) }
}

/// Runs a command to its end and answers with what it printed; the error has all its words.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let _heartbeat = Heartbeat::of(&command_line(command));
    let output = command.output().map_err(|error| format!("{program} cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program} failed ({}): {}{}", output.status, text, errors).trim_end().to_owned())
}

/// Whether a command can be started and says that it is content; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Where a program is, as the shell would find it.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&folders).map(|folder| folder.join(program));
    files.find(|file| is_executable(file))
}

/// The first number with dots in what a program prints about its version, such as `[4, 6, 3]`.
pub(crate) fn version(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let number = words.map(|word| word.trim_matches('.')).find(|word| word.contains('.'));
    number.into_iter().flat_map(|word| word.split('.')).map_while(|part| part.parse().ok()).collect()
}

/// The program and its arguments, without its environment.
fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    Vec::from_iter(words.map(|word| word.to_string_lossy())).join(" ")
}

/// Both outputs of a program, line by line as they come.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let outputs: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|output| Box::new(output) as _),
        child.stderr.take().map(|output| Box::new(output) as _),
    ];
    for output in outputs.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut reader = BufReader::new(output);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                if sender.send(text).is_err() {
                    return;
                }
                line.clear();
            }
        });
    }
    receiver
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(file: &Path) -> bool {
    file.is_file() || file.with_extension("exe").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_print() {
        assert_eq!(version("4.6.3.stable.debian.fb4b9f0ac"), [4, 6, 3]);
        assert_eq!(version("Mono JIT compiler version 6.8.0.105 (Debian 6.8)"), [6, 8, 0, 105]);
        assert_eq!(version("Python 3.11.7"), [3, 11, 7]);
        assert_eq!(version("no version"), [0; 0]);
        assert!(version("4.10.1") > version("4.3"), "compared as numbers");
    }

    #[test]
    fn a_failure_names_the_program_and_its_words() {
        let error = output(Command::new("cargo").arg("no-such-subcommand")).expect_err("there is none");
        assert!(error.starts_with("cargo failed") && error.contains("no-such-subcommand"), "{error}");
        assert!(output(&mut Command::new("no-such-program-here")).is_err());
        assert!(on_path("cargo").is_some() && on_path("no-such-program-here").is_none());
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error =
            watch(Command::new("sh").args(["-c", "echo start; exec sleep 600"]), Duration::from_millis(300), |_| ());
        assert!(error.expect_err("not done").contains("has been ended"));
    }
}
