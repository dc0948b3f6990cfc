//! A certificate authority, instances with its certificates, and peers that show what an honest library would not.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gamesockets::{ConfigEntry, ConfigValue, Connection, ConnectionEnd, ConnectionState, ListenSocket, Sockets};
use gamesockets_proto as proto;
use gamesockets_proto::connection::ConnectParams;
use gamesockets_proto::crypto::{CertificateAuthority, Grant, LocalCertificate, PrivateKey, read_request, request};
use gamesockets_proto::endpoint::ListenParams;
use gamesockets_proto::wire::CertificateSigned;
use gamesockets_proto::{ConnectionConfig, Endpoint, Identity, Incoming, Timestamp};
use prost::Message as _;

use crate::common::{self, LIMIT, reachable};

pub(crate) const HOUR: i64 = 3_600;

pub(crate) fn identity(name: &str) -> Identity {
    format!("str:{name}").parse().unwrap()
}

/// Now and this many seconds, Unix time.
pub(crate) fn unix_seconds(offset: i64) -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    u32::try_from(now.checked_add_signed(offset).unwrap()).unwrap()
}

/// For app 0, from an hour ago to in an hour.
pub(crate) fn grant() -> Grant {
    Grant { app_ids: vec![0], time_created: unix_seconds(-HOUR), time_expiry: unix_seconds(HOUR), ..Grant::default() }
}

/// Neither from here nor from elsewhere without authentication.
pub(crate) fn required() -> Vec<ConfigEntry> {
    allow_without_auth(0)
}

/// The two options that say whether peers may come without authentication.
pub(crate) fn allow_without_auth(value: i32) -> Vec<ConfigEntry> {
    [ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH]
        .map(|option| ConfigEntry::new(option, value))
        .to_vec()
}

/// The same, for connections that are to fail soon.
pub(crate) fn impatient(mut options: Vec<ConfigEntry>) -> Vec<ConfigEntry> {
    options.push(ConfigEntry::new(ConfigValue::TIMEOUT_INITIAL, 700));
    options
}

/// A certificate authority.
pub(crate) struct Ca(pub(crate) CertificateAuthority);

impl Ca {
    pub(crate) fn new(seed: u8) -> Self {
        Self(CertificateAuthority::new(PrivateKey::from_seed([seed; 32])))
    }

    /// Its public key as text.
    pub(crate) fn public(&self) -> String {
        self.0.public_key().to_openssh("")
    }

    pub(crate) fn sign(&self, request: &[u8], grant: &Grant) -> Vec<u8> {
        self.0.sign_request(&read_request(request).unwrap(), grant).unwrap().encode_to_vec()
    }

    /// An instance with this name, a certificate of ours, and trust in us.
    pub(crate) fn member(&self, name: &str) -> Sockets {
        let sockets = Sockets::new(identity(name)).unwrap();
        sockets.add_trusted_ca(self.public().as_bytes()).unwrap();
        sockets.set_certificate(&self.sign(&sockets.certificate_request(), &grant())).unwrap();
        sockets
    }
}

/// The id of the key that a certificate request of this instance names.
pub(crate) fn key_id(sockets: &Sockets) -> u64 {
    let request = read_request(&sockets.certificate_request()).unwrap();
    let key: [u8; 32] = request.cert.unwrap().key_data.unwrap()[..].try_into().unwrap();
    proto::crypto::PublicKey::from_bytes(&key).unwrap().id()
}

pub(crate) fn listen(sockets: &Sockets, options: &[ConfigEntry]) -> (ListenSocket, SocketAddr) {
    let socket = sockets.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), options).unwrap();
    (socket, reachable(sockets.listen_socket_address(socket).unwrap()))
}

/// How a connection that must fail has ended.
pub(crate) fn end_of(sockets: &Sockets, connection: Connection) -> (ConnectionEnd, String) {
    let failed = ConnectionState::ProblemDetectedLocally;
    let info = common::wait_for_connection(sockets, connection, failed);
    (info.end_reason, info.end_debug)
}

/// A certificate and key that are shown whether they are valid or not.
pub(crate) fn credentials(ca: &Ca, name: &str, grant: &Grant) -> (Identity, LocalCertificate) {
    let key = PrivateKey::from_seed([77; 32]);
    let request = request(key.public_key(), Some(&identity(name)));
    let signed: CertificateSigned = ca.0.sign_request(&request, grant).unwrap();
    (identity(name), LocalCertificate::signed(&signed, key.seed()).unwrap())
}

fn bare_socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> Option<(Vec<u8>, SocketAddr)> {
    let mut buffer = vec![0; 2048];
    match socket.recv_from(&mut buffer) {
        Ok((len, from)) => {
            buffer.truncate(len);
            Some((buffer, from))
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
        Err(error) => panic!("{error}"),
    }
}

fn transmit(socket: &UdpSocket, connection: &mut proto::Connection, now: Timestamp) {
    let mut out = Vec::new();
    while connection.poll_transmit(now, &mut out, 1).is_some() {
        socket.send_to(&out, connection.remote_address()).unwrap();
        out.clear();
    }
}

/// Connects with these credentials; gives the state that it ends in, and why.
pub(crate) fn connect_as(
    remote: SocketAddr,
    (identity, certificate): (Identity, LocalCertificate),
) -> (ConnectionState, ConnectionEnd) {
    let socket = bare_socket();
    let start = Instant::now();
    let now = || Timestamp::from_micros(1) + start.elapsed();
    let config = ConnectionConfig { timeout_initial: Duration::from_millis(700), ..ConnectionConfig::default() };
    let params = ConnectParams {
        remote,
        identity,
        config,
        seed: [5; 32],
        connection_id: 0x0102_0304,
        unix_seconds_at_zero: u64::from(unix_seconds(0)),
        trust: Arc::default(),
        certificate: Some(certificate),
    };
    let mut connection = proto::Connection::connect(now(), params);
    while start.elapsed() < LIMIT && connection.state() == ConnectionState::Connecting {
        transmit(&socket, &mut connection, now());
        if let Some((mut datagram, _)) = receive(&socket) {
            connection.handle_datagram(now(), &mut datagram);
        }
        connection.handle_timeout(now());
    }
    (connection.state(), connection.end_reason())
}

/// A server that shows these credentials and accepts whoever comes, on a thread of its own, until it is told why its
/// connection was closed.
pub(crate) fn serve_as(
    (identity, certificate): (Identity, LocalCertificate),
) -> (SocketAddr, std::thread::JoinHandle<ConnectionEnd>) {
    let socket = bare_socket();
    let address = socket.local_addr().unwrap();
    let serve = move || {
        let start = Instant::now();
        let now = || Timestamp::from_micros(1) + start.elapsed();
        let mut endpoint = Endpoint::listen(ListenParams {
            identity,
            config: ConnectionConfig::default(),
            seed: [6; 32],
            unix_seconds_at_zero: u64::from(unix_seconds(0)),
        });
        endpoint.set_certificate(Some(certificate));
        let mut connection: Option<proto::Connection> = None;
        let mut reply = Vec::new();
        while start.elapsed() < LIMIT {
            let Some((mut datagram, from)) = receive(&socket) else { continue };
            match endpoint.handle_datagram(now(), from, &datagram, &mut reply, || 0x0506_0708) {
                Incoming::Reply => drop(socket.send_to(&reply, from).unwrap()),
                Incoming::New(mut new) => {
                    endpoint.insert(&new, 0_u8);
                    new.accept(now()).unwrap();
                    connection = Some(*new);
                }
                Incoming::Connection(_) => connection.as_mut().unwrap().handle_datagram(now(), &mut datagram),
                Incoming::Dropped => {}
            }
            if let Some(connection) = &mut connection {
                transmit(&socket, connection, now());
                if connection.state() == ConnectionState::ClosedByPeer {
                    return connection.end_reason();
                }
            }
        }
        panic!("nobody closed the connection")
    };
    (address, std::thread::spawn(serve))
}
