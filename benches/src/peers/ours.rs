//! gamesockets, through its public API.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gamesockets::{
    ConfigEntry, ConfigValue, Connection, ConnectionState, Error, Event, OutgoingMessage, PollGroup, ReceivedMessage,
    ResultCode, SendFlags, SendOutcome, Sockets,
};

use super::{Endpoint, Link, Profile, no_refusal, no_tunings};
use crate::job::{Job, PeerId};

pub(super) const PROFILE: Profile = Profile {
    id: PeerId::Ours,
    name: "gamesockets",
    is: concat!("gamesockets ", env!("CARGO_PKG_VERSION"), ", this repository"),
    settings: &[
        "options as they are by default, the send rate (adaptive) included, but: send buffer 4 MiB, receive buffer \
         64 MiB and 1,000,000 messages",
        "waits in `wait_messages` and `wait_writable`; messages are sent and received in batches",
        "a socket for each client connection",
    ],
    tunings: no_tunings,
    refusal: no_refusal,
};

const SEND_BUFFER_BYTES: i32 = 4 << 20;
const RECEIVE_BUFFER_BYTES: i32 = 64 << 20;
const RECEIVE_BUFFER_MESSAGES: i32 = 1_000_000;
/// Nothing on loopback takes longer, not even a thousand handshakes.
const CONNECT_TIMEOUT_MS: i32 = 60_000;
/// Messages taken with one call.
const RECEIVE_BATCH: usize = 256;

pub(super) struct Ours {
    sockets: Sockets,
    server: Option<SocketAddr>,
    options: Vec<ConfigEntry>,
    group: PollGroup,
    nagle: bool,
    links: Vec<Link>,
    /// What the thread that accepts has accepted.
    accepted: Arc<Accepted>,
    messages: Vec<ReceivedMessage>,
}

#[derive(Default)]
struct Accepted {
    count: AtomicUsize,
    links: Mutex<Vec<Link>>,
}

impl Ours {
    fn new(job: &Job, server: Option<SocketAddr>) -> Result<Self, String> {
        let sockets = Sockets::anonymous().map_err(text)?;
        let options = [
            (ConfigValue::SEND_BUFFER_SIZE, SEND_BUFFER_BYTES),
            (ConfigValue::RECV_BUFFER_SIZE, RECEIVE_BUFFER_BYTES),
            (ConfigValue::RECV_BUFFER_MESSAGES, RECEIVE_BUFFER_MESSAGES),
            (ConfigValue::MTU_PACKET_SIZE, job.mtu.into()),
            (ConfigValue::TIMEOUT_INITIAL, CONNECT_TIMEOUT_MS),
        ];
        let options = options.map(|(option, value)| ConfigEntry::new(option, value)).to_vec();
        let group = sockets.create_poll_group().map_err(text)?;
        Ok(Self {
            sockets,
            server,
            options,
            group,
            nagle: job.nagle(),
            links: Vec::new(),
            accepted: Arc::default(),
            messages: Vec::new(),
        })
    }

    fn flags(&self, reliable: bool) -> SendFlags {
        let kind = if reliable { SendFlags::RELIABLE } else { SendFlags::UNRELIABLE };
        if self.nagle { kind } else { SendFlags(kind.0 | SendFlags::NO_NAGLE.0) }
    }

    /// Accepts connections until the process ends, on a thread of its own.
    fn accept(&self) -> Result<(), String> {
        let (sockets, group, accepted) = (self.sockets.clone(), self.group, Arc::clone(&self.accepted));
        let accept = move || {
            loop {
                let Some(Event::ConnectionStatusChanged { connection, info, .. }) =
                    sockets.wait_event(Duration::from_secs(1))
                else {
                    continue;
                };
                match info.connection_state {
                    // What fails here is gone again: the client hung up.
                    ConnectionState::Connecting if sockets.accept_connection(connection).is_ok() => {
                        let _ = sockets.set_connection_poll_group(connection, Some(group));
                        accepted.links.lock().unwrap_or_else(PoisonError::into_inner).push(connection.raw());
                        accepted.count.fetch_add(1, Ordering::Release);
                    }
                    ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                        let _ = sockets.close_connection(connection, 0, "", false);
                    }
                    _ => {}
                }
            }
        };
        let thread = std::thread::Builder::new().name("accept".into()).spawn(accept);
        thread.map(drop).map_err(|error| format!("no thread: {error}"))
    }
}

impl Endpoint for Ours {
    fn serve(job: &Job) -> Result<(Self, SocketAddr), String> {
        let ours = Self::new(job, None)?;
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = ours.sockets.create_listen_socket_ip(address, &ours.options).map_err(text)?;
        let address = ours.sockets.listen_socket_address(listener).map_err(text)?;
        ours.accept()?;
        Ok((ours, address))
    }

    fn client(job: &Job, server: SocketAddr) -> Result<Self, String> {
        Self::new(job, Some(server))
    }

    fn connect(&mut self) -> Result<(), String> {
        let server = self.server.ok_or("a server does not connect")?;
        let connection = self.sockets.connect_by_ip_address(server, &self.options).map_err(text)?;
        self.sockets.set_connection_poll_group(connection, Some(self.group)).map_err(text)
    }

    fn establish(&mut self, wait: Duration) -> Result<(), String> {
        let mut next = self.sockets.wait_event(wait);
        while let Some(event) = next {
            if let Event::ConnectionStatusChanged { connection, info, .. } = event {
                match info.connection_state {
                    ConnectionState::Connected => self.links.push(connection.raw()),
                    ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                        return Err(format!("a connection failed: {:?} {}", info.end_reason, info.end_debug));
                    }
                    _ => {}
                }
            }
            next = self.sockets.poll_event();
        }
        Ok(())
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn close(&mut self, link: Link) -> Result<(), String> {
        self.links.retain(|known| *known != link);
        self.sockets.close_connection(Connection::from_raw(link), 0, "", false).map_err(text)
    }

    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String> {
        let connection = Connection::from_raw(link);
        match self.sockets.send_message_to_connection(connection, payload, self.flags(reliable)) {
            Ok(_) => Ok(true),
            Err(error) if error.code() == ResultCode::LimitExceeded => Ok(false),
            Err(error) => Err(text(error)),
        }
    }

    fn send_many(&mut self, link: Link, payload: &[u8], reliable: bool, count: usize) -> Result<usize, String> {
        let (connection, flags) = (Connection::from_raw(link), self.flags(reliable));
        let message = OutgoingMessage { connection, payload, lane: 0, flags };
        let outcomes = self.sockets.send_messages(std::iter::repeat_n(message, count));
        let mut sent = 0;
        for outcome in outcomes {
            match outcome {
                SendOutcome::Queued(_) => sent += 1,
                SendOutcome::Failed(error) if error.code() != ResultCode::LimitExceeded => return Err(text(*error)),
                SendOutcome::Failed(_) | SendOutcome::NotAttempted => {}
            }
        }
        Ok(sent)
    }

    fn flush(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn wait_room(&mut self, link: Link, wait: Duration) -> Result<(), String> {
        self.sockets.wait_writable(Connection::from_raw(link), wait).map(drop).map_err(text)
    }

    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String> {
        if self.accepted.count.load(Ordering::Acquire) != self.links.len() && self.server.is_none() {
            self.links.clone_from(&self.accepted.links.lock().unwrap_or_else(PoisonError::into_inner));
        }
        self.sockets.wait_messages(self.group, wait).map_err(text)?;
        loop {
            let messages = &mut self.messages;
            let count =
                self.sockets.receive_messages_on_poll_group_into(self.group, RECEIVE_BATCH, messages).map_err(text)?;
            for message in self.messages.drain(..) {
                each(message.connection.raw(), &message.payload);
            }
            if count < RECEIVE_BATCH {
                return Ok(());
            }
        }
    }
}

fn text(error: Error) -> String {
    error.to_string()
}
