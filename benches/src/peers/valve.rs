//! Valve's library, as Debian packages it, through its flat API.

mod flat;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use self::flat::{CONNECTED, CONNECTING, ConfigValue, LIMIT_EXCEEDED, Library, OK};
use super::sockets::bound;
use super::{Endpoint, Link, Profile, Tunings};
use crate::job::{Job, Load, PeerId};

pub(super) const PROFILE: Profile = Profile {
    id: PeerId::Valve,
    name: "GNS",
    is: "Valve's GameNetworkingSockets 1.6.1, Debian's package",
    settings: &[
        "it has no congestion control, and by default sends 256 KB/s: SendRateMin and SendRateMax are set to each of \
         several rates (bytes/s), and the best counts; above 100 MiB/s it clamps them",
        "send buffer 256 KiB (it searches its queue from end to end: larger ones are slower), receive buffer 64 MiB and \
         1,000,000 messages",
        "it has no call that waits: polled every 50 us, and every 1 ms where it is flooded (its lock is what it is short of); SendMessages for batches, a poll group for receiving",
        "a socket for each client connection, as it has it",
    ],
    tunings,
    refusal: |job| {
        let too_many = job.load.connections() > CONNECTIONS_MAX;
        too_many.then_some("it has at most 8,191 connections in a process")
    },
};

const CONNECTIONS_MAX: usize = 8_191;
/// A rate for loads that send less than it anyway.
const PLENTY: &[u64] = &[10_000_000];
/// `k_ESteamNetworkingSend_NoNagle` and `..._Reliable`.
const NO_NAGLE: i32 = 1;
const RELIABLE: i32 = 8;
/// How often it is asked for messages.
const POLLING: Duration = Duration::from_micros(50);
const POLLING_OF_FLOODS: Duration = Duration::from_millis(1);
const SEND_BUFFER_BYTES: i32 = 256 << 10;
const RECEIVE_BUFFER_BYTES: i32 = 64 << 20;
const RECEIVE_BUFFER_MESSAGES: i32 = 1_000_000;
const CONNECT_TIMEOUT_MS: i32 = 60_000;

thread_local! {
    static LIBRARY: RefCell<Option<Library>> = const { RefCell::new(None) };
}

pub(super) struct Valve {
    library: Library,
    server: Option<SocketAddr>,
    options: Vec<ConfigValue>,
    nagle: bool,
    /// A pause where nothing came, or nothing more fitted: calls in a row would keep the library from its work.
    pause: Duration,
    links: Vec<Link>,
}

/// Runs the work with the library loaded.
pub(super) fn with_library(path: Option<&Path>, work: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    let path = path.ok_or("no --library: the suite names Valve's library")?;
    let library = Library::start(path)?;
    LIBRARY.with(|slot| slot.replace(Some(library)));
    work()
}

fn tunings(job: &Job) -> Tunings {
    let values: &[u64] = match (job.load, job.path) {
        (Load::Flood { .. }, None) => &[4 << 20, 32 << 20, 100 << 20],
        (Load::Flood { .. }, Some(path)) if path.rate < 10_000_000 => &[1_000_000, 1_150_000],
        (Load::Flood { .. }, Some(_)) => &[10_000_000, 40_000_000],
        _ => PLENTY,
    };
    Tunings { of: "send rate", values }
}

impl Valve {
    fn new(job: &Job, server: Option<SocketAddr>) -> Result<Self, String> {
        let library = LIBRARY.with(RefCell::take).ok_or("Valve's library is not loaded")?;
        let rate = i32::try_from(job.tuning).map_err(|error| format!("send rate {}: {error}", job.tuning))?;
        let options = [
            (flat::SEND_BUFFER_SIZE, SEND_BUFFER_BYTES),
            (flat::SEND_RATE_MIN, rate),
            (flat::SEND_RATE_MAX, rate),
            (flat::RECV_BUFFER_SIZE, RECEIVE_BUFFER_BYTES),
            (flat::RECV_BUFFER_MESSAGES, RECEIVE_BUFFER_MESSAGES),
            (flat::TIMEOUT_INITIAL, CONNECT_TIMEOUT_MS),
        ];
        let options = options.map(|(option, value)| ConfigValue::int32(option, value)).to_vec();
        Ok(Self {
            library,
            server,
            options,
            nagle: job.nagle(),
            pause: if job.is_flood() { POLLING_OF_FLOODS } else { POLLING },
            links: Vec::new(),
        })
    }

    fn flags(&self, reliable: bool) -> i32 {
        (if reliable { RELIABLE } else { 0 }) | (if self.nagle { 0 } else { NO_NAGLE })
    }

    fn handle_events(&mut self) -> Result<(), String> {
        for event in self.library.events() {
            match event.state {
                // What fails here is gone again: the client hung up.
                CONNECTING if self.server.is_none() && self.library.accept(event.connection) == OK => {
                    self.links.push(event.connection);
                }
                CONNECTED if self.server.is_some() => self.links.push(event.connection),
                flat::CLOSED_BY_PEER | flat::PROBLEM if self.server.is_some() => {
                    return Err(format!("a connection failed: reason {}", event.end_reason));
                }
                flat::CLOSED_BY_PEER | flat::PROBLEM => self.close(event.connection)?,
                _ => {}
            }
        }
        Ok(())
    }
}

impl Endpoint for Valve {
    fn serve(job: &Job) -> Result<(Self, SocketAddr), String> {
        let valve = Self::new(job, None)?;
        // It refuses port 0.
        let address = bound()?.local_addr().map_err(|error| error.to_string())?;
        if valve.library.listen(address, &valve.options) == 0 {
            return Err(format!("it does not listen on {address}"));
        }
        Ok((valve, address))
    }

    fn client(job: &Job, server: SocketAddr) -> Result<Self, String> {
        Self::new(job, Some(server))
    }

    fn connect(&mut self) -> Result<(), String> {
        let server = self.server.ok_or("a server does not connect")?;
        match self.library.connect(server, &self.options) {
            0 => Err("it makes no more connections".into()),
            _ => Ok(()),
        }
    }

    fn establish(&mut self, wait: Duration) -> Result<(), String> {
        let (before, end) = (self.links.len(), Instant::now() + wait);
        loop {
            self.handle_events()?;
            if self.links.len() > before || Instant::now() >= end {
                return Ok(());
            }
            std::thread::sleep(POLLING);
        }
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn close(&mut self, link: Link) -> Result<(), String> {
        self.links.retain(|known| *known != link);
        self.library.close(link);
        Ok(())
    }

    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String> {
        match self.library.send(link, payload, self.flags(reliable)) {
            OK => Ok(true),
            LIMIT_EXCEEDED => Ok(false),
            result => Err(format!("it does not send: result {result}")),
        }
    }

    fn send_many(&mut self, link: Link, payload: &[u8], reliable: bool, count: usize) -> Result<usize, String> {
        let numbers = self.library.send_many(link, payload, self.flags(reliable), count);
        if let Some(number) = numbers.iter().find(|number| **number < 0 && **number != -i64::from(LIMIT_EXCEEDED)) {
            return Err(format!("it does not send: result {}", -number));
        }
        Ok(numbers.iter().filter(|number| **number > 0).count())
    }

    fn flush(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn wait_room(&mut self, _link: Link, _wait: Duration) -> Result<(), String> {
        self.handle_events()?;
        std::thread::sleep(self.pause);
        Ok(())
    }

    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String> {
        let end = Instant::now() + wait;
        loop {
            self.handle_events()?;
            let count = self.library.receive(each);
            let rest = end.saturating_duration_since(Instant::now());
            if count > 0 || rest.is_zero() {
                return Ok(());
            }
            std::thread::sleep(self.pause.min(rest));
        }
    }
}
