//! Godot and a peer, each in a process of its own: another Godot, the Rust example, Valve's library.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use gamesockets_interop::protocol::{Outgoing, Receive};
use gamesockets_interop::valve::{Installation, ValvePeer};

use crate::godot::{Project, SOURCE_PROJECT, install_addon, judge};
use crate::test::totals::Totals;
use crate::workspace::{TaskResult, root};
use crate::{cdylib, setup};

const CLIENT: &str = "tests/peers/echo_client.gd";
const SERVER: &str = "tests/peers/echo_server.gd";
/// Whatever one peer waits for.
const LIMIT: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_millis(5);

const CONNECTING: i32 = 1;
const CONNECTED: i32 = 3;
const RELIABLE: i32 = 8;

type Pairing = fn(&Project, &mut Totals) -> TaskResult;

const PAIRINGS: &[(&str, Pairing)] = &[
    ("Godot to Godot", godot_to_godot),
    ("Godot to Rust", godot_to_rust),
    ("Godot to Valve's library", godot_to_valve),
    ("Valve's library to Godot", valve_to_godot),
];

/// Every pairing, in turn.
pub(super) fn peers(totals: &mut Totals) -> TaskResult {
    let folder = root().join(SOURCE_PROJECT);
    install_addon(&folder, false)?;
    let project = Project::open(&folder)?;
    let mut errors = Vec::new();
    for (name, run) in PAIRINGS {
        println!("-- {name}");
        errors.extend(run(&project, totals).err().map(|error| format!("{name}: {error}")));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

fn godot_to_godot(project: &Project, totals: &mut Totals) -> TaskResult {
    let mut server = Server::start(project.headless().args(["--script", &format!("res://{SERVER}")]))?;
    client(project, server.address, totals)?;
    server.ended()
}

fn godot_to_rust(project: &Project, totals: &mut Totals) -> TaskResult {
    let program = cdylib::program(&["--package", "gamesockets", "--example", "echo"])?;
    let server = Server::start(Command::new(program).args(["server", "--listen", "127.0.0.1:0"]))?;
    client(project, server.address, totals)
}

fn godot_to_valve(project: &Project, totals: &mut Totals) -> TaskResult {
    let mut valve = valve("str:valve")?;
    let address = free_address()?;
    valve.listen(address, &[])?;
    valve.receive(Receive::Echo)?;
    let (stop, stopped) = channel::<()>();
    // The library is served from here, while Godot runs.
    let accepting = thread::spawn(move || {
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            let event = valve.take_event();
            if let Some(event) = event.filter(|event| event.info.state == CONNECTING) {
                let _ = valve.accept(event.connection);
            }
            thread::sleep(STEP);
        }
    });
    let result = client(project, address, totals);
    drop(stop);
    let joined = accepting.join();
    result.and_then(|()| joined.map_err(|_| "the thread that accepts has panicked".to_owned()))
}

fn valve_to_godot(project: &Project, totals: &mut Totals) -> TaskResult {
    let mut server = Server::start(project.headless().args(["--script", &format!("res://{SERVER}")]))?;
    let mut valve = valve("str:valve")?;
    valve.receive(Receive::Report)?;
    let connection = valve.connect(server.address, &[])?;
    until("connected", || valve.take_event().filter(|event| event.info.state == CONNECTED))?;
    let message = Outgoing { len: 20_000, seed: 7, flags: RELIABLE, lane: 0 };
    valve.send(connection, message)?;
    let echo = until("the echo", || valve.take_message())?;
    let expected =
        gamesockets_interop::payload::hash(&gamesockets_interop::payload::pattern(message.len, message.seed));
    if (echo.len, echo.hash) != (message.len, expected) {
        return Err(format!("the echo is not what was sent: {echo:?}"));
    }
    valve.close(connection, 1001, "enough", true)?;
    server.ended()?;
    totals.add(1, 0);
    Ok(())
}

/// Runs the client's script against this server.
fn client(project: &Project, server: SocketAddr, totals: &mut Totals) -> TaskResult {
    let source = fs::read_to_string(root().join(SOURCE_PROJECT).join(CLIENT)).map_err(|error| error.to_string())?;
    let mut command = project.headless();
    command.args(["--script", &format!("res://{CLIENT}"), "--", &format!("--server={server}")]);
    let outcome = judge(CLIENT, &mut command, &source, LIMIT);
    totals.add(outcome.passed, outcome.failed);
    if outcome.problems.is_empty() { Ok(()) } else { Err(outcome.problems.join("\n    ")) }
}

fn valve(identity: &str) -> Result<ValvePeer, String> {
    setup::valve()?;
    let program = cdylib::program(&["--package", "gamesockets-interop", "--bin", "valve-peer"])?;
    ValvePeer::start(&Installation::find()?, &program, identity)
}

/// Valve's library refuses port 0.
fn free_address() -> Result<SocketAddr, String> {
    let socket = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    socket.map_err(|error| format!("no free port: {error}"))
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, String> {
    let end = Instant::now() + LIMIT;
    while Instant::now() < end {
        if let Some(found) = look() {
            return Ok(found);
        }
        thread::sleep(STEP);
    }
    Err(format!("waited in vain: {what}"))
}

/// A program that says `listening on IP:port`; it ends with this value.
struct Server {
    child: Child,
    lines: Receiver<String>,
    address: SocketAddr,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{:?}: {error}", command.get_program()))?;
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || {
                let lines = BufReader::new(output).lines().map_while(Result::ok);
                lines.map_while(|line| sender.send(line).ok()).for_each(drop);
            });
        }
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut server = Self { child, lines, address: unknown };
        server.address = server.said("listening on ")?;
        Ok(server)
    }

    /// What follows these words in its output.
    fn said(&self, words: &str) -> Result<SocketAddr, String> {
        let end = Instant::now() + LIMIT;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            println!("   server: {line}");
            if let Some(rest) = line.strip_prefix(words) {
                let address = rest.split([';', ' ']).next().unwrap_or_default();
                return address.parse().map_err(|error| format!("{address}: {error}"));
            }
        }
        Err(format!("the server has not said: {words}"))
    }

    /// Waits for it to end by itself, content.
    fn ended(&mut self) -> TaskResult {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("the server failed ({status})")),
                Ok(None) => thread::sleep(STEP),
                Err(error) => return Err(format!("the server: {error}")),
            }
        }
        Err("the server does not end".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
