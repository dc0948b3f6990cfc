//! Valve's library: two `valve-peer` processes.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use gamesockets_interop::protocol::{Outgoing, Receive, Setting, StatusChanged, Tally, Value};
use gamesockets_interop::valve::{Installation, ValvePeer};

use crate::Running;
use crate::workload::{Workload, options};

/// More than any rate can send while it is measured.
const ENDLESS: u64 = u64::MAX / 2;
/// `k_ESteamNetworkingConnectionState_Connecting` and `..._Connected`.
const CONNECTING: i32 = 1;
const CONNECTED: i32 = 3;
/// `k_EResultOK`.
const OK: i32 = 1;

/// A `valve-peer` that sends and one that counts.
pub(crate) struct Pair {
    receiver: ValvePeer,
    /// Sends until it is dropped.
    _sender: ValvePeer,
}

impl Pair {
    pub(crate) fn start(workload: Workload, rate: i32) -> Result<Self, String> {
        let installation = Installation::find()?;
        let program = std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("valve-peer");
        let mut receiver = ValvePeer::start(&installation, &program, "str:receiver")?;
        let mut sender = ValvePeer::start(&installation, &program, "str:sender")?;
        let options = options(rate).map(|(id, value)| Setting { id, value: Value::Int32(value) });
        let free = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.map_err(|error| format!("no free port: {error}"))?;
        receiver.listen(address, &options)?;
        let connection = sender.connect(address, &options)?;
        let incoming = wait_for(&mut receiver, CONNECTING)?.connection;
        if receiver.accept(incoming)? != OK {
            return Err("Valve's library does not accept a connection".to_owned());
        }
        wait_for(&mut sender, CONNECTED)?;
        receiver.receive(Receive::Count)?;
        let message = Outgoing { len: workload.len, seed: 0, flags: workload.flags, lane: 0 };
        sender.send_many(connection, message, ENDLESS)?;
        Ok(Self { receiver, _sender: sender })
    }
}

impl Running for Pair {
    fn tally(&mut self) -> Result<Tally, String> {
        self.receiver.tally()
    }
}

/// Whether the library was compiled with the checks of `_GLIBCXX_DEBUG`, which cost much of its time.
pub(crate) fn is_debug_build() -> Result<bool, String> {
    let file = Installation::find()?.library_file().ok_or("Valve's library is not where it should be")?;
    let contents = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mark = b"__gnu_debug";
    Ok(contents.windows(mark.len()).any(|window| window == mark))
}

fn wait_for(peer: &mut ValvePeer, state: i32) -> Result<StatusChanged, String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        match peer.take_event() {
            Some(event) if event.info.state == state => return Ok(event),
            Some(_) => {}
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    Err(format!("no connection of Valve's library entered state {state}"))
}
