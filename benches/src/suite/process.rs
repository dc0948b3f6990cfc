//! A child process: started, spoken to within time limits, and ended by its handle.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gamesockets_interop::valve::Installation;

use crate::child::{Order, Sample, Say};
use crate::job::{Job, Path, PeerId};

/// Ends with its handle, whatever it is at.
pub(super) struct Child {
    name: String,
    process: Process,
    input: ChildStdin,
    said: Receiver<Say>,
    /// The last line of its standard error.
    complaint: Arc<Mutex<String>>,
    /// Nothing is waited for beyond this.
    deadline: Instant,
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Child {
    pub(super) fn server(job: &Job, limit: Duration) -> Result<Self, String> {
        let mut command = program(job.peer)?;
        command.args(["serve", "--job", &json(job)?]);
        Self::start("the server", command, limit)
    }

    pub(super) fn client(job: &Job, server: SocketAddr, limit: Duration) -> Result<Self, String> {
        let mut command = program(job.peer)?;
        command.args(["call", "--job", &json(job)?, "--server", &server.to_string()]);
        Self::start("the client", command, limit)
    }

    pub(super) fn path(path: &Path, server: SocketAddr, limit: Duration) -> Result<Self, String> {
        let mut command = program(PeerId::Ours)?;
        command.args(["path", "--path", &json(path)?, "--server", &server.to_string()]);
        Self::start("the path", command, limit)
    }

    pub(super) fn limits(seconds: f64, limit: Duration) -> Result<Self, String> {
        let mut command = program(PeerId::Ours)?;
        command.args(["limits", "--seconds", &seconds.to_string()]);
        Self::start("the machine's limits", command, limit)
    }

    fn start(name: &str, mut command: Command, limit: Duration) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().map_err(|error| format!("{name} cannot be started: {error}"))?;
        let (Some(input), Some(output), Some(errors)) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take())
        else {
            return Err(format!("{name} was started without its pipes"));
        };
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Libraries print, too.
                if let Ok(said) = serde_json::from_str(&line)
                    && sender.send(said).is_err()
                {
                    return;
                }
            }
        });
        let complaint = Arc::new(Mutex::new(String::new()));
        let last = Arc::clone(&complaint);
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
                if let Ok(mut last) = last.lock() {
                    *last = line;
                }
            }
        });
        let deadline = Instant::now() + limit;
        Ok(Self { name: name.to_owned(), process, input, said, complaint, deadline })
    }

    pub(super) fn order(&mut self, order: Order) -> Result<(), String> {
        let line = json(&order)?;
        writeln!(self.input, "{line}").map_err(|error| self.failure(&error.to_string()))
    }

    /// The next thing that it says.
    pub(super) fn next(&self) -> Result<Say, String> {
        match self.said.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(Say::Failed(reason)) => Err(reason),
            Ok(said) => Ok(said),
            Err(RecvTimeoutError::Timeout) => Err(format!("{} was not done in time", self.name)),
            Err(RecvTimeoutError::Disconnected) => Err(self.failure("has ended")),
        }
    }

    /// As [`Self::next`], until its end.
    pub(super) fn next_until_end(&self) -> Result<Option<Say>, String> {
        match self.said.recv_timeout(self.deadline.saturating_duration_since(Instant::now())) {
            Ok(Say::Failed(reason)) => Err(reason),
            Ok(said) => Ok(Some(said)),
            Err(RecvTimeoutError::Timeout) => Err(format!("{}: not done in time", self.name)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    pub(super) fn address(&self) -> Result<SocketAddr, String> {
        match self.next()? {
            Say::Address(address) => Ok(address),
            other => Err(self.failure(&format!("said {other:?} instead of its address"))),
        }
    }

    pub(super) fn ready(&self) -> Result<(), String> {
        match self.next()? {
            Say::Ready => Ok(()),
            other => Err(self.failure(&format!("said {other:?} instead of being ready"))),
        }
    }

    pub(super) fn sample(&mut self) -> Result<Sample, String> {
        self.order(Order::Sample)?;
        loop {
            if let Say::Sample(sample) = self.next()? {
                return Ok(sample);
            }
        }
    }

    fn failure(&self, what: &str) -> String {
        // Its words may still be on their way.
        std::thread::sleep(Duration::from_millis(20));
        let failed = self.said.try_iter().find_map(|said| match said {
            Say::Failed(reason) => Some(reason),
            _ => None,
        });
        let complaint = self.complaint.lock().map(|line| line.clone()).unwrap_or_default();
        failed.unwrap_or_else(|| format!("{} {what}: {complaint}", self.name))
    }
}

/// This program, started such that it can load what the peer needs.
fn program(peer: PeerId) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|error| format!("this program's file: {error}"))?;
    match peer {
        PeerId::Valve => Ok(Installation::find()?.command(&program)),
        _ => Ok(Command::new(program)),
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}
