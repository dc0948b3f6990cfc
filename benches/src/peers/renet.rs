//! renet 2 with its netcode transport: for game servers; called once per tick.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant, SystemTime};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use renet::{Bytes, ChannelConfig, ConnectionConfig, RenetClient, RenetServer, SendType, ServerEvent};
use renet_netcode::{
    ClientAuthentication, NetcodeClientTransport, NetcodeServerTransport, ServerAuthentication, ServerConfig,
};

use super::sockets::{bound, wait_readable};
use super::{Endpoint, Link, Profile, Tunings};
use crate::job::{Job, Load, PeerId};

pub(super) const PROFILE: Profile = Profile {
    id: PeerId::Renet,
    name: "renet",
    is: "renet 2 with renet_netcode",
    settings: &[
        "ticks whenever its socket is readable or something was sent, not 60 times a second; with many connections every \
         10 ms",
        "it has no congestion control: on loopback the bytes per tick are set to each of two values, on other paths to \
         rates (bytes/s); the best counts",
        "reliable messages are sent again after 100 ms (300 by default) or two round trips; channels of 16 MiB; packets \
         of 1,200 bytes, as it has them; a socket for each client connection",
    ],
    tunings,
    refusal: |job| {
        let too_many = job.load.connections() > CONNECTIONS_MAX;
        too_many.then_some("netcode has at most 1,024 clients on a server")
    },
};

const CONNECTIONS_MAX: usize = 1_024;
const PROTOCOL_ID: u64 = 7;
const UNRELIABLE: u8 = 0;
const RELIABLE: u8 = 1;
const CHANNEL_BYTES: usize = 16 << 20;
/// A tick with more connections than this is too expensive for every datagram.
const FEW: usize = 16;
const TICK_OF_MANY: Duration = Duration::from_millis(10);
/// Connections without news are looked after this often.
const CARE: Duration = Duration::from_millis(50);

fn tunings(job: &Job) -> Tunings {
    match job.path {
        Some(path) if job.is_flood() && path.rate < 10_000_000 => {
            Tunings { of: "bytes per second", values: &[1_000_000, 1_150_000] }
        }
        Some(_) if job.is_flood() => Tunings { of: "bytes per second", values: &[20_000_000, 50_000_000] },
        None if job.is_flood() => Tunings { of: "bytes per tick", values: &[60_000, 1_000_000] },
        _ => Tunings { of: "bytes per tick", values: &[60_000] },
    }
}

/// The tick of a flood on a path with a bottleneck: short, but with room for a few packets.
fn tick(job: &Job) -> Duration {
    match job.path {
        Some(_) if job.is_flood() => Duration::from_millis(if job.tuning < 5_000_000 { 10 } else { 2 }),
        _ if job.load.connections() > FEW => TICK_OF_MANY,
        _ => Duration::ZERO,
    }
}

fn config(job: &Job) -> ConnectionConfig {
    let resend_time = job.path.map_or(Duration::from_millis(100), |path| path.round_trip * 2);
    let kinds = [(UNRELIABLE, SendType::Unreliable), (RELIABLE, SendType::ReliableOrdered { resend_time })];
    let channel =
        |(channel_id, send_type)| ChannelConfig { channel_id, max_memory_usage_bytes: CHANNEL_BYTES, send_type };
    let channels = Vec::from(kinds.map(channel));
    let available_bytes_per_tick = match job.path {
        Some(_) if job.is_flood() => job.tuning * tick(job).as_millis() as u64 / 1_000,
        _ => job.tuning,
    };
    ConnectionConfig {
        available_bytes_per_tick,
        server_channels_config: channels.clone(),
        client_channels_config: channels,
    }
}

fn channel(reliable: bool) -> u8 {
    if reliable { RELIABLE } else { UNRELIABLE }
}

fn unix_time() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

pub(super) struct Server {
    server: RenetServer,
    transport: NetcodeServerTransport,
    /// The transport's socket again, to wait for it.
    socket: UdpSocket,
    ticked: Instant,
    tick: Duration,
    links: Vec<Link>,
}

impl Server {
    fn tick(&mut self) -> Result<(), String> {
        let passed = self.ticked.elapsed();
        self.ticked += passed;
        self.server.update(passed);
        self.transport.update(passed, &mut self.server).map_err(|error| error.to_string())?;
        while let Some(event) = self.server.get_event() {
            match event {
                ServerEvent::ClientConnected { client_id } => self.links.push(client_id as Link),
                ServerEvent::ClientDisconnected { client_id, .. } => {
                    self.links.retain(|link| u64::from(*link) != client_id);
                }
            }
        }
        Ok(())
    }
}

impl Endpoint for Server {
    fn serve(job: &Job) -> Result<(Self, SocketAddr), String> {
        let socket = bound()?;
        let address = socket.local_addr().map_err(|error| error.to_string())?;
        let again = socket.try_clone().map_err(|error| error.to_string())?;
        let config_of_server = ServerConfig {
            current_time: unix_time(),
            max_clients: CONNECTIONS_MAX,
            protocol_id: PROTOCOL_ID,
            public_addresses: vec![address],
            // The keys come from the client; the data is encrypted all the same.
            authentication: ServerAuthentication::Unsecure,
        };
        let transport = NetcodeServerTransport::new(config_of_server, socket).map_err(|error| error.to_string())?;
        let tick = if job.load.connections() > FEW { TICK_OF_MANY } else { Duration::ZERO };
        let server = RenetServer::new(config(job));
        Ok((Self { server, transport, socket: again, ticked: Instant::now(), tick, links: Vec::new() }, address))
    }

    fn client(_job: &Job, _server: SocketAddr) -> Result<Self, String> {
        Err("this is the server".into())
    }

    fn connect(&mut self) -> Result<(), String> {
        Err("a server does not connect".into())
    }

    fn establish(&mut self, _wait: Duration) -> Result<(), String> {
        self.tick()
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn close(&mut self, link: Link) -> Result<(), String> {
        self.server.disconnect(link.into());
        Ok(())
    }

    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String> {
        if !self.server.can_send_message(link.into(), channel(reliable), payload.len()) {
            return Ok(false);
        }
        self.server.send_message(link.into(), channel(reliable), Bytes::copy_from_slice(payload));
        Ok(true)
    }

    fn flush(&mut self) -> Result<(), String> {
        // Many connections get theirs with the tick.
        if self.tick.is_zero() {
            self.transport.send_packets(&mut self.server);
        }
        Ok(())
    }

    fn wait_room(&mut self, _link: Link, wait: Duration) -> Result<(), String> {
        wait_readable(&self.socket, wait);
        self.tick()
    }

    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String> {
        if self.tick.is_zero() {
            wait_readable(&self.socket, wait);
        } else {
            let rest = self.tick.saturating_sub(self.ticked.elapsed());
            std::thread::sleep(rest.min(wait));
            if rest > wait {
                return Ok(());
            }
        }
        self.tick()?;
        for link in &self.links {
            for channel in [UNRELIABLE, RELIABLE] {
                while let Some(message) = self.server.receive_message(u64::from(*link), channel) {
                    each(*link, &message);
                }
            }
        }
        self.transport.send_packets(&mut self.server);
        Ok(())
    }
}

struct Client {
    /// The transport's socket again, to wait for it.
    socket: UdpSocket,
    renet: RenetClient,
    transport: NetcodeClientTransport,
    updated: Instant,
    connected: bool,
    /// Something was given to it to send.
    has_news: bool,
}

/// The clients of a process; each has a socket.
pub(super) struct Clients {
    job: Job,
    server: SocketAddr,
    /// By link; those that were closed are gone.
    clients: Vec<Option<Client>>,
    poll: Poll,
    events: Events,
    tick: Duration,
    ticked: Instant,
    cared: Instant,
    links: Vec<Link>,
    with_news: Vec<Link>,
    /// Messages that came while sending.
    early: VecDeque<(Link, Bytes)>,
}

impl Client {
    fn update(&mut self) -> Result<(), String> {
        let passed = self.updated.elapsed();
        self.updated += passed;
        self.renet.update(passed);
        self.transport.update(passed, &mut self.renet).map_err(|error| error.to_string())?;
        if self.renet.is_connected() {
            // A full socket is a lossy path.
            let _ = self.transport.send_packets(&mut self.renet);
        }
        Ok(())
    }
}

impl Clients {
    /// Updates one, and keeps what it has received.
    fn update(&mut self, link: Link) -> Result<(), String> {
        let Some(client) = &mut self.clients[link as usize] else { return Ok(()) };
        client.update()?;
        if !client.connected {
            // What has just come shows with the next tick.
            client.update()?;
        }
        client.has_news = false;
        if !client.connected && client.renet.is_connected() {
            client.connected = true;
            self.links.push(link);
        }
        for channel in [UNRELIABLE, RELIABLE] {
            while let Some(message) = client.renet.receive_message(channel) {
                self.early.push_back((link, message));
            }
        }
        Ok(())
    }

    /// Updates those that can read something within this time, and now and then all.
    fn update_readable(&mut self, wait: Duration) -> Result<(), String> {
        // The poll rounds up to milliseconds.
        if let [Some(client)] = &self.clients[..] {
            wait_readable(&client.socket, wait);
            return self.update(0);
        }
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error.to_string()),
            _ => {}
        }
        let readable: Vec<Link> = self.events.iter().map(|event| event.token().0 as Link).collect();
        for link in readable {
            self.update(link)?;
        }
        if self.cared.elapsed() > CARE {
            self.cared = Instant::now();
            for link in 0..self.clients.len() as Link {
                self.update(link)?;
            }
        }
        Ok(())
    }
}

impl Endpoint for Clients {
    fn serve(_job: &Job) -> Result<(Self, SocketAddr), String> {
        Err("these are the clients".into())
    }

    fn client(job: &Job, server: SocketAddr) -> Result<Self, String> {
        let poll = Poll::new().map_err(|error| error.to_string())?;
        let now = Instant::now();
        Ok(Self {
            job: *job,
            server,
            clients: Vec::new(),
            poll,
            events: Events::with_capacity(CONNECTIONS_MAX),
            tick: tick(job),
            ticked: now,
            cared: now,
            links: Vec::new(),
            with_news: Vec::new(),
            early: VecDeque::new(),
        })
    }

    fn connect(&mut self) -> Result<(), String> {
        let socket = bound()?;
        let token = Token(self.clients.len());
        let register = self.poll.registry().register(&mut SourceFd(&socket.as_raw_fd()), token, Interest::READABLE);
        register.map_err(|error| error.to_string())?;
        let again = socket.try_clone().map_err(|error| error.to_string())?;
        let authentication = ClientAuthentication::Unsecure {
            protocol_id: PROTOCOL_ID,
            client_id: self.clients.len() as u64,
            server_addr: self.server,
            user_data: None,
        };
        let transport = NetcodeClientTransport::new(unix_time(), authentication, socket);
        let transport = transport.map_err(|error| error.to_string())?;
        let renet = RenetClient::new(config(&self.job));
        let updated = Instant::now();
        let client = Client { socket: again, renet, transport, updated, connected: false, has_news: false };
        self.clients.push(Some(client));
        self.update(token.0 as Link)
    }

    fn establish(&mut self, wait: Duration) -> Result<(), String> {
        self.update_readable(wait.min(Duration::from_millis(1)))?;
        // A handshake goes on only when it is called.
        let connecting = |client: &Option<Client>| client.as_ref().is_some_and(|client| !client.connected);
        for link in 0..self.clients.len() {
            if connecting(&self.clients[link]) {
                self.update(link as Link)?;
            }
        }
        Ok(())
    }

    fn links(&self) -> &[Link] {
        &self.links
    }

    fn close(&mut self, link: Link) -> Result<(), String> {
        self.links.retain(|known| *known != link);
        if let Some(mut client) = self.clients[link as usize].take() {
            client.transport.disconnect();
        }
        Ok(())
    }

    fn send(&mut self, link: Link, payload: &[u8], reliable: bool) -> Result<bool, String> {
        let Some(client) = &mut self.clients[link as usize] else { return Err(format!("{link} is closed")) };
        if !client.renet.can_send_message(channel(reliable), payload.len()) {
            return Ok(false);
        }
        client.renet.send_message(channel(reliable), Bytes::copy_from_slice(payload));
        if !client.has_news {
            client.has_news = true;
            self.with_news.push(link);
        }
        Ok(true)
    }

    fn flush(&mut self) -> Result<(), String> {
        if matches!(self.job.load, Load::Flood { .. }) && self.ticked.elapsed() < self.tick {
            return Ok(());
        }
        self.ticked = Instant::now();
        for link in std::mem::take(&mut self.with_news) {
            self.update(link)?;
        }
        Ok(())
    }

    fn wait_room(&mut self, link: Link, wait: Duration) -> Result<(), String> {
        if self.tick.is_zero() {
            // What is left of the channel may leave with the next tick.
            return self.update(link);
        }
        std::thread::sleep(self.tick.saturating_sub(self.ticked.elapsed()).min(wait));
        self.ticked = Instant::now();
        self.update(link)
    }

    fn receive(&mut self, wait: Duration, each: &mut impl FnMut(Link, &[u8])) -> Result<(), String> {
        if self.early.is_empty() {
            self.update_readable(wait)?;
        }
        for (link, message) in self.early.drain(..) {
            each(link, &message);
        }
        Ok(())
    }
}
