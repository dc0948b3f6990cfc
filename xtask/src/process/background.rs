//! A program in the background, as the second peer of a test.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{command_line, lines_of};

/// A program that runs beside this one. It is ended when this is dropped.
pub(crate) struct Background {
    child: Child,
    command: String,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Background {
    /// Starts it with this standard input.
    pub(crate) fn start(command: &mut Command, input: &str) -> Result<Self, String> {
        let words = command_line(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{words}: cannot be started: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read is done with it.
            let _ = stdin.write_all(input.as_bytes());
        }
        let lines = lines_of(&mut child);
        Ok(Self { child, command: words, lines, seen: Vec::new() })
    }

    /// Waits for a line with this text, and answers what follows the text in it.
    pub(crate) fn wait_for(&mut self, text: &str, limit: Duration) -> Result<String, String> {
        let end = Instant::now() + limit;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            let rest = line.split_once(text).map(|(_, rest)| rest.to_owned());
            self.seen.push(line);
            if let Some(rest) = rest {
                return Ok(rest);
            }
        }
        Err(format!("{}: \"{text}\" did not come; {}", self.command, self.words()))
    }

    /// Waits until it has ended well, and answers all it has printed.
    pub(crate) fn finish(mut self, limit: Duration) -> Result<Vec<String>, String> {
        let end = Instant::now() + limit;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(format!("{}: not done after {} s; {}", self.command, limit.as_secs(), self.words()));
                }
            }
        }
        let status = self.child.wait().map_err(|error| format!("{}: {error}", self.command))?;
        if !status.success() {
            return Err(format!("{}: {status}; {}", self.command, self.words()));
        }
        Ok(std::mem::take(&mut self.seen))
    }

    fn words(&self) -> String {
        format!("it said:\n{}", self.seen.join("\n"))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn shell(script: &str, input: &str) -> Background {
        Background::start(Command::new("sh").args(["-c", script]), input).expect("there is a shell")
    }

    #[test]
    fn its_lines_are_waited_for_and_its_end_is_judged() {
        let mut program = shell("echo listening at 7; cat; echo done >&2", "typed\n");
        assert_eq!(program.wait_for("listening at ", LIMIT), Ok("7".to_owned()));
        let mut lines = program.finish(LIMIT).expect("it ends well");
        lines.sort();
        assert_eq!(lines, ["done", "listening at 7", "typed"]);
        assert!(shell("echo no; exit 3", "").finish(LIMIT).expect_err("it fails").contains("no"));
        assert!(shell("echo no", "").wait_for("yes", LIMIT).is_err());
        assert!(shell("exec sleep 60", "").finish(Duration::from_millis(50)).is_err(), "it is ended");
    }
}
