//! What carries the client out: a thread, and an instance of its own for the one connection to the backend.

use std::cell::Cell;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gamesockets_proto::Identity;
use gamesockets_proto::crypto::{LocalCertificate, PrivateKey, PublicKey};
use gamesockets_proto::wire::CertificateSigned;
use gamesockets_schema::{
    ConfigValue, ConnectionEnd, ConnectionState, DebugOutputType, InfoFlags, ResultCode, SendFlags,
};
use gamesockets_services::NetworkAddress;
use gamesockets_services::messages::Cert;
use prost::Message as _;

use super::client::{Client, Output, Player};
use super::events::NetworkEvent;
use super::keys::Held;
use super::link::{Handle, Link};
use super::options::Network;
use crate::config::ConfigEntry;
use crate::driver::Driver;
use crate::error::Error;
use crate::events::Event;
use crate::handles::Connection;
use crate::message::OutgoingMessage;
use crate::sockets::Sockets;

/// The name in the certificate of every backend.
const BACKEND: &str = "str:gamesockets-backend";
/// How long an attempt to connect takes at most, ms.
const CONNECT_MS: i32 = 5_000;
/// Messages that are taken at once.
const BATCH: usize = 64;
/// Lane 1, signals, goes first.
const LANES: ([i32; 2], [u16; 2]) = ([1, 0], [1, 1]);
const END: i32 = ConnectionEnd::APP_GENERIC.0;

/// What the thread works with.
struct Shared {
    driver: Arc<Driver>,
    /// Of our own: the network's root is trusted here, and nobody else.
    inner: Sockets,
    address: NetworkAddress,
    held: Held,
    app: u32,
    link: Arc<Link>,
    /// The connection to the backend, or the attempt at one.
    connection: Cell<Option<Connection>>,
}

fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}

/// The player's key, made or found.
pub(crate) fn key(network: &Network) -> Result<Held, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| Error::starting("randomness", error))?;
    Ok(Held::open(&network.key, network.app, seed))
}

/// Starts the thread, which logs in.
pub(crate) fn start(driver: Arc<Driver>, network: Network, identity: Identity, held: Held) -> Result<Handle, Error> {
    let inner = Sockets::anonymous()?;
    inner.show_bare_key(held.seed);
    for key in &network.address.keys {
        let key = PublicKey::from_bytes(key).map_err(Error::trusted_ca)?;
        inner.add_trusted_ca(key.to_openssh("network").as_bytes())?;
        driver.change_credentials(|own| own.trust_mut().add_root(&key.to_bytes())).map_err(Error::trusted_ca)?;
    }
    driver.change_credentials(|own| own.trust_mut().set_app_id(network.app));
    if let Some(warning) = &held.warning {
        driver.log.write(DebugOutputType::Warning, format_args!("{warning}"));
    }
    if network.address.keys.is_empty() {
        let text = "the network's address has no key: whoever has that port of this machine is believed";
        driver.log.write(DebugOutputType::Important, format_args!("{text}"));
    }
    let player = Player {
        is_derived: identity.steam_id() == Some(held.steam_id),
        identity,
        app: network.app,
        name: network.name,
        token: network.token,
        instance: u64::from(random()) << 32 | u64::from(random()),
    };
    let link = Arc::new(Link::new(Client::new(player)));
    let shared = Shared {
        driver,
        inner,
        address: network.address,
        held,
        app: network.app,
        link: Arc::clone(&link),
        connection: Cell::new(None),
    };
    let thread = std::thread::Builder::new()
        .name("gamesockets-net".into())
        .spawn(move || shared.run())
        .map_err(|error| Error::starting("thread", error))?;
    Ok(Handle::new(link, thread))
}

impl Shared {
    /// Calls the client, and does what comes of it.
    fn with<T>(&self, call: impl FnOnce(&mut Client, u64) -> T) -> T {
        let mut client = self.link.client.lock();
        let answer = call(&mut client, self.link.now());
        let outputs = std::mem::take(&mut client.outputs);
        drop(client);
        self.carry_out(outputs);
        answer
    }

    /// Does what the client wants done.
    fn carry_out(&self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Frame { frame, lane } => {
                    let Some(connection) = self.connection.get() else { continue };
                    let flags =
                        if lane == 0 { SendFlags::RELIABLE_NO_NAGLE } else { signal_flags(frame.encoded_len()) };
                    let payload = frame.encode_to_vec();
                    let sent = self.inner.send_message(OutgoingMessage { connection, payload: &payload, lane, flags });
                    if let (Err(error), 0) = (sent, lane) {
                        tracing::debug!(%error, "a request could not be sent: the connection begins anew");
                        let _ = self.inner.close_connection(connection, END, "", false);
                    }
                }
                Output::Event(event) => self.post(event),
                Output::Install(cert) => self.install(&cert),
                Output::Drop => {
                    if let Some(connection) = self.connection.take() {
                        let _ = self.inner.close_connection(connection, END, "", false);
                    }
                }
            }
        }
        self.driver.events.announce();
    }

    fn post(&self, event: Event) {
        if let Event::Network(NetworkEvent::ConnectFailed { text, .. }) = &event {
            self.driver.log.write(DebugOutputType::Warning, format_args!("{text}"));
        }
        self.driver.post(event);
    }

    fn install(&self, cert: &Cert) {
        let installed = self.driver.change_credentials(|own| {
            for authority in &cert.authorities {
                let authority = CertificateSigned::decode(&**authority).map_err(|error| error.to_string())?;
                own.trust_mut().add_authority(&authority).map_err(|error| error.to_string())?;
            }
            own.trust_mut().set_app_id(self.app);
            let signed = CertificateSigned::decode(&*cert.certificate).map_err(|error| error.to_string())?;
            let certificate = LocalCertificate::signed(&signed, self.held.seed).map_err(|error| error.to_string())?;
            own.key = Some(PrivateKey::from_seed(self.held.seed));
            own.install(certificate, self.driver.unix_seconds()).map_err(|error| error.to_string())
        });
        if let Err(error) = installed {
            let text = "the certificate that the backend gave is of no use";
            self.driver.log.write(DebugOutputType::Error, format_args!("{text}: {error}"));
        }
    }

    fn run(&self) {
        while !self.link.stops.load(Ordering::Acquire) {
            self.take_messages();
            self.take_events();
            let wants = self.with(|client, now| {
                client.handle_time(now);
                client.wants_connection(now)
            });
            if wants {
                self.connect();
            }
            let due = self.link.client.lock().due();
            self.wait(due.saturating_sub(self.link.now()));
        }
        self.with(|client, _| client.leave());
        if let Some(connection) = self.connection.take() {
            let _ = self.inner.close_connection(connection, END, "Left", true);
        }
    }

    /// Sleeps until something comes, somebody wakes the thread, or the time is over.
    fn wait(&self, ms: u64) {
        let deadline = Instant::now().checked_add(Duration::from_millis(ms.min(60_000)));
        let readable = async {
            match self.connection.get() {
                Some(connection) => drop(self.inner.readable(connection).await),
                None => std::future::pending().await,
            }
        };
        let woken = async {
            let is_woken = &self.link.is_woken;
            crate::sockets::until(&self.link.wake, || is_woken.swap(false, Ordering::AcqRel).then_some(())).await;
        };
        let (readable, events, woken) = (pin!(readable), pin!(self.inner.event_waits()), pin!(woken));
        wait_for_any(&mut [readable, events, woken], deadline);
    }

    fn connect(&self) {
        self.link.client.lock().trying();
        // Looking up a name may take its time; nobody waits for this thread.
        let connected = self.look_up().and_then(|address| {
            let allowed = if self.address.keys.is_empty() { 2 } else { 0 };
            let options = [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH];
            let mut options = options.map(|option| ConfigEntry::new(option, allowed)).to_vec();
            options.push(ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, CONNECT_MS));
            self.inner.connect_by_ip_address(address, &options).map_err(|error| error.to_string())
        });
        match connected {
            Ok(connection) => self.connection.set(Some(connection)),
            Err(text) => {
                self.with(|client, now| client.lost(now, ResultCode::NoConnection, text, false, random()));
            }
        }
    }

    fn look_up(&self) -> Result<SocketAddr, String> {
        let NetworkAddress { host, port, .. } = &self.address;
        let mut addresses = (host.as_str(), *port)
            .to_socket_addrs()
            .map_err(|error| format!("the network's host {host} is not found: {error}"))?;
        addresses.next().ok_or_else(|| format!("the network's host {host} has no address"))
    }

    fn take_messages(&self) {
        loop {
            let Some(connection) = self.connection.get() else { return };
            let messages = self.inner.receive_messages_on_connection(connection, BATCH).unwrap_or_default();
            if messages.is_empty() {
                return;
            }
            self.with(|client, now| messages.iter().for_each(|message| client.received(now, &message.payload)));
        }
    }

    fn take_events(&self) {
        while let Some(event) = self.inner.poll_event() {
            let Event::ConnectionStatusChanged { connection, info, .. } = event else { continue };
            if self.connection.get() != Some(connection) {
                let _ = self.inner.close_connection(connection, END, "", false);
                continue;
            }
            match info.connection_state {
                ConnectionState::Connected => {
                    let is_known =
                        !info.info_flags.contains(InfoFlags::UNAUTHENTICATED) || self.address.keys.is_empty();
                    if !is_known || info.identity_string != BACKEND {
                        let text = "whoever answers there is no backend of this network".to_owned();
                        self.lose(connection, ResultCode::AccessDenied, text, true);
                        continue;
                    }
                    let _ = self.inner.configure_connection_lanes(connection, &LANES.0, &LANES.1);
                    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    self.with(|client, _| client.connected(u64::try_from(unix.as_millis()).unwrap_or(u64::MAX)));
                }
                ConnectionState::ProblemDetectedLocally | ConnectionState::ClosedByPeer => {
                    // The backend may have said why, and the client then knows it.
                    self.take_messages();
                    let (result, is_final) = match info.end_reason {
                        ConnectionEnd::REMOTE_BAD_CERT | ConnectionEnd::REMOTE_BAD_CRYPT => {
                            (ResultCode::AccessDenied, true)
                        }
                        _ => (ResultCode::NoConnection, false),
                    };
                    let text = self.explain(&info, is_final);
                    self.lose(connection, result, text, is_final);
                }
                _ => {}
            }
        }
    }

    fn explain(&self, info: &gamesockets_schema::ConnectionInfo, is_final: bool) -> String {
        let NetworkAddress { host, port, .. } = &self.address;
        let cause = format!("({}: {})", info.end_reason.0, info.end_debug);
        if is_final {
            return format!(
                "{host}:{port} has another key than the network's address says {cause}: ask for the address"
            );
        }
        format!("no backend at {host}:{port} {cause}: start one with gamesockets-backend, or name another network")
    }

    fn lose(&self, connection: Connection, result: ResultCode, text: String, is_final: bool) {
        // It may have been dropped meanwhile, for a reason that is known.
        if self.connection.take().is_some() {
            self.with(|client, now| client.lost(now, result, text, is_final, random()));
        }
        let _ = self.inner.close_connection(connection, END, "", false);
    }
}

/// Short signals go in one datagram, and are not worth sending again.
fn signal_flags(len: usize) -> SendFlags {
    if len <= 1_100 { SendFlags::UNRELIABLE } else { SendFlags::RELIABLE_NO_NAGLE }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Sleeps until one of them is done, or the time is over.
fn wait_for_any(futures: &mut [Pin<&mut dyn Future<Output = ()>>], deadline: Option<Instant>) {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if futures.iter_mut().any(|future| future.as_mut().poll(&mut context) == Poll::Ready(())) {
            return;
        }
        match deadline {
            None => std::thread::park(),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return;
                }
                std::thread::park_timeout(left);
            }
        }
    }
}
