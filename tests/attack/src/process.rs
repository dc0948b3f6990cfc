//! The victim and the honest clients, as processes of their own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::server;

/// How long an answer is waited for: a server under attack has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process of this program that answers questions. It ends with this value.
struct Answering {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Answering {
    fn start(arguments: &[String]) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {arguments:?}: {error}"))?;
        let questions = child.stdin.take().ok_or("no standard input")?;
        let output = child.stdout.take().ok_or("no standard output")?;
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, questions, answers })
    }

    fn next(&self) -> Result<String, String> {
        self.answers.recv_timeout(PATIENCE).map_err(|_| "a process gave no answer: it hangs, or has ended".to_owned())
    }

    fn ask(&mut self, question: &str) -> Result<String, String> {
        writeln!(self.questions, "{question}").map_err(|error| format!("a process has ended: {error}"))?;
        self.next()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server under attack.
pub(crate) struct Victim {
    process: Answering,
    pub(crate) address: SocketAddr,
}

/// How many connections it has heard of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Events {
    pub(crate) connecting: u64,
    pub(crate) connected: u64,
    /// Handles that are not closed.
    pub(crate) living: u64,
}

impl Victim {
    pub(crate) fn start(options: &server::Options) -> Result<Self, String> {
        let process = Answering::start(&options.to_arguments())?;
        let address = process.next()?;
        let address = address.parse().map_err(|_| format!("the server said {address:?} and no address"))?;
        Ok(Self { process, address })
    }

    /// Bytes allocated.
    pub(crate) fn heap(&mut self) -> Result<i64, String> {
        let answer = self.process.ask("heap")?;
        answer.parse().map_err(|_| format!("{answer:?} is no number"))
    }

    pub(crate) fn events(&mut self) -> Result<Events, String> {
        let answer = self.process.ask("events")?;
        let numbers: Vec<u64> = answer.split(' ').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [connecting, connected, living] => Ok(Events { connecting, connected, living }),
            _ => Err(format!("{answer:?} are not three numbers")),
        }
    }

    /// What all its threads have used of the processors, microseconds.
    pub(crate) fn cpu_us(&self) -> Result<u64, String> {
        let tasks = format!("/proc/{}/task", self.process.child.id());
        let tasks = fs::read_dir(&tasks).map_err(|error| format!("{tasks}: {error}"))?;
        let used = tasks.flatten().filter_map(|task| {
            let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        });
        Ok(used.sum::<u64>() / 1_000)
    }
}

/// The honest clients.
pub(crate) struct Honest(Answering);

/// How they fared since the last time they were asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Latency {
    pub(crate) echoes: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    /// Connections made anew, and how long each took.
    pub(crate) arrivals: u64,
    pub(crate) arrival_us: u64,
}

impl Honest {
    pub(crate) fn start(server: SocketAddr) -> Result<Self, String> {
        Ok(Self(Answering::start(&["honest".to_owned(), server.to_string()])?))
    }

    pub(crate) fn report(&mut self) -> Result<Latency, String> {
        let answer = self.0.ask("report")?;
        let numbers: Vec<u64> = answer.split(' ').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [echoes, p50_us, p99_us, arrivals, arrival_us] => {
                Ok(Latency { echoes, p50_us, p99_us, arrivals, arrival_us })
            }
            _ => Err(format!("{answer:?} are not five numbers")),
        }
    }
}
