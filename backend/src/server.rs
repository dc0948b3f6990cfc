//! The backend as a whole: one task that takes what came in, decides, keeps it, and answers.

mod clients;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gamesockets::{ConfigEntry, ConfigValue, ConnectionState, Event, OutgoingMessage, PollGroup, SendFlags, Sockets};
use gamesockets_proto::crypto::read_request;
use gamesockets_services::NetworkAddress;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

use self::clients::{Clients, Reply, Settings};
use crate::config::Config;
use crate::http;
use crate::roles::authority::{Authority, BACKEND_NAME, LEAF_SECONDS};
use crate::roles::lobbies::Rules;
use crate::store::Embedded;

/// How many messages are taken at once: what they write is on disk together.
const BATCH: usize = 256;
/// What waits for a client, at most; one that takes nothing is let go, and finds all as it is when it comes back.
const SEND_BUFFER: i32 = 4 << 20;
/// Why a client is let go; numbers of the application's range.
const END_FULL: i32 = 1_001;
const END_PROTOCOL: i32 = 1_002;
const END_SLOW: i32 = 1_003;
const END_STOPPED: i32 = 1_004;
/// Lane 0: everything but signals. Lane 1: signals, which go first.
const LANES: ([i32; 2], [u16; 2]) = ([1, 0], [1, 1]);

/// A backend that has its ports and its data, and is about to serve.
pub struct Backend {
    sockets: Sockets,
    group: PollGroup,
    authority: Authority,
    clients: Clients<Embedded>,
    http: Option<TcpListener>,
    address: NetworkAddress,
    /// When its own certificate was made, Unix seconds.
    certified: u64,
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl Backend {
    /// Opens data and ports.
    ///
    /// # Errors
    /// In words, when one of them cannot be had.
    pub async fn start(config: &Config) -> Result<Self, String> {
        let folder = &config.folder;
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        // Whoever has the store is the only one who makes keys.
        let store = Embedded::open(&folder.join("store.redb")).map_err(|error| {
            format!("{error}; does another backend run with this folder? store.folder names another one")
        })?;
        let now = unix_ms();
        let authority = Authority::open(folder, now / 1_000)?;
        let identity = format!("str:{BACKEND_NAME}").parse().map_err(|error| format!("{error}"))?;
        let sockets = Sockets::builder()
            .identity(identity)
            .option(ConfigEntry::new(ConfigValue::SEND_BUFFER_SIZE, SEND_BUFFER))
            .build()
            .map_err(|error| error.to_string())?;
        certify(&sockets, &authority, now / 1_000)?;
        let mut bound = Vec::new();
        for &address in &config.listen {
            // What an unsigned certificate says of its owner is not believed, but its key counts.
            let options = [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH];
            let options = options.map(|option| ConfigEntry::new(option, 2));
            let socket = sockets
                .create_listen_socket_ip(address, &options)
                .map_err(|error| format!("network.listen: {error}"))?;
            bound.push(sockets.listen_socket_address(socket).map_err(|error| error.to_string())?);
        }
        let http = match config.http {
            Some(address) => {
                Some(TcpListener::bind(address).await.map_err(|error| format!("http.listen: {address}: {error}"))?)
            }
            None => None,
        };
        let is_loopback = bound.iter().all(|address| address.ip().is_loopback());
        let settings = Settings {
            apps: config.apps.clone(),
            is_loopback,
            clients_max: config.clients_max,
            rules: Rules { strict_private: config.strict_private, lobbies_max: config.lobbies_max },
        };
        let address = network_address(config, &authority, &bound);
        let group = sockets.create_poll_group().map_err(|error| error.to_string())?;
        let clients = Clients::open(settings, store, now).map_err(|error| error.to_string())?;
        Ok(Self { sockets, group, authority, clients, http, address, certified: now / 1_000 })
    }

    /// What players are given.
    pub fn address(&self) -> &NetworkAddress {
        &self.address
    }

    /// Where `/healthz` is.
    pub fn http_address(&self) -> Option<SocketAddr> {
        self.http.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves until `stop` completes.
    ///
    /// # Errors
    /// When the store fails: nothing is answered then that is not kept.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), String> {
        if let Some(listener) = self.http.take() {
            tokio::spawn(http::serve(listener));
        }
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(stop);
        loop {
            let sockets = self.sockets.clone();
            tokio::select! {
                event = sockets.event() => self.take_event(event),
                readable = sockets.readable(self.group) => {
                    readable.map_err(|error| error.to_string())?;
                    self.take_messages();
                }
                _ = ticks.tick() => self.take_tick()?,
                () = &mut stop => break,
            }
            let replies = self.clients.settle(unix_ms()).map_err(|error| error.to_string())?;
            self.send(replies);
        }
        for connection in self.clients.connections() {
            let _ = self.sockets.close_connection(connection, END_STOPPED, "The backend stops", true);
        }
        Ok(())
    }

    fn take_event(&mut self, event: Event) {
        let Event::ConnectionStatusChanged { connection, info, .. } = event else { return };
        match info.connection_state {
            ConnectionState::Connecting if !self.clients.has_room() => {
                let _ = self.sockets.close_connection(connection, END_FULL, "The backend is full", false);
            }
            ConnectionState::Connecting => {
                let accepted = self.sockets.accept_connection(connection).is_ok()
                    && self.sockets.set_connection_poll_group(connection, Some(self.group)).is_ok();
                if accepted {
                    let address = SocketAddr::new(
                        info.remote_address.parse().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into()),
                        info.remote_port,
                    );
                    self.clients.connected(unix_ms(), connection, address);
                }
            }
            ConnectionState::Connected => {
                let _ = self.sockets.configure_connection_lanes(connection, &LANES.0, &LANES.1);
            }
            ConnectionState::ClosedByPeer | ConnectionState::ProblemDetectedLocally => {
                // Words that came before the end count.
                self.take_messages();
                self.clients.gone(unix_ms(), connection);
                let _ = self.sockets.close_connection(connection, 0, "", false);
            }
            _ => {}
        }
    }

    fn take_messages(&mut self) {
        let messages = self.sockets.receive_messages_on_poll_group(self.group, BATCH).unwrap_or_default();
        for message in messages {
            let connection = message.connection;
            let key = || self.sockets.peer_certificate_key(connection).ok().flatten();
            self.clients.received(unix_ms(), connection, &message.payload, key, &self.authority);
        }
    }

    fn take_tick(&mut self) -> Result<(), String> {
        let now = unix_ms();
        self.clients.handle_time(now).map_err(|error| error.to_string())?;
        if now / 1_000 > self.certified + LEAF_SECONDS / 2 {
            certify(&self.sockets, &self.authority, now / 1_000)?;
            self.certified = now / 1_000;
        }
        Ok(())
    }

    fn send(&mut self, replies: Vec<Reply>) {
        let now = unix_ms();
        for reply in replies {
            match reply {
                Reply::Frame(connection, frame, lane, flags) => {
                    let payload = frame.encode_to_vec();
                    let message = OutgoingMessage { connection, payload: &payload, lane, flags };
                    if self.sockets.send_message(message).is_err() && flags != SendFlags::UNRELIABLE {
                        self.clients.gone(now, connection);
                        let _ = self.sockets.close_connection(connection, END_SLOW, "Takes too little", false);
                    }
                }
                Reply::Close(connection, text) => {
                    self.clients.gone(now, connection);
                    let _ = self.sockets.close_connection(connection, END_PROTOCOL, &text, true);
                }
            }
        }
    }
}

fn certify(sockets: &Sockets, authority: &Authority, now: u64) -> Result<(), String> {
    let words = |error: &dyn std::fmt::Display| format!("the backend's own certificate: {error}");
    let request = read_request(&sockets.certificate_request()).map_err(|error| words(&error))?;
    let key = request.cert.as_ref().and_then(|cert| cert.key_data.as_deref()).and_then(|key| key.try_into().ok());
    let key = gamesockets_proto::crypto::PublicKey::from_bytes(&key.unwrap_or_default());
    let key = key.map_err(|error| words(&error))?;
    let certificate = authority.sign_backend(key, now).map_err(|error| words(&error))?;
    sockets.set_certificate(&certificate.encode_to_vec()).map_err(|error| words(&error))
}

fn network_address(config: &Config, authority: &Authority, bound: &[SocketAddr]) -> NetworkAddress {
    let first = bound.first().copied().unwrap_or(SocketAddr::from(([127, 0, 0, 1], 28_100)));
    let host = match config.advertise.as_str() {
        "" if first.ip().is_unspecified() => "127.0.0.1".to_owned(),
        "" => first.ip().to_string(),
        host => host.to_owned(),
    };
    NetworkAddress { keys: vec![authority.root_key()], host, port: first.port() }
}
