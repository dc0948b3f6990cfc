//! gamesockets as a peer.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use gamesockets::{
    ConfigEntry, ConfigValue, Connection, Error, Event, ListenSocket, OutgoingMessage, PollGroup, ReceivedMessage,
    ResultCode, SendFlags, Sockets,
};
use gamesockets_interop::payload::{hash, pattern};
use gamesockets_interop::protocol::{self, Incoming, Info, Outgoing, Receive, Setting, Status, StatusChanged, Value};
use gamesockets_proto::crypto::{CertificateAuthority, Grant, PrivateKey, read_request};
use prost::Message as _;

use crate::pair::{result, state};
use crate::peer::{Happened, Peer};

/// Messages taken with one call.
const BATCH: usize = 256;

/// A [`Sockets`] and the work it was given.
pub(crate) struct Ours {
    sockets: Sockets,
    identity: String,
    /// Every connection's messages are read through this one group.
    group: PollGroup,
    receive: Receive,
    /// Messages the send buffer had no room for, in order.
    waiting: HashMap<Connection, VecDeque<Queued>>,
    happened: Happened,
    log: Vec<String>,
}

/// Messages that are still to be queued.
enum Queued {
    /// The rest of a `send_many`.
    Many { next: Outgoing, left: u64 },
    /// A message to send back.
    Echo(ReceivedMessage),
}

impl Ours {
    pub(crate) fn start(identity: &str) -> Result<Self, String> {
        let parsed = identity.parse().map_err(|error| format!("{identity}: {error}"))?;
        let sockets = Sockets::new(parsed).map_err(|error| error.to_string())?;
        let group = sockets.create_poll_group().map_err(|error| error.to_string())?;
        let happened = Happened::default();
        let (waiting, log) = (HashMap::new(), Vec::new());
        Ok(Self { sockets, identity: identity.to_owned(), group, receive: Receive::Report, waiting, happened, log })
    }

    fn adopt(&self, connection: Connection) -> Result<(), String> {
        self.sockets.set_connection_poll_group(connection, Some(self.group)).map_err(|error| error.to_string())
    }

    fn take_events(&mut self) -> Result<(), String> {
        while let Some(event) = self.sockets.poll_event() {
            let Event::ConnectionStatusChanged { connection, info, old_state } = event else { continue };
            let info = describe(&info)?;
            self.log.push(format!("{connection}: {old_state:?} -> {info:?}"));
            // A connection that was closed since is not there any more.
            if info.state == state::CONNECTING && info.listen_socket != 0 {
                let _ = self.adopt(connection);
            }
            let old_state = old_state as i32;
            self.happened.events.push_back(StatusChanged { connection: connection.raw(), old_state, info });
        }
        Ok(())
    }

    fn take_messages(&mut self) -> Result<(), String> {
        let messages = self.sockets.receive_messages_on_poll_group(self.group, BATCH);
        for message in messages.map_err(|error| error.to_string())? {
            match self.receive {
                Receive::Report => self.happened.messages.push_back(arrived(&message)),
                Receive::Echo => {
                    self.waiting.entry(message.connection).or_default().push_back(Queued::Echo(message));
                }
                Receive::Count | Receive::Leave => return Err("gamesockets is measured elsewhere".to_owned()),
            }
        }
        Ok(())
    }

    /// Queues what fits into the send buffers.
    fn send_waiting(&mut self) {
        let Self { sockets, waiting, log, .. } = self;
        for (&connection, queue) in waiting.iter_mut() {
            while let Some(first) = queue.front_mut() {
                let sent = match first {
                    Queued::Many { next, .. } => send(sockets, connection, *next),
                    Queued::Echo(ReceivedMessage { payload, lane, flags, .. }) => {
                        let (lane, flags) = (*lane, *flags);
                        sockets.send_message(OutgoingMessage { connection, payload, lane, flags })
                    }
                };
                match sent {
                    Ok(_) => {
                        if first.is_done() {
                            queue.pop_front();
                        }
                    }
                    Err(error) if error.code() == ResultCode::LimitExceeded => break,
                    Err(error) => {
                        log.push(format!("{connection}: sending ended: {error}"));
                        queue.clear();
                    }
                }
            }
        }
        waiting.retain(|_, queue| !queue.is_empty());
    }
}

impl Queued {
    /// Goes on to the next message; answers whether there is none.
    fn is_done(&mut self) -> bool {
        match self {
            Self::Many { next, left } => {
                next.seed += 1;
                *left -= 1;
                *left == 0
            }
            Self::Echo(_) => true,
        }
    }
}

impl Peer for Ours {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn show_certificate(&mut self) -> Result<(), String> {
        let ca = CertificateAuthority::new(PrivateKey::from_seed([1; 32]));
        let grant = Grant { app_ids: vec![0], time_created: 1, time_expiry: u32::MAX, ..Grant::default() };
        let request = read_request(&self.sockets.certificate_request()).map_err(|error| error.to_string())?;
        let certificate = ca.sign_request(&request, &grant).map_err(|error| error.to_string())?;
        self.sockets.set_certificate(&certificate.encode_to_vec()).map_err(|error| error.to_string())
    }

    fn listen(&mut self, address: SocketAddr, options: &[Setting]) -> Result<protocol::ListenSocket, String> {
        let socket = self.sockets.create_listen_socket_ip(address, &entries(options));
        socket.map(ListenSocket::raw).map_err(|error| error.to_string())
    }

    fn close_listen_socket(&mut self, socket: protocol::ListenSocket) -> Result<i32, String> {
        Ok(code(self.sockets.close_listen_socket(ListenSocket::from_raw(socket))))
    }

    fn connect(&mut self, address: SocketAddr, options: &[Setting]) -> Result<protocol::Connection, String> {
        let connection = self.sockets.connect_by_ip_address(address, &entries(options));
        let connection = connection.map_err(|error| error.to_string())?;
        self.adopt(connection)?;
        Ok(connection.raw())
    }

    fn accept(&mut self, connection: protocol::Connection) -> Result<i32, String> {
        Ok(code(self.sockets.accept_connection(Connection::from_raw(connection))))
    }

    fn close(
        &mut self,
        connection: protocol::Connection,
        reason: i32,
        debug: &str,
        linger: bool,
    ) -> Result<i32, String> {
        Ok(code(self.sockets.close_connection(Connection::from_raw(connection), reason, debug, linger)))
    }

    fn send(&mut self, connection: protocol::Connection, message: Outgoing) -> Result<i64, String> {
        Ok(match send(&self.sockets, Connection::from_raw(connection), message) {
            Ok(number) => i64::try_from(number).map_err(|error| error.to_string())?,
            Err(error) => -i64::from(error.code() as i32),
        })
    }

    fn send_many(&mut self, connection: protocol::Connection, message: Outgoing, count: u64) -> Result<(), String> {
        let queue = self.waiting.entry(Connection::from_raw(connection)).or_default();
        queue.push_back(Queued::Many { next: message, left: count });
        Ok(())
    }

    fn configure_lanes(
        &mut self,
        connection: protocol::Connection,
        priorities: &[i32],
        weights: &[u16],
    ) -> Result<i32, String> {
        let connection = Connection::from_raw(connection);
        Ok(code(self.sockets.configure_connection_lanes(connection, priorities, weights)))
    }

    fn flush(&mut self, connection: protocol::Connection) -> Result<i32, String> {
        Ok(code(self.sockets.flush_messages_on_connection(Connection::from_raw(connection))))
    }

    fn info(&mut self, connection: protocol::Connection) -> Result<Result<Info, i32>, String> {
        match self.sockets.connection_info(Connection::from_raw(connection)) {
            Ok(info) => describe(&info).map(Ok),
            Err(error) => Ok(Err(error.code() as i32)),
        }
    }

    fn status(&mut self, connection: protocol::Connection) -> Result<Result<Status, i32>, String> {
        let status = self.sockets.connection_real_time_status(Connection::from_raw(connection));
        Ok(status.map_err(|error| error.code() as i32).map(|status| Status {
            state: status.state as i32,
            ping: status.ping,
            quality_local: status.local_quality,
            quality_remote: status.remote_quality,
            out_packets_per_second: status.packets_out_per_second,
            out_bytes_per_second: status.bytes_out_per_second,
            in_packets_per_second: status.packets_in_per_second,
            in_bytes_per_second: status.bytes_in_per_second,
            pending_reliable: status.pending_reliable,
            pending_unreliable: status.pending_unreliable,
            sent_unacked_reliable: status.sent_unacknowledged_reliable,
        }))
    }

    fn receive(&mut self, receive: Receive) -> Result<(), String> {
        self.receive = receive;
        Ok(())
    }

    fn poll(&mut self) -> Result<&mut Happened, String> {
        self.take_events()?;
        self.take_messages()?;
        self.send_waiting();
        Ok(&mut self.happened)
    }

    fn log(&self) -> String {
        self.log.join("\n")
    }
}

pub(crate) fn entries(options: &[Setting]) -> Vec<ConfigEntry> {
    let entry = |setting: &Setting| match setting.value {
        Value::Int32(value) => ConfigEntry::new(ConfigValue(setting.id), value),
        Value::Float(value) => ConfigEntry::new(ConfigValue(setting.id), value),
    };
    options.iter().map(entry).collect()
}

fn send(sockets: &Sockets, connection: Connection, message: Outgoing) -> Result<u64, Error> {
    let Outgoing { len, seed, flags, lane } = message;
    let payload = &pattern(len, seed);
    sockets.send_message(OutgoingMessage { connection, payload, lane, flags: SendFlags(flags) })
}

pub(crate) fn arrived(message: &ReceivedMessage) -> Incoming {
    Incoming {
        connection: message.connection.raw(),
        lane: message.lane,
        flags: message.flags.0,
        number: i64::try_from(message.message_number).unwrap_or(i64::MAX),
        len: message.payload.len(),
        hash: hash(&message.payload),
    }
}

pub(crate) fn describe(info: &gamesockets::ConnectionInfo) -> Result<Info, String> {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let ip = if info.remote_address.is_empty() { Ok(unknown) } else { info.remote_address.parse() };
    let ip = ip.map_err(|error| format!("{:?}: {error}", info.remote_address))?;
    Ok(Info {
        state: info.connection_state as i32,
        end_reason: info.end_reason.0,
        end_debug: info.end_debug.clone(),
        listen_socket: info.listen_socket,
        remote_address: SocketAddr::new(ip, info.remote_port),
        remote_identity: info.identity_string.clone(),
        user_data: info.user_data,
        flags: info.info_flags.0,
    })
}

pub(crate) fn code(answer: Result<(), Error>) -> i32 {
    answer.map_or_else(|error| error.code() as i32, |()| result::OK)
}
