//! A running `valve-peer`: Valve's library in a process of its own.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command as Process, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::calls::{Answer, Call};
use crate::protocol::{
    Command, Connection, Incoming, Info, ListenSocket, Outgoing, Output, Receive, Reply, Scope, Setting, Status,
    StatusChanged, Tally,
};

/// A call of the library answers within microseconds; this long without an answer is a failure of the program.
const REPLY_TIMEOUT: Duration = Duration::from_secs(20);
/// Lines of the library's log that a failure shows.
const LOG_LINES: usize = 40;

/// Where Valve's library is on this machine, and how a program must be started to load it.
#[derive(Clone, Debug)]
pub struct Installation {
    runner: Option<PathBuf>,
    library: PathBuf,
}

impl Installation {
    /// Looks at `GAMESOCKETS_VALVE_LIB`, then into the cache folder that `cargo xtask setup` fills (`.cache` at the root
    /// of the repository, or `GAMESOCKETS_CACHE`), then asks the system's loader.
    ///
    /// # Errors
    /// There is none; the text says what to do.
    pub fn find() -> Result<Self, String> {
        let name = PathBuf::from("libGameNetworkingSockets.so");
        if let Some(library) = std::env::var_os("GAMESOCKETS_VALVE_LIB") {
            return Ok(Self { runner: None, library: PathBuf::from(library) });
        }
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let cache = std::env::var_os("GAMESOCKETS_CACHE").map_or_else(|| repository.join(".cache"), PathBuf::from);
        let runner = cache.join("sysroot/run");
        if runner.is_file() {
            return Ok(Self { runner: Some(runner), library: name });
        }
        let listing = Process::new("ldconfig").arg("-p").output().map(|output| output.stdout).unwrap_or_default();
        let listing = String::from_utf8_lossy(&listing).into_owned();
        let installed = listing.lines().filter(|line| line.contains("libGameNetworkingSockets.so"));
        if let Some(path) = installed.filter_map(|line| line.split("=> ").nth(1)).next() {
            return Ok(Self { runner: None, library: PathBuf::from(path.trim()) });
        }
        Err("Valve's library is not here: `cargo xtask setup` brings it".to_owned())
    }

    /// The library's file.
    pub fn library_file(&self) -> Option<PathBuf> {
        let Some(runner) = &self.runner else { return Some(self.library.clone()) };
        let triples = std::fs::read_dir(runner.parent()?.join("usr/lib")).ok()?;
        let files = triples.flatten().map(|triple| triple.path().join(&self.library));
        files.into_iter().find(|file| file.is_file())
    }

    /// Starts a program such that it can load the library, and names the library to it with `--library`.
    pub fn command(&self, program: &Path) -> Process {
        let mut command = match &self.runner {
            Some(runner) => {
                let mut command = Process::new(runner);
                command.arg(program);
                command
            }
            None => Process::new(program),
        };
        command.arg("--library").arg(&self.library);
        command
    }
}

/// Valve's library in a process of its own. Dropping it ends the process at once, without a goodbye to its peers.
#[derive(Debug)]
pub struct ValvePeer {
    child: Child,
    commands: ChildStdin,
    replies: Receiver<Reply>,
    reports: Receiver<Output>,
    /// What arrived while something else was waited for.
    events: VecDeque<StatusChanged>,
    messages: VecDeque<Incoming>,
    sent: VecDeque<Connection>,
    log: Arc<Mutex<VecDeque<String>>>,
}

impl ValvePeer {
    /// Starts `program` (the built `valve-peer`) with an identity such as `str:server`.
    ///
    /// # Errors
    /// The program cannot be started. If the library cannot be loaded, the first call says so.
    pub fn start(installation: &Installation, program: &Path, identity: &str) -> Result<Self, String> {
        let log_level = std::env::var("GAMESOCKETS_VALVE_LOG").unwrap_or_else(|_| "4".to_owned());
        let mut command = installation.command(program);
        command.args(["--identity", identity, "--log-level", &log_level]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let (Some(commands), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("valve-peer was started without its pipes".to_owned());
        };
        let (reply_sender, replies) = channel();
        let (report_sender, reports) = channel();
        std::thread::spawn(move || sort_output(BufReader::new(output), &reply_sender, &report_sender));
        let log = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || keep_log(BufReader::new(errors), &kept));
        let (events, messages, sent) = (VecDeque::new(), VecDeque::new(), VecDeque::new());
        Ok(Self { child, commands, replies, reports, events, messages, sent, log })
    }

    /// Opens a listen socket. Valve's library refuses port 0.
    ///
    /// # Errors
    /// The library refuses the address or an option.
    pub fn listen(&mut self, address: SocketAddr, options: &[Setting]) -> Result<ListenSocket, String> {
        let reply = self.call(&Command::Listen { address, options: options.to_vec() })?;
        self.handle(&reply, &format!("listen on {address}"))
    }

    /// Begins to connect.
    ///
    /// # Errors
    /// The library refuses the address or an option.
    pub fn connect(&mut self, address: SocketAddr, options: &[Setting]) -> Result<Connection, String> {
        let reply = self.call(&Command::Connect { address, options: options.to_vec() })?;
        self.handle(&reply, &format!("connect to {address}"))
    }

    /// Answers a connection that is `Connecting`; the API's result code.
    ///
    /// # Errors
    /// As for every call from here on: the process does not answer. Refusals of the library are result codes.
    pub fn accept(&mut self, connection: Connection) -> Result<i32, String> {
        self.result(&Command::Accept { connection })
    }

    /// Ends a connection; the API's result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn close(&mut self, connection: Connection, reason: i32, debug: &str, linger: bool) -> Result<i32, String> {
        self.result(&Command::Close { connection, reason, debug: debug.to_owned(), linger })
    }

    /// Closes a listen socket; the API's result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn close_listen_socket(&mut self, socket: ListenSocket) -> Result<i32, String> {
        self.result(&Command::CloseListenSocket { socket })
    }

    /// Sends one message; its number, or the negative result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn send(&mut self, connection: Connection, message: Outgoing) -> Result<i64, String> {
        match self.call(&Command::Send { connection, message })? {
            Reply::Number(number) => Ok(number),
            other => Err(self.failure(&format!("send: answered {other:?}"))),
        }
    }

    /// Queues many messages in the background; [`ValvePeer::take_sent`] tells of the end.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn send_many(&mut self, connection: Connection, message: Outgoing, count: u64) -> Result<(), String> {
        self.result(&Command::SendMany { connection, message, count }).map(drop)
    }

    /// Sets the lanes to send on, one priority and one weight for each; the API's result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn configure_lanes(
        &mut self,
        connection: Connection,
        priorities: &[i32],
        weights: &[u16],
    ) -> Result<i32, String> {
        self.result(&Command::Lanes { connection, priorities: priorities.to_vec(), weights: weights.to_vec() })
    }

    /// Sends what Nagle's timer holds back; the API's result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn flush(&mut self, connection: Connection) -> Result<i32, String> {
        self.result(&Command::Flush { connection })
    }

    /// What is known of a connection; the API's result code where the handle is not known.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn info(&mut self, connection: Connection) -> Result<Result<Info, i32>, String> {
        match self.call(&Command::Info { connection })? {
            Reply::Info(info) => Ok(Ok(info)),
            Reply::Result(code) => Ok(Err(code)),
            other => Err(self.failure(&format!("info: answered {other:?}"))),
        }
    }

    /// How a connection does; the API's result code where the handle is not known.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn status(&mut self, connection: Connection) -> Result<Result<Status, i32>, String> {
        match self.call(&Command::Status { connection })? {
            Reply::Status(status) => Ok(Ok(status)),
            Reply::Result(code) => Ok(Err(code)),
            other => Err(self.failure(&format!("status: answered {other:?}"))),
        }
    }

    /// Changes the configuration; the API's result code.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn set(&mut self, scope: Scope, setting: Setting) -> Result<i32, String> {
        self.result(&Command::Set { scope, setting })
    }

    /// Makes any one call.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn make(&mut self, call: Call) -> Result<Answer, String> {
        match self.call(&Command::Call(call))? {
            Reply::Answer(answer) => Ok(answer),
            other => Err(self.failure(&format!("answered {other:?}"))),
        }
    }

    /// Chooses what happens to messages from now on.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn receive(&mut self, receive: Receive) -> Result<(), String> {
        self.result(&Command::Receive(receive)).map(drop)
    }

    /// What arrived since [`Receive::Count`] was chosen.
    ///
    /// # Errors
    /// See [`ValvePeer::accept`].
    pub fn tally(&mut self) -> Result<Tally, String> {
        match self.call(&Command::Tally)? {
            Reply::Tally(tally) => Ok(tally),
            other => Err(self.failure(&format!("tally: answered {other:?}"))),
        }
    }

    /// The oldest change of state not yet taken.
    pub fn take_event(&mut self) -> Option<StatusChanged> {
        self.take_reports();
        self.events.pop_front()
    }

    /// The oldest message not yet taken.
    pub fn take_message(&mut self) -> Option<Incoming> {
        self.take_reports();
        self.messages.pop_front()
    }

    /// The connection of the oldest [`ValvePeer::send_many`] that has queued its last message.
    pub fn take_sent(&mut self) -> Option<Connection> {
        self.take_reports();
        self.sent.pop_front()
    }

    /// The last lines of the library's log.
    pub fn log(&self) -> String {
        let lines = self.log.lock().map(|lines| lines.iter().cloned().collect::<Vec<_>>());
        lines.unwrap_or_default().join("\n")
    }

    fn take_reports(&mut self) {
        while let Ok(report) = self.reports.try_recv() {
            match report {
                Output::Event(event) => self.events.push_back(event),
                Output::Message(message) => self.messages.push_back(message),
                Output::Sent { connection } => self.sent.push_back(connection),
                Output::Reply(_) => {}
            }
        }
    }

    fn result(&mut self, command: &Command) -> Result<i32, String> {
        match self.call(command)? {
            Reply::Result(code) => Ok(code),
            other => Err(self.failure(&format!("{command:?}: answered {other:?}"))),
        }
    }

    fn handle(&self, reply: &Reply, what: &str) -> Result<u32, String> {
        match reply {
            Reply::Handle(0) => Err(self.failure(&format!("{what}: refused"))),
            Reply::Handle(handle) => Ok(*handle),
            other => Err(self.failure(&format!("{what}: answered {other:?}"))),
        }
    }

    /// One command and its answer.
    fn call(&mut self, command: &Command) -> Result<Reply, String> {
        let mut line = serde_json::to_string(command).map_err(|error| error.to_string())?;
        line.push('\n');
        let written = self.commands.write_all(line.as_bytes());
        written.map_err(|error| self.failure(&format!("{command:?}: {error}")))?;
        let reply = self.replies.recv_timeout(REPLY_TIMEOUT);
        reply.map_err(|error| self.failure(&format!("{command:?}: no answer: {error}")))
    }

    fn failure(&self, what: &str) -> String {
        format!("valve-peer: {what}\n{}", self.log())
    }
}

impl Drop for ValvePeer {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the log of valve-peer ends:\n{}", self.log());
        }
    }
}

/// Separates answers, which are in the order of commands, from what is reported whenever it happens.
fn sort_output(output: impl BufRead, replies: &Sender<Reply>, reports: &Sender<Output>) {
    for line in output.lines().map_while(Result::ok) {
        let delivered = match serde_json::from_str(&line) {
            Ok(Output::Reply(reply)) => replies.send(reply).is_ok(),
            Ok(report) => reports.send(report).is_ok(),
            Err(error) => {
                eprintln!("valve-peer said what is not in its protocol: {error}: {line}");
                false
            }
        };
        if !delivered {
            return;
        }
    }
}

fn keep_log(errors: impl BufRead, log: &Mutex<VecDeque<String>>) {
    for line in errors.lines().map_while(Result::ok) {
        let Ok(mut kept) = log.lock() else { return };
        if kept.len() == LOG_LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}
