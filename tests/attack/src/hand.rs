//! A client played by hand, over a real socket: it completes a real handshake, and then says whatever an attack wants to
//! be said.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gamesockets_proto::crypto::{Cipher, LocalCertificate, TrustStore};
use gamesockets_proto::handshake::{ClientHandshake, Established, LocalHandshake};
use gamesockets_proto::wire::data_header::encode_data_header;
use gamesockets_proto::wire::{ChallengeReply, ConnectRequest, ControlPacket};
use gamesockets_proto::{ConnectionConfig, Identity, Timestamp};

/// An answer that has not come within this does not come.
const PATIENCE: Duration = Duration::from_secs(5);

/// The client, and what it has sent and received.
pub(crate) struct Hand {
    socket: UdpSocket,
    server: SocketAddr,
    handshake: ClientHandshake,
    session: Option<Established>,
    epoch: Instant,
    next_number: u64,
    /// Datagrams and bytes sent.
    pub(crate) sent: (u64, u64),
    /// Bytes received.
    pub(crate) received: u64,
}

impl Hand {
    /// At a port of this address of the loopback, with a name or none.
    pub(crate) fn new(from: [u8; 4], port: u16, server: SocketAddr, id: u32, name: Option<&str>) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::from(from), port))?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(Duration::from_millis(100)))?;
        let identity = name.map_or_else(Identity::localhost, |name| {
            Identity::from_generic_string(name).expect("names of attacks are short")
        });
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&id.to_le_bytes());
        let certificate = LocalCertificate::unsigned(&identity, 0, seed);
        let local = LocalHandshake::with_secrets(certificate, seed.map(|byte| !byte), u64::from(id));
        let (config, trust) = (ConnectionConfig::default(), Arc::new(TrustStore::default()));
        let handshake = ClientHandshake::with_local(identity, local, vec![Cipher::Aes256Gcm], &config, id, trust);
        Ok(Self {
            socket,
            server,
            handshake,
            session: None,
            epoch: Instant::now(),
            next_number: 2,
            sent: (0, 0),
            received: 0,
        })
    }

    /// With the handshake behind it.
    pub(crate) fn connected(from: [u8; 4], server: SocketAddr, id: u32) -> Result<Self, String> {
        let mut hand = Self::new(from, 0, server, id, None).map_err(|error| error.to_string())?;
        hand.connect()?;
        Ok(hand)
    }

    /// Goes through the handshake.
    pub(crate) fn connect(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(request) = self.request()? else { continue };
            let mut datagram = Vec::new();
            ControlPacket::ConnectRequest(Box::new(request)).encode(&mut datagram);
            self.send(&datagram)?;
            while let Some(packet) = self.receive() {
                if let ControlPacket::ConnectOk(ok) = packet {
                    let established = self.handshake.on_connect_ok(&ok, self.now(), self.server, 1_800_000_000);
                    self.session = Some(established.map_err(|reject| format!("{reject:?}"))?);
                    return self.say(&[]);
                }
            }
        }
        Err("the server let nobody in".to_owned())
    }

    /// Asks for a challenge; gives the request that answers it, not sent.
    pub(crate) fn request(&mut self) -> Result<Option<ConnectRequest>, String> {
        let Some(reply) = self.challenge()? else { return Ok(None) };
        match self.handshake.on_challenge_reply(&reply, self.now(), None) {
            Ok((ControlPacket::ConnectRequest(request), _)) => Ok(Some(*request)),
            _ => Ok(None),
        }
    }

    /// From now on nothing is waited for.
    pub(crate) fn hurry(&self) -> Result<(), String> {
        self.socket.set_nonblocking(true).map_err(|error| error.to_string())
    }

    /// Asks for a challenge, and does not wait for it.
    pub(crate) fn ask_for_challenge(&mut self) -> Result<(), String> {
        let mut datagram = Vec::new();
        self.handshake.challenge_request(self.now()).encode(&mut datagram);
        self.send(&datagram)
    }

    /// A request that answers the challenge, if that has come meanwhile.
    pub(crate) fn take_request(&mut self) -> Option<ConnectRequest> {
        let now = self.now();
        let mut buffer = [0; 2_048];
        let len = self.socket.recv(&mut buffer).ok()?;
        let Ok(ControlPacket::ChallengeReply(reply)) = ControlPacket::decode(&buffer[..len]) else { return None };
        match self.handshake.on_challenge_reply(&reply, now, None) {
            Ok((ControlPacket::ConnectRequest(request), _)) => Some(*request),
            _ => None,
        }
    }

    /// Asks for a challenge.
    pub(crate) fn challenge(&mut self) -> Result<Option<ChallengeReply>, String> {
        let mut datagram = Vec::new();
        self.handshake.challenge_request(self.now()).encode(&mut datagram);
        self.send(&datagram)?;
        while let Some(packet) = self.receive() {
            if let ControlPacket::ChallengeReply(reply) = packet {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// Sends a datagram as it is.
    pub(crate) fn send(&mut self, datagram: &[u8]) -> Result<(), String> {
        match self.socket.send(datagram) {
            // The server's buffer being full is what a flood is for.
            Ok(_) | Err(_) => {
                self.sent.0 += 1;
                self.sent.1 += datagram.len() as u64;
                Ok(())
            }
        }
    }

    /// Sends frames in the next packet of the session.
    pub(crate) fn say(&mut self, frames: &[u8]) -> Result<(), String> {
        let number = self.next_number;
        self.next_number += 1;
        let session = self.session.as_ref().ok_or("not connected")?;
        let mut datagram = Vec::with_capacity(frames.len() + 32);
        encode_data_header(&mut datagram, session.remote_connection_id, number, None, None);
        let start = datagram.len();
        datagram.extend_from_slice(frames);
        session.send_key.seal_in_place(number, &mut datagram, start);
        self.send(&datagram)
    }

    /// The next control packet that comes within 100 ms.
    pub(crate) fn receive(&mut self) -> Option<ControlPacket> {
        let mut buffer = [0; 2_048];
        loop {
            let len = self.socket.recv(&mut buffer).ok()?;
            self.received += len as u64;
            if let Ok(packet) = ControlPacket::decode(&buffer[..len]) {
                return Some(packet);
            }
        }
    }

    /// Counts what comes until then.
    pub(crate) fn listen_until(&mut self, end: Instant) {
        let mut buffer = [0; 2_048];
        while Instant::now() < end {
            if let Ok(len) = self.socket.recv(&mut buffer) {
                self.received += len as u64;
            }
        }
    }

    /// Our port.
    pub(crate) fn port(&self) -> u16 {
        self.socket.local_addr().map_or(0, |address| address.port())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.epoch.elapsed().as_micros() as u64)
    }
}
